package io.bactrian.model;

import io.bactrian.model.PredictionScheduler.Runner;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.NativeMemory;
import io.bactrian.tensor.StringTensors;
import io.bactrian.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TType;

/**
 * A trial that runs different random rows in a batch and one by one and compares the outputs. It
 * can refute that a model's rows are independent, but not prove it.
 */
final class RowIndependenceTrial {

    private static final int ROWS = 4;

    /** The sizes for unknown dimensions, tried in order; not every model accepts every size. */
    private static final int[] FREE_SIZES = {5, 1};

    /**
     * The tolerance relative to the largest magnitude in a tensor, or to 1 if that is larger: the
     * order of summation in a batch differs.
     */
    private static final double TOLERANCE = 1e-3;

    private final Runner runner;
    private final Signature signature;
    private final Random random = new Random(1);

    RowIndependenceTrial(Runner runner, Signature signature) {
        this.runner = runner;
        this.signature = signature;
    }

    /**
     * {@return an output whose rows differ in a batch and alone; null if there is none, or if the
     * model rejects random inputs}
     *
     * @throws PredictionException if the model fails
     * @throws io.bactrian.limit.InsufficientMemoryException if TensorFlow ran out of memory
     */
    @Nullable String differingOutput() {
        for (int size : FREE_SIZES) {
            List<NamedTensors> rows = new ArrayList<>();
            try {
                for (int i = 0; i < ROWS; i++) {
                    rows.add(randomRow(size));
                }
                return differingOutput(rows);
            } catch (BadInputException e) {
                // Another size may be accepted. Or not: a string may have to be an image.
            } finally {
                rows.forEach(NamedTensors::close);
            }
        }
        return null;
    }

    private @Nullable String differingOutput(List<NamedTensors> rows) {
        List<Map<String, TType>> inputs = rows.stream().map(NamedTensors::asMap).toList();
        List<NamedTensors> together = new ArrayList<>();
        try (NamedTensors joined = TensorBatch.join(inputs, ROWS, Map.of());
                NamedTensors outputs = runner.run(signature, joined.asMap())) {
            String problem = TensorBatch.problem(outputs, ROWS);
            if (problem != null) {
                throw new BrokenBatchException(problem);
            }
            int[] ones = Collections.nCopies(ROWS, 1).stream().mapToInt(each -> each).toArray();
            together.addAll(TensorBatch.split(outputs, ones));
            for (int i = 0; i < ROWS; i++) {
                try (NamedTensors alone = runner.run(signature, inputs.get(i))) {
                    String output = differing(alone, together.get(i));
                    if (output != null) {
                        return output;
                    }
                }
            }
            return null;
        } finally {
            together.forEach(NamedTensors::close);
        }
    }

    private @Nullable String differing(NamedTensors alone, NamedTensors together) {
        for (String name : signature.outputs().keySet()) {
            if (!TensorComparison.agree(alone.select(name), together.select(name), TOLERANCE)) {
                return name;
            }
        }
        return null;
    }

    private NamedTensors randomRow(int freeSize) {
        try (NamedTensors.Builder row = NamedTensors.builder()) {
            for (TensorSpec spec : signature.inputs().values()) {
                long[] sizes = spec.shape().asArray().clone();
                for (int axis = 0; axis < sizes.length; axis++) {
                    if (sizes[axis] == Shape.UNKNOWN_SIZE) {
                        sizes[axis] = axis == 0 ? 1 : freeSize;
                    }
                }
                row.put(spec.name(), randomTensor(spec.dtype(), Shape.of(sizes)));
            }
            return row.build();
        }
    }

    /**
     * {@return nonzero numbers, since zeros hide differences} Integers are small, as indices are.
     */
    private TType randomTensor(DType dtype, Shape shape) {
        if (dtype == DType.STRING) {
            byte[][] texts = new byte[Math.toIntExact(shape.size())][];
            Arrays.setAll(texts, i -> randomText());
            return StringTensors.of(shape, texts);
        }
        TType tensor = dtype.allocate(shape);
        ByteBuffer memory = NativeMemory.of(tensor);
        while (memory.hasRemaining()) {
            switch (dtype) {
                case FLOAT32 -> memory.putFloat(0.1f + random.nextFloat());
                case FLOAT64 -> memory.putDouble(0.1 + random.nextDouble());
                // From 0.5: the exponent and the highest bits of the significand.
                case FLOAT16 -> memory.putShort((short) (0x3800 + random.nextInt(0x300)));
                case BFLOAT16 -> memory.putShort((short) (0x3F00 + random.nextInt(0x60)));
                case INT32 -> memory.putInt(1 + random.nextInt(4));
                case INT64 -> memory.putLong(1 + random.nextInt(4));
                case UINT16 -> memory.putShort((short) (1 + random.nextInt(4)));
                case UINT8 -> memory.put((byte) (1 + random.nextInt(255)));
                case BOOL -> memory.put((byte) random.nextInt(2));
                case STRING -> throw new IllegalStateException();
            }
        }
        return tensor;
    }

    private byte[] randomText() {
        StringBuilder text = new StringBuilder();
        int words = 1 + random.nextInt(6);
        for (int i = 0; i < words; i++) {
            text.append(i == 0 ? "" : " ").append((char) ('a' + random.nextInt(26)));
            text.append(random.nextInt(1000));
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }
}
