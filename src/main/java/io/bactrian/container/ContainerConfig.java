package io.bactrian.container;

import io.bactrian.model.SchedulerConfig;
import io.bactrian.model.SchedulerConfig.Batching;
import io.bactrian.model.TensorFlowConfig;
import io.bactrian.route.ConfigurationException;
import io.bactrian.route.RouteConfig;
import io.bactrian.serving.ServingConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** The container's configuration: what the environment sets, by {@link Settings}, with types. */
public final class ContainerConfig {

    private static final int MEBIBYTE = 1024 * 1024;

    /** So many that one always has something to do while others wait. */
    private static final int WAITING_WORKERS = 8 * Settings.CORES;

    private final Map<Setting<?>, Object> values;
    private final List<String> warnings;
    private final @Nullable List<Path> routeFiles;

    private ContainerConfig(
            Map<Setting<?>, Object> values,
            List<String> warnings,
            @Nullable List<Path> routeFiles) {
        this.values = values;
        this.warnings = warnings;
        this.routeFiles = routeFiles;
    }

    /**
     * {@return the configuration that an environment sets}
     *
     * @param environment such as {@link System#getenv()}; SageMaker's variables that mean nothing
     *     here are passed over, an unknown one of ours is an error
     * @throws ConfigurationException naming the variable that is wrong
     */
    public static ContainerConfig of(Map<String, String> environment) {
        Settings.refuseUnknown(environment);
        Map<Setting<?>, Object> values = new HashMap<>();
        Settings.all().forEach(setting -> values.put(setting, setting.read(environment)));
        return new ContainerConfig(values, Settings.warnings(environment), null);
    }

    /** {@return this configuration with some files of the routes directory, for tests of them} */
    public ContainerConfig withRouteFiles(List<Path> files) {
        return new ContainerConfig(values, warnings, List.copyOf(files));
    }

    /**
     * {@return the libraries of custom operations that an environment names, whatever else it sets}
     */
    public static List<Path> opLibraries(Map<String, String> environment) {
        return Objects.requireNonNull(Settings.OP_LIBRARIES.read(environment));
    }

    /** {@return the value of a setting; null where the environment and its default say nothing} */
    @SuppressWarnings("unchecked")
    <T> @Nullable T get(Setting<T> setting) {
        return (T) values.get(setting);
    }

    private <T> T required(Setting<T> setting) {
        return Objects.requireNonNull(get(setting), setting.name());
    }

    /** {@return the address to listen on} */
    public String host() {
        return required(Settings.HOST);
    }

    /** {@return the port to listen on; 0 takes a free one} */
    public int port() {
        return required(Settings.PORT);
    }

    /** {@return the absolute path of the folder with the SavedModels} */
    public Path modelDirectory() {
        return required(Settings.MODEL_DIR).toAbsolutePath();
    }

    /** {@return what concerns models and pipelines, whatever they are called by} */
    public ServingConfig serving() {
        return new ServingConfig(
                modelDirectory(),
                opLibraries(),
                tensorFlow(),
                scheduling(),
                routes(),
                strict(),
                maxBodyBytes(),
                timeout());
    }

    /** {@return where the pipelines are, and which is the default} */
    public RouteConfig routes() {
        Path directory = required(Settings.ROUTES_DIR);
        boolean chosen =
                !directory
                        .toAbsolutePath()
                        .equals(
                                Objects.requireNonNull(Settings.ROUTES_DIR.defaultValue())
                                        .toAbsolutePath());
        return new RouteConfig(
                modelDirectory(), directory, chosen, routeFiles, get(Settings.PIPELINE));
    }

    /**
     * {@return whether anything wrong with a model or pipeline keeps the container from starting}
     */
    public boolean strict() {
        return required(Settings.STRICT);
    }

    /** {@return the largest request body taken, in bytes} */
    public long maxBodyBytes() {
        return (long) required(Settings.MAX_PAYLOAD_MIB) * MEBIBYTE;
    }

    private OptionalInt workers() {
        Integer workers = get(Settings.WORKERS);
        return workers == null ? OptionalInt.empty() : OptionalInt.of(workers);
    }

    /**
     * {@return how many requests of one pipeline are worked on at a time, each by its own thread}
     *
     * @param waiting whether requests at work wait for each other or for other systems, so that a
     *     core can have several
     */
    public int requestsAtWork(boolean waiting) {
        return workers().orElse(waiting ? WAITING_WORKERS : Settings.CORES);
    }

    /** {@return requests of one pipeline that may wait or be worked on, beyond which 503} */
    public int maxInFlight() {
        return required(Settings.MAX_IN_FLIGHT);
    }

    /** {@return how long after a request has come its prediction may begin} */
    public Duration timeout() {
        return Duration.ofSeconds(required(Settings.TIMEOUT_SECONDS));
    }

    /** {@return how TensorFlow runs models} */
    public TensorFlowConfig tensorFlow() {
        TensorFlowConfig defaults = TensorFlowConfig.defaults();
        int intraOp = required(Settings.INTRA_OP);
        int interOp = required(Settings.INTER_OP);
        return new TensorFlowConfig(
                intraOp == 0 ? defaults.intraOp() : intraOp,
                interOp == 0 ? defaults.interOp() : interOp,
                required(Settings.OPTIMIZE));
    }

    /** {@return libraries of custom operations, loaded before the models} */
    public List<Path> opLibraries() {
        return required(Settings.OP_LIBRARIES);
    }

    /** {@return how requests share the models} */
    public SchedulerConfig scheduling() {
        SchedulerConfig defaults = SchedulerConfig.defaults();
        Boolean batching = get(Settings.BATCHING);
        Integer enqueued = get(Settings.MAX_ENQUEUED_BATCHES);
        int enqueuedByDefault =
                required(Settings.BATCH_TRANSFORM)
                        ? Settings.BATCH_TRANSFORM_ENQUEUED_BATCHES
                        : defaults.maxEnqueuedBatches();
        return new SchedulerConfig(
                batching == null ? Batching.AUTO : batching ? Batching.ON : Batching.OFF,
                required(Settings.MAX_BATCH_SIZE),
                Duration.of(required(Settings.BATCH_TIMEOUT_MICROS), ChronoUnit.MICROS),
                enqueued == null ? enqueuedByDefault : enqueued,
                required(Settings.BATCH_THREADS),
                defaults.allowedBatchSizes(),
                defaults.paddingValue());
    }

    /**
     * {@return the least severe messages that are logged; null for those of the routes' own steps
     * from INFO on, and of all else from WARN on}
     */
    public @Nullable LogLevel logLevel() {
        return get(Settings.LOG_LEVEL);
    }

    /** {@return warnings about variables that look like misspelled ones} */
    public List<String> warnings() {
        return warnings;
    }
}
