package io.bactrian.bench.startup;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.SessionFunction;
import org.tensorflow.Signature.TensorDescription;
import org.tensorflow.Tensor;
import org.tensorflow.internal.types.registry.TensorTypeRegistry;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.ByteDataBuffer;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.TString;

/**
 * What TensorFlow Java alone needs: each SavedModel is loaded and its default signature run once,
 * on one row of zeros or empty strings. Then it waits to be killed.
 */
public final class BareSession {

    private BareSession() {}

    /**
     * @param directories the SavedModels'
     */
    public static void main(String[] directories) throws IOException {
        List<SavedModelBundle> loaded = new ArrayList<>();
        for (String directory : directories) {
            SavedModelBundle bundle = SavedModelBundle.load(directory, "serve");
            loaded.add(bundle);
            SessionFunction function = bundle.function("serving_default");
            Map<String, Tensor> inputs = new LinkedHashMap<>();
            for (Entry<String, TensorDescription> input :
                    function.signature().getInputs().entrySet()) {
                inputs.put(input.getKey(), zeros(input.getValue()));
            }
            function.call(inputs).close();
            inputs.values().forEach(Tensor::close);
        }
        System.out.println("ready");
        System.out.flush();
        while (System.in.read() >= 0) {
            // Until the benchmark has looked at the memory.
        }
        loaded.forEach(SavedModelBundle::close);
    }

    private static Tensor zeros(TensorDescription description) {
        long[] sizes = description.shape.asArray().clone();
        for (int i = 0; i < sizes.length; i++) {
            sizes[i] = Math.max(1, sizes[i]);
        }
        Shape shape = Shape.of(sizes);
        if (description.dataType == DataType.DT_STRING) {
            var empty = NdArrays.ofObjects(String.class, shape);
            empty.scalars().forEach(each -> each.setObject(""));
            return TString.tensorOf(empty);
        }
        Tensor zeros = Tensor.of(TensorTypeRegistry.find(description.dataType).type(), shape);
        ByteDataBuffer bytes = zeros.asRawTensor().data();
        for (long i = 0; i < bytes.size(); i++) {
            bytes.setByte((byte) 0, i);
        }
        return zeros;
    }
}
