package io.bactrian.model;

import io.bactrian.model.graph.RowIndependence;
import io.bactrian.model.graph.RowIndependence.Verdict;
import io.bactrian.session.TensorFlowErrorMessage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The loader of models: reserves memory, imports the SavedModel, warms it up, analyzes its rows and
 * optimizes it.
 */
public final class ModelLoader {

    private static final Logger LOG = LoggerFactory.getLogger(ModelLoader.class);

    private final String name;
    private final long version;
    private final TensorFlowConfig config;
    private final boolean replaysRequests;

    private ModelLoader(
            String name, long version, TensorFlowConfig config, boolean replaysRequests) {
        this.name = name;
        this.version = version;
        this.config = config;
        this.replaysRequests = replaysRequests;
    }

    /**
     * Loads a SavedModel and warms it up. Its variables are replaced with constants if the
     * configuration allows it and a trial shows that runs get faster.
     *
     * @param name the name under which it is served
     * @param version its version
     * @param path the folder with {@code saved_model.pb}, which is only read
     * @param config how TensorFlow runs it
     * @return the model, owned by the caller
     * @throws ModelLoadException if it can't be served, with the reason
     */
    public static LoadedModel load(String name, long version, Path path, TensorFlowConfig config) {
        return new ModelLoader(name, version, config, true).load(path);
    }

    /**
     * Loads a SavedModel for inspection. Unlike {@link #load}, this does not replay the
     * SavedModel's own warm-up requests, which may have side effects.
     *
     * @param name the name under which it is served
     * @param version its version
     * @param path the folder with {@code saved_model.pb}
     * @param optimize whether to try if optimizing the model makes it faster
     * @return the model, owned by the caller
     * @throws ModelLoadException if it can't be served, with the reason
     */
    public static LoadedModel inspect(String name, long version, Path path, boolean optimize) {
        TensorFlowConfig defaults = TensorFlowConfig.defaults();
        TensorFlowConfig config = optimize ? defaults : defaults.withoutOptimization();
        return new ModelLoader(name, version, config, false).load(path);
    }

    private LoadedModel load(Path path) {
        String nameAndVersion = "\"" + name + "\" version " + version;
        LoadMemory.PROCESS.checkHeap(nameAndVersion, path);
        SavedModelFile file = SavedModelFile.read(path);
        try (LoadMemory.Reservation memory = LoadMemory.PROCESS.reserve(nameAndVersion, file)) {
            if (memory.warning() != null) {
                // Logged before loading: the system may kill the process during it.
                LOG.warn("{} version {}: {}", name, version, memory.warning());
            }
            return load(file, memory);
        } catch (ModelLoadException e) {
            throw e;
        } catch (RuntimeException | IOException e) {
            throw new ModelLoadException(
                    "can't load the SavedModel in "
                            + path
                            + ": "
                            + TensorFlowErrorMessage.summaryOf(e),
                    e);
        }
    }

    private LoadedModel load(SavedModelFile file, LoadMemory.Reservation memory)
            throws IOException {
        ImportedModel imported = ImportedModel.of(file, config);
        LoadedModel model = null;
        try {
            model = prepare(imported, memory);
            return model;
        } finally {
            if (model == null) {
                imported.close();
            }
        }
    }

    private LoadedModel prepare(ImportedModel imported, LoadMemory.Reservation memory) {
        WarmUp warmUp = new WarmUp(imported.session(), imported.runnable());
        if (replaysRequests) {
            warmUp.replay(imported.file().directory());
        }
        warmUp.runRemaining();
        List<String> remarks = new ArrayList<>(warmUp.remarks());
        Map<String, Verdict> rowIndependence = rowIndependence(imported);
        if (memory.warning() != null) {
            remarks.add(memory.warning());
        }
        ModelOptimizer.Outcome optimized = null;
        if (config.optimize()) {
            optimized = optimize(imported, memory, warmUp);
            if (optimized.graph() != null) {
                imported.session().close();
            }
        }
        return new LoadedModel(name, version, imported, optimized, rowIndependence, remarks);
    }

    private ModelOptimizer.Outcome optimize(
            ImportedModel imported, LoadMemory.Reservation memory, WarmUp warmUp) {
        if (!memory.isRoomy()) {
            return ModelOptimizer.Outcome.rejected("there is not enough memory to try it");
        }
        if (!warmUp.isComplete()) {
            return ModelOptimizer.Outcome.rejected("not every signature can be run to its end");
        }
        return ModelOptimizer.optimize(
                imported.file().metaGraph(), imported.session(), imported.distinct(), config);
    }

    private static Map<String, Verdict> rowIndependence(ImportedModel model) {
        Map<String, Verdict> verdicts = new TreeMap<>();
        for (Signature signature : model.runnable()) {
            verdicts.put(
                    signature.name(),
                    RowIndependence.of(
                            model.file().metaGraph().getGraphDef(),
                            signature.effects(),
                            signature.inputs().values(),
                            signature.outputs().values()));
        }
        return verdicts;
    }
}
