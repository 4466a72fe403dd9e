package io.bactrian.preprocess.table;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.TensorBuffer;
import io.bactrian.tensor.TensorValues;
import io.bactrian.tensor.TfRecordReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.Example;
import org.tensorflow.proto.Feature;

/**
 * The rows of serialized {@code tf.train.Example}s: of one, or of TFRecords of them. A feature
 * whose list has one element is that element, and one whose list is empty is missing. Bytes are
 * text where they are UTF-8.
 */
public final class ExampleRows extends Rows {

    /** The records; null for a message without the framing of TFRecords. */
    private final @Nullable TfRecordReader records;

    private byte[] serialized;

    /** The current row's values by field. */
    private final @Nullable Object[] values;

    ExampleRows(ByteBuffer bytes, RowFields fields, RowsFormat format) {
        super(fields, format);
        if (!fields.isNamed()) {
            throw new BadInputException(
                    "rows are lists of values here: tf.train.Examples have named features");
        }
        this.values = new Object[fields.size()];
        byte[] array = new byte[0];
        if (TfRecordReader.isTfRecord(bytes)) {
            this.records =
                    new TfRecordReader(
                            new ByteArrayInputStream(
                                    bytes.array(),
                                    bytes.arrayOffset() + bytes.position(),
                                    bytes.remaining()),
                            bytes.remaining());
        } else {
            this.records = null;
            array = new byte[bytes.remaining()];
            bytes.duplicate().get(array);
        }
        this.serialized = array;
    }

    @Override
    public boolean isList() {
        return records != null;
    }

    /** {@return the current row as it came: a serialized {@code tf.train.Example}} */
    public byte[] serialized() {
        return serialized;
    }

    @Override
    boolean advance(int index) {
        if (records == null) {
            if (index > 0) {
                return false;
            }
        } else {
            if (!records.hasNext()) {
                return false;
            }
            try {
                serialized = records.next();
            } catch (IOException e) {
                throw new BadInputException(
                        "record " + index + " of the TFRecords: " + e.getMessage());
            }
        }
        try {
            readFields(Example.parseFrom(serialized), index);
        } catch (InvalidProtocolBufferException e) {
            setWrong(new BadInputException(name(index) + " is not a serialized tf.train.Example"));
        }
        return true;
    }

    private void readFields(Example example, int index) {
        if (example.getFeatures().getFeatureCount() == 0) {
            setWrong(
                    new BadInputException(name(index) + " is a tf.train.Example without features"));
            return;
        }
        for (int field = 0; field < values.length; field++) {
            Feature feature =
                    example.getFeatures().getFeatureOrDefault(fields().names().get(field), null);
            values[field] = feature == null ? null : value(list(feature));
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

    private String name(int index) {
        return records == null ? "the body" : "record " + index;
    }

    @Override
    public boolean has(int field) {
        return values[field] != null;
    }

    @Override
    public Object value(int field) {
        return Objects.requireNonNull(values[field]);
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
        return records == null ? "" : "[" + index() + "]";
    }
}
