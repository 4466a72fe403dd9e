package io.bactrian.format;

import io.bactrian.pipeline.ExchangeTensors;
import io.bactrian.pipeline.InputBound;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.SignatureTensors;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.TensorSpec;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.camel.Exchange;
import org.apache.camel.spi.DataFormat;
import org.apache.camel.spi.DataFormatName;
import org.apache.camel.support.service.ServiceSupport;
import org.jspecify.annotations.Nullable;
import org.tensorflow.types.family.TType;

/**
 * A wire format: the encoding of tensors in the bodies of requests and answers.
 *
 * <p>The built-in {@code predict} pipeline consumes and produces every format of {@link
 * WireFormats}. In a route each is a Camel data format, {@code unmarshal: {custom: {ref: npy}}}:
 * its unmarshalled body is {@link NamedTensors}, and tensors are what it marshals. It is bound to
 * the signature of the model that follows, from which it has names and dtypes.
 *
 * <p>A new format is a class that extends {@link BytesFormat}, or {@link StreamFormat} for bodies
 * that are not to be in memory as a whole, a line in {@link WireFormats}, and a file of that name
 * in META-INF/services/org/apache/camel/dataformat.
 */
public abstract sealed class WireFormat extends ServiceSupport
        implements DataFormat, DataFormatName, InputBound permits BytesFormat, StreamFormat {

    /** The exchange property that holds the {@link PredictLayout} of the request. */
    private static final String LAYOUT = "bactrian.predictLayout";

    private final String name;
    private final String mediaType;
    private volatile List<SignatureTensors> bound = List.of();

    /**
     * Creates a format.
     *
     * @param name the name of the data format, as routes have it
     * @param mediaType the media type of requests and answers, without parameters
     */
    protected WireFormat(String name, String mediaType) {
        this.name = name;
        this.mediaType = mediaType;
    }

    @Override
    public final String getDataFormatName() {
        return name;
    }

    /** {@return the media type of requests and answers, without parameters} */
    public final String mediaType() {
        return mediaType;
    }

    /** {@return whether bodies are text, which is converted to UTF-8 before it is read} */
    protected abstract boolean isText();

    /**
     * {@return a request, whose tensors the caller must close}
     *
     * @param memory where memory is reserved; the caller releases it
     */
    abstract PredictRequest read(
            Exchange exchange,
            @Nullable Object body,
            Function<@Nullable String, Map<String, TensorSpec>> inputsOf,
            ReadingMemory memory)
            throws IOException;

    /**
     * {@return the body of an answer}
     *
     * @param outputs the model's outputs by name, at least one; they are not closed
     * @param layout the layout of the request
     * @throws io.bactrian.pipeline.NotAcceptableException if this format can't represent the
     *     outputs
     * @throws BadInputException if these outputs can only be written in another layout
     */
    protected abstract byte[] write(Map<String, TType> outputs, PredictLayout layout);

    /**
     * Reads a request and sets its tensors as the exchange's body. Memory is reserved before; the
     * tensors' part stays reserved until the exchange is done.
     *
     * @param exchange the exchange of the request
     * @param body the body, of any type that Camel converts to bytes or a stream
     * @param inputsOf maps a signature's name, or null for the default signature, to its inputs by
     *     name
     * @return the request, whose tensors the exchange owns
     * @throws IOException if the body is a stream that can't be read
     */
    public final PredictRequest read(
            Exchange exchange,
            @Nullable Object body,
            Function<@Nullable String, Map<String, TensorSpec>> inputsOf)
            throws IOException {
        ReadingMemory memory = new ReadingMemory(exchange);
        try {
            PredictRequest request = read(exchange, body, inputsOf, memory);
            // Before the exchange owns the tensors: those read by asMap() after that are not freed
            // with it.
            long tensorBytes =
                    request.inputs().asMap().values().stream().mapToLong(TType::numBytes).sum();
            ExchangeTensors.setBody(exchange, request.inputs());
            exchange.setProperty(LAYOUT, request.layout());
            memory.keep(tensorBytes);
            return request;
        } catch (IOException | RuntimeException | Error e) {
            memory.release();
            throw e;
        }
    }

    /**
     * {@return the body of an answer, in the layout of the exchange's request}
     *
     * @param exchange the exchange of the request
     * @param outputs the model's outputs, which are not closed
     */
    public final byte[] write(Exchange exchange, NamedTensors outputs) {
        PredictLayout layout = exchange.getProperty(LAYOUT, PredictLayout.ROW, PredictLayout.class);
        try (NamedTensors.Reference reference = outputs.retain()) {
            return write(reference.asMap(), layout);
        }
    }

    @Override
    public void bindInputs(List<SignatureTensors> inputs) {
        SignatureTensors first = inputs.get(0);
        for (SignatureTensors other : inputs) {
            if (!other.isInterchangeableWith(first)) {
                throw new PipelineFaultException(
                        "makes the inputs of one signature, but "
                                + first.list()
                                + ", and "
                                + other.list());
            }
        }
        bound = List.copyOf(inputs);
    }

    private Map<String, TensorSpec> boundInputs(String signatureName) {
        if (bound.isEmpty()) {
            throw new PipelineFaultException(
                    "unmarshal: "
                            + name
                            + ": names and dtypes are those of the model that follows in the route,"
                            + " and there is none whose inputs these are");
        }
        SignatureTensors inputs = bound.get(0);
        if (signatureName != null && !signatureName.equals(inputs.signature())) {
            throw new BadInputException(
                    "the pipeline runs signature \""
                            + inputs.signature()
                            + "\" only: leave signature_name out");
        }
        return inputs.specs();
    }

    @Override
    public final Object unmarshal(Exchange exchange, Object body) throws IOException {
        return read(exchange, body, this::boundInputs).inputs();
    }

    @Override
    public final Object unmarshal(Exchange exchange, InputStream stream) throws IOException {
        return unmarshal(exchange, (Object) stream);
    }

    @Override
    public final void marshal(Exchange exchange, Object graph, OutputStream stream)
            throws Exception {
        if (!(graph instanceof NamedTensors tensors)) {
            throw new PipelineFaultException(
                    "marshal: "
                            + name
                            + ": expected tensors as the message body, got "
                            + (graph == null ? "none" : graph.getClass().getTypeName()));
        }
        stream.write(write(exchange, tensors));
        exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, mediaType);
    }
}
