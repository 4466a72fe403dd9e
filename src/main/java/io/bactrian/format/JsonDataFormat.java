package io.bactrian.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.InvalidDefinitionException;
import io.bactrian.limit.InsufficientMemoryException;
import io.bactrian.limit.OverloadedException;
import io.bactrian.pipeline.BodyOrigin;
import io.bactrian.pipeline.BodyText;
import io.bactrian.pipeline.ExchangeMemory;
import io.bactrian.pipeline.PipelineConstants;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.UpstreamAnswerException;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.NamedTensors;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.OutputStream;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.WrappedFile;
import org.apache.camel.component.jackson.JacksonDataFormat;
import org.apache.camel.spi.DataFormatFactory;

/**
 * Camel's Jackson data format with Bactrian's rules: {@link Dialect#BACTRIAN} for what is JSON, the
 * body's charset, and NaN and infinities as the bare tokens that Python's json writes and reads.
 *
 * <p>Jackson alone repairs or accepts ill-formed UTF-8, halves of surrogate pairs, numbers beyond
 * float64 and whatever follows the document; so the scanner that reads tensors validates each text
 * first, at a small part of Jackson's cost. Jackson's limits on lengths are lifted, since the
 * body's size is limited: strings, names and numbers may be as long as the body.
 *
 * <p>Options of the data format, such as {@code unmarshalType}, work as usual. With a user's {@code
 * ObjectMapper} the text is validated too; the rest is up to the mapper.
 */
public final class JsonDataFormat extends JacksonDataFormat {

    /** Tokens that Jackson suggests but that are rejected here. */
    private static final String JACKSONS_INFINITIES = " (or 'NaN'/'+INF'/'-INF')";

    /**
     * The name of the factory that Camel looks up before it creates its own Jackson data format.
     */
    private static final String FACTORY = "jackson-dataformat-factory";

    /** A message may quote a name from the body, which may be as long as the body. */
    private static final int MAX_MESSAGE = 2000;

    /** A class's package, in Jackson's messages. */
    private static final Pattern PACKAGE = Pattern.compile("\\b(?:\\w+\\.)+(?=[A-Z]\\w*)");

    /**
     * Registers the data format as {@code json} in a context.
     *
     * @param context the context, before it creates data formats
     */
    public static void useIn(CamelContext context) {
        context.getRegistry()
                .bind(FACTORY, DataFormatFactory.class, (DataFormatFactory) JsonDataFormat::new);
    }

    @Override
    protected ObjectMapper createNewObjectMapper() {
        int maxStringLength = getMaxStringLength();
        StreamReadConstraints constraints =
                StreamReadConstraints.builder()
                        .maxStringLength(maxStringLength > 0 ? maxStringLength : Integer.MAX_VALUE)
                        .maxNameLength(Integer.MAX_VALUE)
                        .maxNumberLength(Integer.MAX_VALUE)
                        .maxNestingDepth(Dialect.BACTRIAN.maxDepth())
                        .build();
        return new ObjectMapper(
                JsonFactory.builder()
                        .streamReadConstraints(constraints)
                        .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                        .disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS)
                        .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
                        // The shortest digits, which Java's own are from version 19 on.
                        .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
                        // Names are the callers': they need not stay.
                        .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                        .build());
    }

    /**
     * Writes a body as JSON. Bytes of an image, which a postprocessor has made for a request that
     * accepts them, stay as they are.
     *
     * @throws PipelineFaultException if the body is tensors, which Jackson can't write
     */
    @Override
    public void marshal(Exchange exchange, Object graph, OutputStream stream) throws Exception {
        if (graph instanceof byte[] bytes && isAcceptedImage(exchange)) {
            stream.write(bytes);
            return;
        }
        if (graph instanceof NamedTensors tensors) {
            throw new PipelineFaultException(
                    "marshal: the body is "
                            + tensors
                            + ", of which a postprocessor must make an answer first");
        }
        super.marshal(exchange, graph, stream);
    }

    private static boolean isAcceptedImage(Exchange exchange) {
        String type = exchange.getMessage().getHeader(Exchange.CONTENT_TYPE, String.class);
        return type != null
                && type.startsWith("image/")
                && type.equals(
                        exchange.getMessage().getHeader(PipelineConstants.ACCEPT, String.class));
    }

    /**
     * @throws BadInputException if the body is not JSON, or does not fit the target class
     * @throws UpstreamAnswerException if so, and the body comes from another system
     * @throws InsufficientMemoryException if its objects take more memory than there is
     * @throws OverloadedException if other requests hold too much of the memory now
     */
    @Override
    public Object unmarshal(Exchange exchange, Object body) throws Exception {
        try {
            return read(exchange, body);
        } catch (BadInputException e) {
            String other = BodyOrigin.other(exchange, body);
            throw other == null
                    ? e
                    : new UpstreamAnswerException(
                            other + " that the pipeline calls gave an answer that can't be read",
                            e);
        }
    }

    private Object read(Exchange exchange, Object body) throws Exception {
        Object content = body instanceof WrappedFile<?> file ? file.getBody() : body;
        if (content instanceof JsonNode) {
            return super.unmarshal(exchange, content);
        }
        byte[] json = BodyText.utf8(exchange, content);
        if (json.length == 0) {
            throw new BadInputException("the body is empty: expected JSON");
        }
        check(json);
        ExchangeMemory.reserve(exchange, "reading this JSON", JsonMemory.bytesAsObjects(json));
        try {
            return super.unmarshal(exchange, json);
        } catch (InvalidDefinitionException e) {
            throw e;
        } catch (JsonMappingException e) {
            throw new BadInputException("the body does not fit: " + describe(e));
        } catch (JsonProcessingException e) {
            throw invalid(describe(e));
        } catch (IllegalStateException e) {
            throw new BadInputException("the body has too many names with the same hash");
        }
    }

    private void check(byte[] json) throws IOException {
        try {
            JsonScanner scanner = new JsonScanner(json, Dialect.BACTRIAN);
            scanner.peekDocument();
            scanner.skipValue();
            scanner.endDocument();
        } catch (BadInputException e) {
            throw invalid(explain(json, e.getMessage()));
        }
    }

    /**
     * {@return Jackson's description of the error, which says more than the scanner's; the
     * scanner's if Jackson finds none}
     */
    private String explain(byte[] json, String scanners) throws IOException {
        // Tokens only, since to make values of them may take long.
        try (JsonParser parser = getObjectMapper().createParser(json)) {
            int depth = 0;
            JsonToken token;
            do {
                token = parser.nextToken();
                if (token != null) {
                    depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
                }
            } while (token != null && depth > 0);
        } catch (JsonProcessingException e) {
            return describe(e);
        } catch (CharConversionException e) {
            // Jackson took the bytes for UTF-16 or UTF-32, which are not accepted.
        }
        return scanners.replaceFirst("^JSON Parse error: ", "");
    }

    private static BadInputException invalid(String why) {
        return new BadInputException("the body is not valid JSON: " + why);
    }

    private static String describe(JsonProcessingException e) {
        String message = String.valueOf(e.getOriginalMessage());
        String what =
                PACKAGE.matcher(message.substring(0, Math.min(message.length(), MAX_MESSAGE)))
                        .replaceAll("")
                        .replace(JACKSONS_INFINITIES, "");
        JsonLocation where = e.getLocation();
        return where == null || where.getLineNr() < 0
                ? what
                : what + " (line " + where.getLineNr() + ", column " + where.getColumnNr() + ")";
    }
}
