package io.bactrian.format;

import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.ElementErrors;
import io.bactrian.tensor.JsonType;
import java.util.Locale;

/** The errors of TensorFlow Serving's json_tensor.cc, word for word: clients may rely on them. */
final class TensorFlowServingErrors implements ElementErrors {

    @Override
    public BadInputException unevenSize(int[] path, int size, int expected) {
        return new BadInputException(
                "Encountered list at unexpected size: "
                        + size
                        + " at level: "
                        + path.length
                        + " expected size: "
                        + expected);
    }

    @Override
    public BadInputException unexpectedList(int[] path) {
        return new BadInputException(
                "Encountered list at unexpected level: "
                        + path.length
                        + " expected < "
                        + path.length);
    }

    @Override
    public BadInputException unexpectedValue(int[] path, String value, int rank) {
        return new BadInputException(
                "JSON Value: "
                        + value
                        + " found at incorrect level: "
                        + (path.length + 1)
                        + " in the JSON DOM. Expected at level: "
                        + rank);
    }

    @Override
    public BadInputException wrongType(int[] path, String value, JsonType type, DType dtype) {
        return new BadInputException(
                dtype == DType.STRING && type == JsonType.OBJECT
                        ? "JSON Value: " + value + " not formatted correctly for base64 data"
                        : "JSON Value: "
                                + value
                                + " Type: "
                                + type.rapidJsonName()
                                + " is not of expected type: "
                                + nameOf(dtype));
    }

    @Override
    public BadInputException badBase64(int[] path) {
        return new BadInputException("Unable to base64 decode");
    }

    /** TensorFlow's DataTypeString: float for DT_FLOAT, half for DT_HALF. */
    private static String nameOf(DType dtype) {
        return dtype.dataType().name().substring("DT_".length()).toLowerCase(Locale.ROOT);
    }
}
