package io.bactrian.preprocess.table;

import com.google.protobuf.ByteString;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.TensorBuffer;
import io.bactrian.tensor.TensorValues;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.Example;
import org.tensorflow.proto.Feature;

/**
 * The rows of serialized {@code tf.train.Example}s: of one, or of TFRecords of them. A feature
 * whose list has one element is that element, and one whose list is empty is missing. Bytes are
 * text where they are UTF-8.
 */
public final class ExampleRows extends ValueRows {

    private final SerializedExamples examples;

    ExampleRows(byte[] bytes, RowFields fields, RowsFormat format) {
        super(fields, format);
        if (!fields.isNamed()) {
            throw new BadInputException(
                    "rows are lists of values here: tf.train.Examples have named features");
        }
        this.examples = new SerializedExamples(bytes);
    }

    @Override
    public boolean isList() {
        return examples.isList();
    }

    /** {@return the current row as it came: a serialized {@code tf.train.Example}} */
    public byte[] serialized() {
        return examples.bytes();
    }

    @Override
    boolean advance(int index) {
        if (!examples.advance()) {
            return false;
        }
        try {
            readFields(examples.parse());
        } catch (BadInputException e) {
            setWrong(e);
        }
        return true;
    }

    private void readFields(Example example) {
        if (example.getFeatures().getFeatureCount() == 0) {
            throw new BadInputException(
                    examples.name() + " is a tf.train.Example without features");
        }
        for (int field = 0; field < fields().size(); field++) {
            Feature feature =
                    example.getFeatures().getFeatureOrDefault(fields().names().get(field), null);
            setValue(field, feature == null ? null : value(list(feature)));
        }
    }

    private static List<?> list(Feature feature) {
        return switch (feature.getKindCase()) {
            case BYTES_LIST ->
                    feature.getBytesList().getValueList().stream().map(ExampleRows::text).toList();
            case FLOAT_LIST -> feature.getFloatList().getValueList();
            case INT64_LIST -> feature.getInt64List().getValueList();
            case KIND_NOT_SET -> List.of();
        };
    }

    private static Object text(ByteString bytes) {
        return bytes.isValidUtf8() ? bytes.toStringUtf8() : bytes.toByteArray();
    }

    private static @Nullable Object value(List<?> list) {
        return switch (list.size()) {
            case 0 -> null;
            case 1 -> list.get(0);
            default -> list;
        };
    }

    @Override
    public Shape read(int field, TensorBuffer elements, boolean single) {
        Object value = value(field);
        // An Example has no booleans.
        boolean flag = elements.dtype() == DType.BOOL && value instanceof Long;
        if (flag && ((Long) value == 0 || (Long) value == 1)) {
            value = (Long) value == 1;
        }
        return TensorValues.read(value, elements, path(field));
    }

    @Override
    String row() {
        return isList() ? "[" + index() + "]" : "";
    }
}
