package io.bactrian.preprocess.table;

import com.google.protobuf.ByteString;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.TensorBuffer;
import io.bactrian.tensor.TensorSpec;
import java.util.Locale;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.BytesList;
import org.tensorflow.proto.Feature;
import org.tensorflow.proto.FloatList;
import org.tensorflow.proto.Int64List;

/**
 * A feature of a {@code tf.train.Example}.
 *
 * @param name its name
 * @param field the index of the field that it is made of: a value or a list of them
 * @param kind what its list holds
 */
public record ExampleFeature(String name, int field, Kind kind) {

    /** What the list of a feature holds. */
    public enum Kind {
        /** A {@code BytesList}, of texts or base64. */
        BYTES(DType.STRING),
        /** A {@code FloatList}. */
        FLOAT(DType.FLOAT32),
        /** An {@code Int64List}. */
        INT64(DType.INT64);

        private final DType dtype;

        Kind(DType dtype) {
            this.dtype = dtype;
        }

        /**
         * {@return the kind of a name}
         *
         * @param feature the feature, for the error
         * @param name bytes, float or int64
         * @throws PipelineFaultException if there is none
         */
        public static Kind named(String feature, String name) {
            for (Kind kind : values()) {
                if (kind.name().toLowerCase(Locale.ROOT).equals(name)) {
                    return kind;
                }
            }
            throw new PipelineFaultException(
                    "features, " + feature + ": must be bytes, float or int64, got " + name);
        }
    }

    /**
     * {@return the feature of the current row}
     *
     * @throws BadInputException if the field has a wrong value, or lists in lists
     */
    Feature of(Rows rows) {
        TensorBuffer elements = new TensorBuffer(kind.dtype);
        Shape shape = rows.read(field, elements, kind == Kind.BYTES);
        if (shape.numDimensions() > 1) {
            throw new BadInputException(
                    rows.path(field)
                            + " has the shape "
                            + TensorSpec.format(shape)
                            + ", expected a value or a list of them");
        }
        Feature.Builder feature = Feature.newBuilder();
        switch (kind) {
            case BYTES -> {
                BytesList.Builder list = BytesList.newBuilder();
                for (int i = 0; i < elements.size(); i++) {
                    list.addValue(ByteString.copyFrom(elements.getString(i)));
                }
                feature.setBytesList(list);
            }
            case FLOAT -> {
                FloatList.Builder list = FloatList.newBuilder();
                for (int i = 0; i < elements.size(); i++) {
                    list.addValue(elements.getFloat(i));
                }
                feature.setFloatList(list);
            }
            case INT64 -> {
                Int64List.Builder list = Int64List.newBuilder();
                for (int i = 0; i < elements.size(); i++) {
                    list.addValue(elements.getLong(i));
                }
                feature.setInt64List(list);
            }
        }
        return feature.build();
    }
}
