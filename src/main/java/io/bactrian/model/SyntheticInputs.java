package io.bactrian.model;

import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.NativeMemory;
import io.bactrian.tensor.StringTensors;
import io.bactrian.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Random;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TType;

/** Inputs for the runs that no request asks for: warm-up, trials and measurements. */
final class SyntheticInputs {

    private SyntheticInputs() {}

    /** {@return zeros and empty strings, one row for each input, owned by the caller} */
    static NamedTensors zeros(Signature signature) {
        return zeros(signature, Map.of());
    }

    /**
     * {@return zeros and empty strings, owned by the caller}
     *
     * @param shapes shapes by input name that replace the declared ones; an unknown dimension is 1
     */
    static NamedTensors zeros(Signature signature, Map<String, Shape> shapes) {
        try (NamedTensors.Builder inputs = NamedTensors.builder()) {
            for (TensorSpec spec : signature.inputs().values()) {
                Shape shape = shapes.getOrDefault(spec.name(), spec.shape());
                inputs.put(spec.name(), zeros(spec.dtype(), shape));
            }
            return inputs.build();
        }
    }

    /** {@return as {@link #zeros(Signature)}, but with float32 elements drawn from [0, 1)} */
    static NamedTensors random(Signature signature) {
        NamedTensors inputs = zeros(signature);
        Random random = new Random(1);
        for (TensorSpec spec : signature.inputs().values()) {
            if (spec.dtype() == DType.FLOAT32) {
                ByteBuffer memory = NativeMemory.of(inputs.select(spec.name()));
                while (memory.hasRemaining()) {
                    memory.putFloat(random.nextFloat());
                }
            }
        }
        return inputs;
    }

    private static TType zeros(DType dtype, Shape declared) {
        long[] sizes = declared.isUnknown() ? new long[] {1} : declared.asArray().clone();
        for (int i = 0; i < sizes.length; i++) {
            sizes[i] = sizes[i] == Shape.UNKNOWN_SIZE ? 1 : sizes[i];
        }
        Shape shape = Shape.of(sizes);
        if (dtype == DType.STRING) {
            return StringTensors.of(shape, new byte[Math.toIntExact(shape.size())][0]);
        }
        TType tensor = dtype.allocate(shape);
        ByteBuffer memory = NativeMemory.of(tensor);
        memory.put(new byte[memory.capacity()]);
        return tensor;
    }
}
