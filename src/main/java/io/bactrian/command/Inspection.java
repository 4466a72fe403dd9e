package io.bactrian.command;

import io.bactrian.model.LoadedModel;
import io.bactrian.model.Optimization;
import io.bactrian.model.Signature;
import io.bactrian.model.graph.InputScaling;
import io.bactrian.model.graph.RowIndependence;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.TensorSpec;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;

/**
 * What {@code inspect} found in a folder: the structure of {@code inspect --json}, which
 * docs/command-line.md describes. Within a major version of this program names and types do not
 * change; members may be added.
 *
 * @param version of this program
 * @param directory the folder as it was given
 * @param models in the order of their names
 * @param warnings sentences about what looks like a mistake in the folder
 */
record Inspection(String version, String directory, List<Model> models, List<String> warnings) {

    /** {@return whether every version of every model can be loaded} */
    boolean isServable() {
        return models.stream()
                .allMatch(
                        model ->
                                model.problem() == null
                                        && model.versions().stream()
                                                .allMatch(version -> version.problem() == null));
    }

    /**
     * A model.
     *
     * @param name the name under which it is served
     * @param problem why none of its versions is served; null if the highest is
     * @param versions in rising order
     */
    record Model(String name, @Nullable String problem, List<Version> versions) {}

    /**
     * A version of a model.
     *
     * @param path the folder of the SavedModel; relative if {@code directory} is
     * @param served whether the server serves this version, which is the highest
     * @param problem why it can't be loaded; null if it can
     * @param signatures in alphabetical order; empty if there is a problem
     * @param remarks sentences about how it was loaded
     * @param optimization what optimizing it came to; null if that was not asked for, or there is a
     *     problem
     */
    record Version(
            long version,
            String path,
            boolean served,
            @Nullable String problem,
            List<ModelSignature> signatures,
            List<String> remarks,
            @Nullable Optimization optimization) {

        static Version of(LoadedModel model, boolean served) {
            return new Version(
                    model.version(),
                    model.path().toString(),
                    served,
                    null,
                    model.signatures().values().stream()
                            .map(signature -> ModelSignature.of(model, signature))
                            .toList(),
                    model.remarks(),
                    model.optimization());
        }

        static Version broken(long version, Path path, String problem) {
            return new Version(
                    version, path.toString(), false, problem, List.of(), List.of(), null);
        }
    }

    /**
     * A signature of a model.
     *
     * @param method such as {@code tensorflow/serving/predict}; null if it has none
     * @param problem why it can't be run here; null if it can
     * @param inputs in alphabetical order
     * @param outputs in alphabetical order
     * @param batching whether requests may share runs; null if the signature can't be run
     */
    record ModelSignature(
            String name,
            @Nullable String method,
            @Nullable String problem,
            List<ModelTensor> inputs,
            List<ModelTensor> outputs,
            @Nullable Batching batching) {

        static ModelSignature of(LoadedModel model, Signature signature) {
            return new ModelSignature(
                    signature.name(),
                    signature.methodName().isEmpty() ? null : signature.methodName(),
                    signature.problem(),
                    signature.inputs().values().stream()
                            .map(input -> ModelTensor.of(input, signature.scaling(input.name())))
                            .toList(),
                    signature.outputs().values().stream()
                            .map(output -> ModelTensor.of(output, InputScaling.NONE))
                            .toList(),
                    signature.isRunnable() ? Batching.of(model.rowIndependence(signature)) : null);
        }
    }

    /**
     * An input or output of a signature.
     *
     * @param tensor its name in the graph
     * @param dtype such as {@code float32}
     * @param shape its dimensions, -1 for one of any size; null if its rank is not known
     * @param scaling the scaling of an input {@code x} that the graph begins with, such as {@code x
     *     * 0.00392157}; null if there is none
     */
    record ModelTensor(
            String name,
            String tensor,
            String dtype,
            @Nullable List<Long> shape,
            @Nullable String scaling) {

        static ModelTensor of(TensorSpec spec, InputScaling scaling) {
            return new ModelTensor(
                    spec.name(),
                    spec.tensorName(),
                    DType.nameOf(spec.dataType()),
                    dimensions(spec.shape()),
                    scaling.isPresent() ? scaling.toString() : null);
        }

        private static @Nullable List<Long> dimensions(Shape shape) {
            return shape.isUnknown() ? null : Arrays.stream(shape.asArray()).boxed().toList();
        }
    }

    /**
     * Whether requests may share runs of a signature.
     *
     * @param rowsIndependent whether the graph proves that a batch's rows do not depend on each
     *     other, without which requests share runs only where that is forced
     * @param reason what stands in the way of the proof; null if there is one
     */
    record Batching(boolean rowsIndependent, @Nullable String reason) {

        static Batching of(RowIndependence.Verdict verdict) {
            return new Batching(verdict.isProven(), verdict.reason());
        }
    }
}
