package io.bactrian.model;

import java.util.ArrayList;
import java.util.List;

/**
 * A model in memory and the order in which it is run.
 *
 * @param model the model
 * @param scheduler what its requests go through
 */
public record ServedModel(LoadedModel model, PredictionScheduler scheduler)
        implements AutoCloseable {

    /**
     * Loads the highest version of a model.
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

    /** {@return what the operator should know of how this model is served, in sentences} */
    public List<String> remarks() {
        List<String> remarks = new ArrayList<>(model.remarks());
        remarks.addAll(scheduler.remarks());
        return remarks;
    }

    /** Fails the requests that wait, and frees the model once runs under way have ended. */
    @Override
    public void close() {
        scheduler.close();
        model.close();
    }
}
