package io.bactrian.model;

import java.util.ArrayList;
import java.util.List;

/**
 * A loaded model and its scheduler.
 *
 * @param model the model
 * @param scheduler schedules the model's requests
 */
public record ServedModel(LoadedModel model, PredictionScheduler scheduler)
        implements AutoCloseable {

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

    /** {@return sentences for the operator about how this model was loaded and is scheduled} */
    public List<String> remarks() {
        List<String> remarks = new ArrayList<>(model.remarks());
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
