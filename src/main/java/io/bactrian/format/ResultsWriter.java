package io.bactrian.format;

import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NumericElements;
import io.bactrian.tensor.StringTensors;
import io.bactrian.tensor.TensorSpec;
import io.bactrian.tensor.Utf8;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TType;

/**
 * The writer of TensorFlow Serving's answers to classify and regress requests: {@code {"results":
 * […]}}, with a result for each example. Rules and error texts are those of its classifier.cc and
 * regressor.cc.
 */
public final class ResultsWriter {

    private static final String CLASSES = "classes";
    private static final String SCORES = "scores";
    private static final String OUTPUTS = "outputs";

    private ResultsWriter() {}

    /**
     * {@return the classifications, {@code [[["label", score], …], …]}, JSON in UTF-8}
     *
     * @param outputs the outputs by name: {@code scores}, float32 {@code [examples, classes]}, and
     *     {@code classes}, strings of the same shape, or one of them
     * @param examples the number of examples
     * @throws BadInputException if they are something else
     */
    public static byte[] classifications(Map<String, TType> outputs, int examples) {
        TType labels = outputs.get(CLASSES);
        TType scores = outputs.get(SCORES);
        if (labels == null && scores == null) {
            throw new BadInputException(
                    "Expected classification signature outputs to contain at least one of"
                            + " \"classes\" or \"scores\", there are "
                            + outputs.keySet());
        }
        if (labels != null) {
            check(CLASSES, labels, DType.STRING, examples);
        }
        if (scores != null) {
            check(SCORES, scores, DType.FLOAT32, examples);
        }
        if (labels != null && scores != null && !labels.shape().equals(scores.shape())) {
            throw new BadInputException(
                    "Tensors class and score should match in dim_size(1). Got "
                            + labels.shape().get(1)
                            + " vs. "
                            + scores.shape().get(1));
        }
        TType any = labels == null ? Objects.requireNonNull(scores) : labels;
        return classifications(
                labels == null ? null : StringTensors.bytes(labels),
                scores == null ? null : NumericElements.of(scores),
                examples,
                (int) any.shape().get(1));
    }

    private static byte[] classifications(
            byte @Nullable [][] labels,
            @Nullable NumericElements scores,
            int examples,
            int classes) {
        JsonWriter json = new JsonWriter();
        json.raw("{\"results\":[");
        for (int i = 0; i < examples; i++) {
            json.raw(i == 0 ? "[" : ",[");
            for (int c = 0; c < classes; c++) {
                json.raw(c == 0 ? "[" : ",[");
                writeLabel(json, labels == null ? new byte[0] : labels[i * classes + c]);
                json.raw(',');
                json.number(scores == null ? 0f : scores.getFloat(i * classes + c));
                json.raw(']');
            }
            json.raw(']');
        }
        json.raw("]}");
        return json.toBytes();
    }

    private static void writeLabel(JsonWriter json, byte[] label) {
        if (Utf8.isValid(label)) {
            json.string(label);
        } else {
            json.base64(label);
        }
    }

    private static void check(String name, TType tensor, DType dtype, int examples) {
        Shape shape = tensor.shape();
        if (shape.numDimensions() != 2) {
            throw new BadInputException(
                    "Expected Tensor shape: [batch_size num_classes] but got "
                            + TensorSpec.format(shape));
        }
        if (DType.of(tensor) != dtype) {
            throw new BadInputException(
                    "Expected "
                            + name
                            + " Tensor of "
                            + dtype.dataType()
                            + ". Got: "
                            + tensor.dataType());
        }
        checkExamples(name, shape, examples);
    }

    private static void checkExamples(String name, Shape shape, int examples) {
        if (shape.get(0) != examples) {
            throw new BadInputException(
                    "Expected "
                            + name
                            + " output batch size of "
                            + examples
                            + ". Got: "
                            + shape.get(0));
        }
    }

    /**
     * {@return the regressions, {@code [value, …]}, JSON in UTF-8}
     *
     * @param outputs the outputs by name, with {@code outputs}, float32 {@code [examples]} or
     *     {@code [examples, 1]}
     * @param examples the number of examples
     * @throws BadInputException if it is something else
     */
    public static byte[] regressions(Map<String, TType> outputs, int examples) {
        TType values = outputs.get(OUTPUTS);
        if (values == null) {
            throw new BadInputException(
                    "No regression outputs found in SignatureDef: there are " + outputs.keySet());
        }
        Shape shape = values.shape();
        int rank = shape.numDimensions();
        if ((rank != 1 && rank != 2) || (rank == 2 && shape.get(1) != 1)) {
            throw new BadInputException(
                    "Expected output Tensor shape to be either [batch_size] or [batch_size, 1] but"
                            + " got "
                            + TensorSpec.format(shape));
        }
        if (DType.of(values) != DType.FLOAT32) {
            throw new BadInputException(
                    "Expected output Tensor of DT_FLOAT.  Got: " + values.dataType());
        }
        checkExamples(OUTPUTS, shape, examples);
        NumericElements numbers = NumericElements.of(values);
        JsonWriter json = new JsonWriter();
        json.raw("{\"results\":[");
        for (int i = 0; i < examples; i++) {
            if (i > 0) {
                json.raw(',');
            }
            json.number(numbers.getFloat(i));
        }
        json.raw("]}");
        return json.toBytes();
    }
}
