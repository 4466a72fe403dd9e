package io.bactrian.model;

import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The models of a model directory by name. A model is loaded once, in its highest version, when it
 * is first requested, and stays loaded until the repository is closed. A model that can't be loaded
 * does not affect the others.
 */
public final class ModelRepository implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ModelRepository.class);

    private final Path directory;
    private final TensorFlowConfig tensorFlow;
    private final SchedulerConfig scheduling;
    private final LoadListener listener;
    private final Map<String, ModelVersions> files = new TreeMap<>();
    private final List<String> warnings;

    /** The models that replace SavedModels, by name. */
    private final Map<String, Model> substitutes = new TreeMap<>();

    /** By name of the model. */
    private final Map<String, LoadResult> results = new ConcurrentHashMap<>();

    /**
     * Lists the models of a directory, without loading any.
     *
     * @param directory the model directory
     * @param tensorFlow the configuration of TensorFlow's sessions
     * @param scheduling the configuration of batching and concurrent runs
     * @throws ModelLoadException if the directory is missing or can't be read
     */
    public ModelRepository(
            Path directory, TensorFlowConfig tensorFlow, SchedulerConfig scheduling) {
        this(directory, tensorFlow, scheduling, LoadListener.NONE);
    }

    /**
     * Lists the models of a directory, without loading any.
     *
     * @param directory the model directory
     * @param tensorFlow the configuration of TensorFlow's sessions
     * @param scheduling the configuration of batching and concurrent runs
     * @param listener notified when models are loaded
     * @throws ModelLoadException if the directory is missing or can't be read
     */
    public ModelRepository(
            Path directory,
            TensorFlowConfig tensorFlow,
            SchedulerConfig scheduling,
            LoadListener listener) {
        this(directory, ModelDirectory.read(directory), tensorFlow, scheduling, listener);
    }

    private ModelRepository(
            Path directory,
            ModelDirectory found,
            TensorFlowConfig tensorFlow,
            SchedulerConfig scheduling,
            LoadListener listener) {
        this.directory = directory;
        this.tensorFlow = tensorFlow;
        this.scheduling = scheduling;
        this.listener = listener;
        found.models().forEach(model -> files.put(model.name(), model));
        this.warnings = found.warnings();
    }

    /**
     * {@return a repository without SavedModels, for tests with {@linkplain #substitute models} }
     */
    public static ModelRepository empty() {
        return new ModelRepository(
                Path.of(""),
                new ModelDirectory(List.of(), List.of()),
                TensorFlowConfig.defaults(),
                SchedulerConfig.defaults(),
                LoadListener.NONE);
    }

    /**
     * Adds a model that replaces the SavedModel of its name, if there is one. Must be called before
     * any model is loaded.
     *
     * @param model the model, which is not closed
     */
    public void substitute(Model model) {
        ModelVersions replaced = files.get(model.name());
        Path folder = replaced == null ? model.path() : replaced.folder();
        substitutes.put(model.name(), model);
        files.put(
                model.name(),
                new ModelVersions(
                        model.name(), true, folder, new TreeMap<>(Map.of(1L, folder)), null));
    }

    /** {@return the model directory} */
    public Path directory() {
        return directory;
    }

    /** {@return the models found on disk} */
    public Collection<ModelVersions> files() {
        return List.copyOf(files.values());
    }

    /** {@return the names of the models, separated by commas} */
    public String names() {
        return files.isEmpty() ? "none" : String.join(", ", files.keySet());
    }

    /**
     * {@return the versions of a model on disk, or null if there is no such model}
     *
     * @param name a model's name; any name matches an only model that has no name of its own
     */
    public @Nullable ModelVersions find(String name) {
        ModelVersions own = files.get(name);
        if (own == null && files.size() == 1) {
            ModelVersions only = files.values().iterator().next();
            return only.named() ? null : only;
        }
        return own;
    }

    /**
     * {@return whether there is a model of exactly this name}
     *
     * @param name a model's name
     */
    public boolean isNamed(String name) {
        return files.containsKey(name);
    }

    /**
     * {@return the model that routes run under a name: a {@linkplain #substitute substitute}, or
     * the SavedModel, loaded and warm}
     *
     * @param name a model's name, as for {@link #find}
     * @throws ModelLoadException if there is no such model or it can't be served
     */
    public Model model(String name) {
        ModelVersions found = find(name);
        Model substitute = found == null ? null : substitutes.get(found.name());
        return substitute == null ? get(name) : substitute;
    }

    /**
     * {@return the SavedModel, loaded and warm}
     *
     * @param name a model's name, as for {@link #find}
     * @throws ModelLoadException if there is no such model or it can't be served; a load that
     *     failed is not repeated
     */
    public ServedModel get(String name) {
        ModelVersions found = find(name);
        if (found == null) {
            throw new ModelLoadException(
                    "no model \"" + name + "\" in " + directory + ": there is " + names());
        }
        LoadResult result = result(found);
        if (result instanceof LoadResult.Failed failed) {
            throw new ModelLoadException(failed.message(), failed.cause());
        }
        return ((LoadResult.Loaded) result).model();
    }

    private LoadResult result(ModelVersions found) {
        return results.computeIfAbsent(found.name(), name -> load(found));
    }

    private LoadResult load(ModelVersions found) {
        long version = found.versions().isEmpty() ? 0 : found.latest();
        listener.loading(found.name(), version);
        long start = System.nanoTime();
        try {
            if (found.problem() != null) {
                throw new ModelLoadException(found.problem());
            }
            ServedModel model = ServedModel.load(found, tensorFlow, scheduling);
            LoadResult.Loaded loaded =
                    new LoadResult.Loaded(found.name(), version, since(start), model);
            listener.loaded(loaded);
            return loaded;
        } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
            String reason =
                    e instanceof ModelLoadException known ? known.getMessage() : e.toString();
            LOG.debug("failed to load {}", found, e);
            LoadResult.Failed failed =
                    new LoadResult.Failed(
                            found.name(),
                            version,
                            since(start),
                            reason,
                            message(found.name(), reason),
                            e);
            listener.failed(failed);
            return failed;
        }
    }

    private static Duration since(long start) {
        return Duration.ofNanos(System.nanoTime() - start);
    }

    /** {@return the message for requests} Their senders must not learn the directory's path. */
    private String message(String name, String reason) {
        return "model \""
                + name
                + "\" can't be served: "
                + reason.replace(directory + File.separator, "");
    }

    /**
     * Loads all SavedModels, several in parallel.
     *
     * @return the results, in the order of the models' names
     */
    public List<LoadResult> loadAll() {
        List<ModelVersions> models =
                files.values().stream()
                        .filter(model -> !substitutes.containsKey(model.name()))
                        .toList();
        int parallel = Math.min(models.size(), Runtime.getRuntime().availableProcessors());
        ExecutorService executor = Executors.newFixedThreadPool(Math.max(1, parallel));
        try {
            List<Future<LoadResult>> loading =
                    models.stream().map(model -> executor.submit(() -> result(model))).toList();
            List<LoadResult> all = new ArrayList<>();
            for (Future<LoadResult> result : loading) {
                all.add(result.get());
            }
            return List.copyOf(all);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                // Such as a missing native library, without which no model can be loaded.
                throw error;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ModelLoadException("interrupted while loading models", e);
        } finally {
            executor.shutdown();
            // The parsed, rewritten and trial forms of the graphs are garbage now.
            System.gc();
            NativeHeap.trim();
        }
    }

    /** {@return the reasons why models could not be loaded, by name} */
    public Map<String, String> failures() {
        Map<String, String> failures = new TreeMap<>();
        results.values().stream()
                .filter(LoadResult.Failed.class::isInstance)
                .map(LoadResult.Failed.class::cast)
                .forEach(failed -> failures.put(failed.name(), failed.reason()));
        return failures;
    }

    /** {@return likely mistakes in the directory that do not prevent a model from being served} */
    public List<String> warnings() {
        return warnings;
    }

    /** {@return the loaded models, in the order of their names} */
    public List<ServedModel> served() {
        return loaded(new TreeMap<>(results).values().stream()).toList();
    }

    private static Stream<ServedModel> loaded(Stream<LoadResult> results) {
        return results.filter(LoadResult.Loaded.class::isInstance)
                .map(result -> ((LoadResult.Loaded) result).model());
    }

    /** {@return whether requests of a loaded model share runs} */
    public boolean sharesRuns() {
        return loaded(results.values().stream()).anyMatch(model -> model.scheduler().sharesRuns());
    }

    @Override
    public void close() {
        loaded(results.values().stream()).forEach(ServedModel::close);
        results.clear();
    }
}
