package io.bactrian.preprocess;

import io.bactrian.pipeline.BodyText;
import io.bactrian.pipeline.ModelTensor;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.preprocess.text.IdElements;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.TensorBuffer;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.spi.Metadata;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TType;

/**
 * The preprocessor of a file's first and last bytes as ids 0 to 255, as models of file types take
 * them: {@code [1, first + last]} of the model's dtype. A short file is padded after its first
 * bytes and before its last.
 */
@Metadata(
        label = "bean",
        description =
                "Makes ids of a body's first and last bytes, 0 to 255, as models of file types take"
                        + " them; a short body is padded after its first bytes and before its last.",
        annotations = {"interfaceName=org.apache.camel.Processor"})
public class ByteIdsPreprocessor extends Preprocessor {

    @Metadata(
            description =
                    "How many of the first bytes. Not set: as many as the model's input takes beside"
                            + " the last")
    private @Nullable Integer first;

    @Metadata(description = "How many of the last bytes")
    private int last;

    @Metadata(
            description =
                    "Whether white space is left out at the beginning and end: space, tab, line feed,"
                            + " carriage return, vertical tab and form feed, as by Python's bytes.strip")
    private boolean strip;

    @Metadata(description = "The id of padding")
    private int paddingId = 256;

    private volatile @Nullable Plan plan;

    private record Plan(DType dtype, int first) {}

    /** {@return how many of the first bytes; null for as many as the model takes} */
    public @Nullable Integer getFirst() {
        return first;
    }

    /**
     * Sets how many of the first bytes.
     *
     * @param first null for as many as the model takes, as by default
     * @throws PipelineFaultException below 0
     */
    public void setFirst(@Nullable Integer first) {
        if (first != null && first < 0) {
            throw PipelineFaultException.property("first", "0 or more", first);
        }
        this.first = first;
    }

    /** {@return how many of the last bytes} */
    public int getLast() {
        return last;
    }

    /**
     * Sets how many of the last bytes.
     *
     * @param last 0 by default
     * @throws PipelineFaultException below 0
     */
    public void setLast(int last) {
        if (last < 0) {
            throw PipelineFaultException.property("last", "0 or more", last);
        }
        this.last = last;
    }

    /** {@return whether white space is left out at the beginning and end} */
    public boolean isStrip() {
        return strip;
    }

    /**
     * Sets whether white space is left out at the beginning and end.
     *
     * @param strip false by default
     */
    public void setStrip(boolean strip) {
        this.strip = strip;
    }

    /** {@return the id of padding} */
    public int getPaddingId() {
        return paddingId;
    }

    /**
     * Sets the id of padding.
     *
     * @param paddingId 256 by default
     */
    public void setPaddingId(int paddingId) {
        this.paddingId = paddingId;
    }

    @Override
    protected void configure(List<ModelTensor> inputs) {
        DType dtype =
                dtype(
                        null,
                        inputs,
                        each -> each == DType.INT32 || each == DType.INT64 || each == DType.FLOAT32,
                        DType.INT32);
        Integer known = first;
        for (ModelTensor input : inputs) {
            Shape shape = input.shape();
            if (shape.isUnknown()) {
                continue;
            }
            if (shape.numDimensions() != 2) {
                throw new PipelineFaultException("makes ids [1, length], but " + input);
            }
            long length = shape.get(1);
            if (length == Shape.UNKNOWN_SIZE) {
                continue;
            }
            if (known == null && length >= last) {
                known = Math.toIntExact(length) - last;
            }
            if (known == null || (long) known + last != length) {
                throw new PipelineFaultException(
                        (known == null ? "" : "first is " + known + " and ")
                                + "last is "
                                + last
                                + ", but "
                                + input);
            }
        }
        if (inputs.isEmpty() && known == null) {
            // Known once the step is bound to a model.
            plan = null;
            return;
        }
        if (known == null || known + last == 0) {
            throw new PipelineFaultException("set first, last or both: the model leaves it open");
        }
        plan = new Plan(dtype, known);
    }

    /**
     * {@inheritDoc}
     *
     * @throws BadInputException if the body is empty
     */
    @Override
    protected TType tensor(Exchange exchange) {
        Plan current = plan;
        if (current == null) {
            throw new PipelineFaultException("set first, last or both: no model is known");
        }
        byte[] body = BodyText.bytes(exchange, exchange.getMessage().getBody());
        int begin = 0;
        int end = body.length;
        while (strip && begin < end && isWhiteSpace(body[begin])) {
            begin++;
        }
        while (strip && begin < end && isWhiteSpace(body[end - 1])) {
            end--;
        }
        if (begin == end) {
            throw new BadInputException("the body is empty, expected a file");
        }
        TensorBuffer ids = new TensorBuffer(current.dtype());
        for (int i = 0; i < current.first(); i++) {
            IdElements.add(begin + i < end ? body[begin + i] & 0xff : paddingId, ids);
        }
        for (int i = last; i > 0; i--) {
            IdElements.add(end - i >= begin ? body[end - i] & 0xff : paddingId, ids);
        }
        return ids.build(Shape.of(1, current.first() + last));
    }

    private static boolean isWhiteSpace(byte each) {
        return each == ' ' || (each >= '\t' && each <= '\r');
    }
}
