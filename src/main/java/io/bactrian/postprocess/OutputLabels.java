package io.bactrian.postprocess;

import io.bactrian.pipeline.ModelTensor;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.SignatureTensors;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.TensorSpec;
import io.bactrian.tensor.TensorValues;
import java.util.ArrayList;
import java.util.List;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TType;

/**
 * The names of classes that a model gives beside their scores, as the {@code classes} of
 * TensorFlow's classify signatures: strings of the scores' shape, or of one row for all.
 */
final class OutputLabels {

    private final List<Object> names;
    private final int classes;

    private OutputLabels(List<Object> names, int classes) {
        this.names = names;
        this.classes = classes;
    }

    /**
     * Checks that a signature has an output that can be the names.
     *
     * @param output the output's name
     * @throws PipelineFaultException if it has none of that name, or it is not of strings
     */
    static void check(SignatureTensors outputs, String output) {
        TensorSpec declared = outputs.specs().get(output);
        if (declared == null) {
            throw new PipelineFaultException(
                    "labelsOutput is \"" + output + "\", but " + outputs.list());
        }
        if (declared.dataType() != DType.STRING.dataType()) {
            throw new PipelineFaultException(
                    "labelsOutput: expected strings, but " + new ModelTensor(outputs, declared));
        }
    }

    /**
     * {@return the names in an output}
     *
     * @param output the output's name
     * @param rows the number of rows of scores
     * @param classes the number of classes
     * @throws PipelineFaultException if there is no such output, or it does not have a name for
     *     each class
     */
    static OutputLabels of(NamedTensors.Reference outputs, String output, int rows, int classes) {
        TType tensor = outputs.get(output);
        if (tensor == null) {
            throw new PipelineFaultException(
                    "labelsOutput: there is no output \""
                            + output
                            + "\": the model gave "
                            + outputs.names());
        }
        Shape shape = tensor.shape();
        long size = shape.size();
        boolean perRow = size == (long) rows * classes;
        if (DType.of(tensor) != DType.STRING || (!perRow && size != classes)) {
            throw new PipelineFaultException(
                    "labelsOutput: output \""
                            + output
                            + "\" is "
                            + DType.of(tensor)
                            + " "
                            + TensorSpec.format(shape)
                            + ", expected strings "
                            + TensorSpec.format(Shape.of(rows, classes)));
        }
        List<Object> names = new ArrayList<>();
        flatten(TensorValues.toJava(tensor), names);
        return new OutputLabels(names, classes);
    }

    private static void flatten(Object value, List<Object> names) {
        if (value instanceof List<?> list) {
            list.forEach(each -> flatten(each, names));
        } else {
            names.add(value);
        }
    }

    /** {@return the class's name in a row} */
    Object name(int row, int classId) {
        return names.get((row * classes + classId) % names.size());
    }
}
