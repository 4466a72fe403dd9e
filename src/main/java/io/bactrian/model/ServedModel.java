package io.bactrian.model;

import io.bactrian.limit.Deadline;
import io.bactrian.tensor.NamedTensors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TType;

/**
 * A loaded model and its scheduler.
 *
 * @param model the model
 * @param scheduler schedules the model's requests
 */
public record ServedModel(LoadedModel model, PredictionScheduler scheduler)
        implements Model, AutoCloseable {

    /**
     * Loads the highest version of a model and creates its scheduler.
     *
     * @throws ModelLoadException if it can't be served
     */
    static ServedModel load(
            ModelVersions files, TensorFlowConfig tensorFlow, SchedulerConfig config) {
        SchedulerConfig own =
                BatchingParametersFile.apply(config, files.latestPath(), files.folder());
        LoadedModel model =
                ModelLoader.load(files.name(), files.latest(), files.latestPath(), tensorFlow);
        try {
            return new ServedModel(model, PredictionScheduler.of(model, own));
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
    }

    @Override
    public String name() {
        return model.name();
    }

    @Override
    public boolean canRun(@Nullable String signatureName) {
        return model.canRun(signatureName);
    }

    @Override
    public Signature signature(@Nullable String signatureName) {
        return model.signature(signatureName);
    }

    /** Measures what batching is worth, where that is to be found out. */
    @Override
    public void prepare(Signature signature) {
        scheduler.measure(signature);
    }

    @Override
    public @Nullable String refusal(Signature signature, Map<String, Shape> shapes) {
        return model.refusal(signature, shapes);
    }

    @Override
    public NamedTensors predict(Signature signature, Map<String, TType> inputs, Deadline deadline) {
        return scheduler.predict(signature, inputs, deadline);
    }

    @Override
    public Path path() {
        return model.path();
    }

    /** {@return sentences for the operator about how this model was loaded and is scheduled} */
    public List<String> remarks() {
        List<String> remarks = new ArrayList<>(model.remarks());
        Optimization optimization = model.optimization();
        if (optimization != null && !optimization.equals(Optimization.NO_VARIABLES)) {
            remarks.add(optimization.describe());
        }
        remarks.addAll(scheduler.remarks());
        return remarks;
    }

    /** Fails the queued requests, and frees the model's memory as soon as no run is in progress. */
    @Override
    public void close() {
        scheduler.close();
        model.close();
    }
}
