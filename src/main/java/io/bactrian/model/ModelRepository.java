package io.bactrian.model;

import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
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
 * its highest version, and lives until the repository is closed. One that can't be loaded does not
 * keep the others from being used.
 */
public final class ModelRepository implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ModelRepository.class);

    private final Path directory;
    private final TensorFlowConfig tensorFlow;
    private final SchedulerConfig scheduling;
    private final LoadListener listener;
    private final Map<String, ModelVersions> files = new TreeMap<>();
    private final List<String> warnings;
    private final Map<String, ServedModel> loaded = new ConcurrentHashMap<>();
    private final Map<String, String> failures = new ConcurrentHashMap<>();

    /**
     * Looks what models there are, without loading any.
     *
     * @throws ModelLoadException if the directory is not there or can't be read
     */
    public ModelRepository(
            Path directory, TensorFlowConfig tensorFlow, SchedulerConfig scheduling) {
        this(directory, tensorFlow, scheduling, LoadListener.NONE);
    }

    /**
     * Looks what models there are, without loading any.
     *
     * @param listener is called as they are loaded
     * @throws ModelLoadException if the directory is not there or can't be read
     */
    public ModelRepository(
            Path directory,
            TensorFlowConfig tensorFlow,
            SchedulerConfig scheduling,
            LoadListener listener) {
        this.directory = directory;
        this.tensorFlow = tensorFlow;
        this.scheduling = scheduling;
        this.listener = listener;
        ModelDirectory found = ModelDirectory.read(directory);
        found.models().forEach(model -> files.put(model.name(), model));
        this.warnings = found.warnings();
    }

    /** {@return the directory that was searched} */
    public Path directory() {
        return directory;
    }

    /** {@return what was found on disk} */
    public Collection<ModelVersions> files() {
        return List.copyOf(files.values());
    }

    /** {@return the models' names with commas between them} */
    public String names() {
        return files.isEmpty() ? "none" : String.join(", ", files.keySet());
    }

    /**
     * {@return its files, or null}
     *
     * @param name a model's name; any name will do for a lone model that has none of its own
     */
    public ModelVersions find(String name) {
        ModelVersions own = files.get(name);
        if (own == null && files.size() == 1) {
            ModelVersions only = files.values().iterator().next();
            return only.named() ? null : only;
        }
        return own;
    }

    /** {@return whether a model of exactly that name is there} */
    public boolean isNamed(String name) {
        return files.containsKey(name);
    }

    /**
     * {@return the model, loaded and warm}
     *
     * @throws ModelLoadException if there is none of that name or it can't be served; what failed
     *     once is not tried again
     */
    public ServedModel get(String name) {
        ModelVersions found = find(name);
        if (found == null) {
            throw new ModelLoadException(
                    "no model \"" + name + "\" in " + directory + ": there is " + names());
        }
        return loaded.computeIfAbsent(found.name(), key -> load(found));
    }

    private ServedModel load(ModelVersions found) {
        String earlier = failures.get(found.name());
        if (earlier != null) {
            throw cantServe(found.name(), earlier, null);
        }
        long version = found.versions().isEmpty() ? 0 : found.latest();
        listener.begins(found.name(), version);
        long start = System.nanoTime();
        try {
            if (found.problem() != null) {
                throw new ModelLoadException(found.problem());
            }
            ServedModel model = ServedModel.load(found, tensorFlow, scheduling);
            listener.ends(found.name(), version, since(start));
            return model;
        } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
            String reason = e instanceof ModelLoadException ? e.getMessage() : e.toString();
            LOG.debug("failed to load {}", found, e);
            failures.put(found.name(), reason);
            ModelLoadException failure = cantServe(found.name(), reason, e);
            listener.fails(found.name(), version, since(start), failure.getMessage());
            throw failure;
        }
    }

    private static Duration since(long start) {
        return Duration.ofNanos(System.nanoTime() - start);
    }

    /** Requests may cause it: where the directory is is none of their senders' business. */
    private ModelLoadException cantServe(String name, String reason, Throwable cause) {
        return new ModelLoadException(
                "model \""
                        + name
                        + "\" can't be served: "
                        + reason.replace(directory + File.separator, ""),
                cause);
    }

    /**
     * Loads every model there is, several at a time. One that can't be loaded is passed over:
     * {@link #failures} tells why.
     */
    public void loadAll() {
        int parallel = Math.min(files.size(), Runtime.getRuntime().availableProcessors());
        ExecutorService executor = Executors.newFixedThreadPool(Math.max(1, parallel));
        try {
            List<Future<ServedModel>> loading =
                    files.keySet().stream().map(name -> executor.submit(() -> get(name))).toList();
            for (Future<ServedModel> model : loading) {
                awaitLoaded(model);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ModelLoadException("interrupted while loading models", e);
        } finally {
            executor.shutdown();
            // The graphs in all their forms, as parsed, as rewritten and as tried, are garbage now.
            System.gc();
            NativeHeap.trim();
        }
    }

    private static void awaitLoaded(Future<ServedModel> model) throws InterruptedException {
        try {
            model.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                // No TensorFlow for this system, for example: no model can be loaded then.
                throw error;
            }
            // Noted as that model's failure.
        }
    }

    /** {@return why models could not be loaded, by name, so far as they were tried} */
    public Map<String, String> failures() {
        return new TreeMap<>(failures);
    }

    /** {@return what looks like a mistake in the directory, though no model is missing for it} */
    public List<String> warnings() {
        return warnings;
    }

    /** {@return the models loaded so far, by name} */
    public Map<String, LoadedModel> loaded() {
        Map<String, LoadedModel> models = new TreeMap<>();
        loaded.forEach((name, served) -> models.put(name, served.model()));
        return models;
    }

    /** {@return the models loaded so far, by name} */
    public List<ServedModel> served() {
        return List.copyOf(new TreeMap<>(loaded).values());
    }

    /** {@return whether requests of a model loaded so far share runs} */
    public boolean sharesRuns() {
        return loaded.values().stream().anyMatch(served -> served.scheduler().sharesRuns());
    }

    @Override
    public void close() {
        loaded.values().forEach(ServedModel::close);
        loaded.clear();
        failures.clear();
    }
}
