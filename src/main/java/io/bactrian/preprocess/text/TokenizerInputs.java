package io.bactrian.preprocess.text;

import io.bactrian.pipeline.ModelTensor;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.SignatureTensors;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.TensorBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;

/** The inputs of a model that take a tokenizer's ids, mask and type ids, each by its name. */
public final class TokenizerInputs {

    /** A buffer that grows is copied to a larger one. */
    private static final int GROWTH = 3;

    private final Input ids;
    private final @Nullable Input mask;
    private final @Nullable Input types;

    /** The inputs whose length is fixed. */
    private final List<ModelTensor> fixed;

    private record Input(String name, DType dtype) {}

    private TokenizerInputs(
            Input ids, @Nullable Input mask, @Nullable Input types, List<ModelTensor> fixed) {
        this.ids = ids;
        this.mask = mask;
        this.types = types;
        this.fixed = fixed;
    }

    /**
     * {@return those of an unknown model, in int32: of the names that are set, else Python's}
     *
     * @param ids the name of the input that takes the ids; null if it is not set
     * @param mask the name of the input that takes the mask; null if it is not set
     * @param types the name of the input that takes the type ids; null if it is not set
     */
    public static TokenizerInputs unbound(
            @Nullable String ids, @Nullable String mask, @Nullable String types) {
        return new TokenizerInputs(
                new Input(ids == null ? "input_ids" : ids, DType.INT32),
                new Input(mask == null ? "attention_mask" : mask, DType.INT32),
                types == null ? null : new Input(types, DType.INT32),
                List.of());
    }

    /**
     * {@return those of models}
     *
     * @param signatures at least one
     * @param ids the property {@code idsInput}, or null to find it by its name; likewise the others
     * @param mask the property {@code maskInput}, or null
     * @param types the property {@code typesInput}, or null
     * @throws PipelineFaultException if an input can't be found, is none of a tokenizer, or the
     *     models differ
     */
    public static TokenizerInputs of(
            List<SignatureTensors> signatures,
            @Nullable String ids,
            @Nullable String mask,
            @Nullable String types) {
        TokenizerInputs first = null;
        for (SignatureTensors signature : signatures) {
            TokenizerInputs each = of(signature, ids, mask, types);
            if (first != null && !first.equalInputs(each)) {
                throw new PipelineFaultException(
                        "feeds models with different inputs: use another bean of it where "
                                + signature.list());
            }
            first = each;
        }
        return Objects.requireNonNull(first);
    }

    private boolean equalInputs(TokenizerInputs other) {
        return ids.equals(other.ids)
                && Objects.equals(mask, other.mask)
                && Objects.equals(types, other.types)
                && Objects.equals(length(), other.length());
    }

    private static TokenizerInputs of(
            SignatureTensors signature,
            @Nullable String ids,
            @Nullable String mask,
            @Nullable String types) {
        ModelTensor masks = find(signature, "maskInput", mask, name -> name.contains("mask"));
        ModelTensor typeIds =
                find(
                        signature,
                        "typesInput",
                        types,
                        name -> name.contains("type") || name.contains("segment"));
        List<String> others = new ArrayList<>(signature.specs().keySet());
        for (ModelTensor taken : new ModelTensor[] {masks, typeIds}) {
            if (taken != null) {
                others.remove(taken.spec().name());
            }
        }
        String idsName = ids;
        if (idsName == null) {
            if (others.size() != 1) {
                throw new PipelineFaultException(
                        "set idsInput, maskInput and typesInput: " + signature.list());
            }
            idsName = others.get(0);
        }
        others.remove(idsName);
        if (!others.isEmpty()) {
            throw new PipelineFaultException(
                    "makes ids, mask and type ids, but " + signature.list());
        }
        ModelTensor idTensor = signature.select(idsName);
        Input idInput = input(idTensor);
        Input maskInput = masks == null ? null : input(masks);
        Input typesInput = typeIds == null ? null : input(typeIds);
        List<ModelTensor> fixed = new ArrayList<>();
        for (ModelTensor each : new ModelTensor[] {idTensor, masks, typeIds}) {
            if (each != null && fixedLength(each) != null) {
                fixed.add(each);
            }
        }
        return new TokenizerInputs(idInput, maskInput, typesInput, fixed);
    }

    private static @Nullable ModelTensor find(
            SignatureTensors signature,
            String property,
            @Nullable String set,
            Predicate<String> isMeant) {
        if (set != null) {
            if (!signature.specs().containsKey(set)) {
                throw new PipelineFaultException(
                        property + " is \"" + set + "\", but " + signature.list());
            }
            return signature.select(set);
        }
        List<String> meant =
                signature.specs().size() == 1
                        ? List.of()
                        : signature.specs().keySet().stream()
                                .filter(name -> isMeant.test(name.toLowerCase(Locale.ROOT)))
                                .toList();
        if (meant.size() > 1) {
            throw new PipelineFaultException("set " + property + ": " + signature.list());
        }
        return meant.isEmpty() ? null : signature.select(meant.get(0));
    }

    private static Input input(ModelTensor tensor) {
        DType dtype =
                DType.isSupported(tensor.dataType()) ? DType.of(tensor.dataType()) : DType.STRING;
        boolean isRows = tensor.shape().isUnknown() || tensor.shape().numDimensions() == 2;
        boolean isNumeric = dtype == DType.INT32 || dtype == DType.INT64 || dtype == DType.FLOAT32;
        if (!isNumeric || !isRows) {
            throw new PipelineFaultException(
                    "makes ids [rows, length] in int32, int64 or float32, but " + tensor);
        }
        return new Input(tensor.spec().name(), dtype);
    }

    private static @Nullable Integer fixedLength(ModelTensor tensor) {
        Shape shape = tensor.shape();
        if (shape.isUnknown() || shape.get(1) == Shape.UNKNOWN_SIZE) {
            return null;
        }
        return Math.toIntExact(shape.get(1));
    }

    /** {@return whether the length is fixed} */
    public boolean isFixed() {
        return !fixed.isEmpty();
    }

    /** {@return the fixed length, or null} */
    public @Nullable Integer length() {
        return fixed.isEmpty() ? null : fixedLength(fixed.get(0));
    }

    /**
     * Checks that the inputs take sequences of a length.
     *
     * @param length the number of ids in a sequence
     * @throws PipelineFaultException naming one whose length is another
     */
    public void checkLength(int length) {
        for (ModelTensor each : fixed) {
            if (!Integer.valueOf(length).equals(fixedLength(each))) {
                throw new PipelineFaultException("maxLength is " + length + ", but " + each);
            }
        }
    }

    /** {@return the bytes that {@link #tensors} allocates for each element of a row, at most} */
    public long bytesPerToken() {
        long bytes = 0;
        for (Input input : new Input[] {ids, mask, types}) {
            bytes += input == null ? 0 : Long.BYTES + (long) GROWTH * input.dtype().byteSize();
        }
        return bytes;
    }

    /** {@return the bytes of the tensors for each element of a row} */
    public long tensorBytesPerToken() {
        long bytes = 0;
        for (Input input : new Input[] {ids, mask, types}) {
            bytes += input == null ? 0 : input.dtype().byteSize();
        }
        return bytes;
    }

    /**
     * {@return the tensors of rows, each {@code [rows, length]}, which the caller must close}
     *
     * @param rows none longer than the length
     * @param length the length, at least 1
     * @param padsLeft whether the padding comes first
     * @param paddingId the id of padding
     * @param paddingTypeId the type id of padding
     */
    public NamedTensors tensors(
            List<TokenizedTexts.Row> rows,
            int length,
            boolean padsLeft,
            long paddingId,
            long paddingTypeId) {
        long[] idValues = new long[rows.size() * length];
        long[] typeValues = new long[types == null ? 0 : idValues.length];
        long[] maskValues = new long[mask == null ? 0 : idValues.length];
        Arrays.fill(idValues, paddingId);
        Arrays.fill(typeValues, paddingTypeId);
        for (int i = 0; i < rows.size(); i++) {
            TokenSequence sequence = rows.get(i).sequence();
            int at = i * length + (padsLeft ? length - sequence.length() : 0);
            System.arraycopy(sequence.ids(), 0, idValues, at, sequence.length());
            if (types != null) {
                System.arraycopy(sequence.typeIds(), 0, typeValues, at, sequence.length());
            }
            if (mask != null) {
                Arrays.fill(maskValues, at, at + sequence.length(), 1);
            }
        }
        Shape shape = Shape.of(rows.size(), length);
        try (NamedTensors.Builder tensors = NamedTensors.builder()) {
            put(tensors, ids, idValues, shape);
            put(tensors, mask, maskValues, shape);
            put(tensors, types, typeValues, shape);
            return tensors.build();
        }
    }

    private static void put(
            NamedTensors.Builder tensors, @Nullable Input input, long[] values, Shape shape) {
        if (input == null) {
            return;
        }
        TensorBuffer elements = new TensorBuffer(input.dtype());
        for (long value : values) {
            IdElements.add(value, elements);
        }
        tensors.put(input.name(), elements.build(shape));
    }
}
