package io.bactrian.format;

import io.bactrian.fuzz.NativeLeaks;
import io.bactrian.model.ModelNotFoundException;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.TensorSpec;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.DataType;

/** Any bytes are a predict request or are refused; what is read can be written. */
public final class PredictRequestFuzzer {

    private static final DataType[] TYPES = {
        DataType.DT_FLOAT,
        DataType.DT_DOUBLE,
        DataType.DT_HALF,
        DataType.DT_BFLOAT16,
        DataType.DT_UINT8,
        DataType.DT_UINT16,
        DataType.DT_INT32,
        DataType.DT_INT64,
        DataType.DT_BOOL,
        DataType.DT_STRING
    };

    private static final NativeLeaks LEAKS = new NativeLeaks();

    private PredictRequestFuzzer() {}

    /** The first byte chooses the signature's dtypes. */
    public static void fuzzerTestOneInput(byte[] bytes) {
        if (bytes.length == 0) {
            return;
        }
        byte[] json = Arrays.copyOfRange(bytes, 1, bytes.length);
        for (Dialect dialect : Dialect.values()) {
            try (var inputs =
                    PredictRequestReader.read(json, dialect, name -> inputs(bytes[0], name))
                            .inputs()) {
                PredictResponseWriter.write(inputs.asMap(), PredictLayout.COLUMN);
            } catch (BadInputException | ModelNotFoundException e) {
                // Refused.
            }
        }
        LEAKS.check();
    }

    private static Map<String, TensorSpec> inputs(byte types, String signature) {
        if (signature != null && !signature.equals("two")) {
            throw new ModelNotFoundException("there is no such signature");
        }
        Map<String, TensorSpec> inputs = new TreeMap<>();
        inputs.put("x", spec("x", types & 15));
        if (signature != null) {
            inputs.put("y", spec("y", types >>> 4 & 15));
        }
        return inputs;
    }

    private static TensorSpec spec(String name, int type) {
        return new TensorSpec(name, name, TYPES[type % TYPES.length], Shape.unknown());
    }
}
