package io.bactrian.model;

import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The models of one model directory by name. A model is loaded when it is first asked for, once, in
 * its highest version, and lives until the repository is closed.
 */
public final class ModelRepository implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ModelRepository.class);

    private final Path directory;
    private final TensorFlowConfig tensorFlow;
    private final SchedulerConfig scheduling;
    private final Map<String, SavedModelFiles> files = new TreeMap<>();
    private final Map<String, ServedModel> loaded = new ConcurrentHashMap<>();

    /**
     * Looks what models there are, without loading any.
     *
     * @throws ModelLoadException if the directory is not there or can't be read
     */
    public ModelRepository(
            Path directory, TensorFlowConfig tensorFlow, SchedulerConfig scheduling) {
        this.directory = directory;
        this.tensorFlow = tensorFlow;
        this.scheduling = scheduling;
        ModelDirectory.find(directory).forEach(found -> files.put(found.name(), found));
    }

    /**
     * @return the directory that was searched
     */
    public Path directory() {
        return directory;
    }

    /**
     * @return what was found on disk
     */
    public Collection<SavedModelFiles> files() {
        return List.copyOf(files.values());
    }

    /**
     * @param name a model's name; any name will do for a lone model that has none of its own
     * @return its files, or null
     */
    public SavedModelFiles find(String name) {
        SavedModelFiles own = files.get(name);
        if (own == null && files.size() == 1) {
            SavedModelFiles only = files.values().iterator().next();
            return only.named() ? null : only;
        }
        return own;
    }

    /**
     * @return whether a model of exactly that name is there
     */
    public boolean isNamed(String name) {
        return files.containsKey(name);
    }

    /**
     * @return the model, loaded and warm
     * @throws ModelLoadException if there is none of that name or it can't be served
     */
    public ServedModel get(String name) {
        SavedModelFiles found = find(name);
        if (found == null) {
            throw new ModelLoadException(
                    "no model \""
                            + name
                            + "\" in "
                            + directory
                            + ": there is "
                            + (files.isEmpty() ? "none" : String.join(", ", files.keySet())));
        }
        return loaded.computeIfAbsent(
                found.name(),
                key -> {
                    long start = System.nanoTime();
                    ServedModel model = ServedModel.load(found, tensorFlow, scheduling);
                    LOG.debug(
                            "loaded {} in {} ms",
                            model.model(),
                            (System.nanoTime() - start) / 1_000_000);
                    return model;
                });
    }

    /**
     * Loads every model there is, several at a time.
     *
     * @throws ModelLoadException if there is none, or one can't be served
     */
    public void loadAll() {
        if (files.isEmpty()) {
            throw ModelLoadException.noneIn(directory);
        }
        int parallel = Math.min(files.size(), Runtime.getRuntime().availableProcessors());
        ExecutorService executor = Executors.newFixedThreadPool(parallel);
        try {
            List<Future<ServedModel>> loading =
                    files.keySet().stream().map(name -> executor.submit(() -> get(name))).toList();
            for (Future<ServedModel> model : loading) {
                model.get();
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof ModelLoadException failure
                    ? failure
                    : new ModelLoadException("can't load a model of " + directory, e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ModelLoadException("interrupted while loading models", e);
        } finally {
            executor.shutdown();
        }
    }

    /**
     * @return the models loaded so far, by name
     */
    public Map<String, LoadedModel> loaded() {
        Map<String, LoadedModel> models = new TreeMap<>();
        loaded.forEach((name, served) -> models.put(name, served.model()));
        return models;
    }

    @Override
    public void close() {
        loaded.values().forEach(ServedModel::close);
        loaded.clear();
    }
}
