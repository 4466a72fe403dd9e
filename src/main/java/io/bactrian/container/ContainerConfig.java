package io.bactrian.container;

import io.bactrian.model.ModelSettings;
import io.bactrian.model.SchedulerConfig;
import io.bactrian.model.TensorFlowConfig;
import io.bactrian.route.ConfigurationException;
import io.bactrian.route.RouteConfig;
import io.bactrian.serving.ServingConfig;
import io.bactrian.setting.Setting;
import io.bactrian.setting.SettingValues;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** The container's configuration: typed access to the values of the {@link Settings}. */
public final class ContainerConfig {

    private static final int MEBIBYTE = 1024 * 1024;

    /** The number of workers if they block: enough to keep the cores busy. */
    private static final int BLOCKING_WORKERS = 8 * Settings.CORES;

    private final SettingValues values;
    private final List<String> warnings;
    private final @Nullable List<Path> routeFiles;

    private ContainerConfig(
            SettingValues values, List<String> warnings, @Nullable List<Path> routeFiles) {
        this.values = values;
        this.warnings = warnings;
        this.routeFiles = routeFiles;
    }

    /**
     * {@return the configuration of environment variables}
     *
     * @param environment the variables, such as {@link System#getenv()}. Unknown variables of
     *     SageMaker are ignored; an unknown one with the prefix {@code BACTRIAN_} is an error
     * @throws ConfigurationException if a variable is invalid; the message names it
     */
    public static ContainerConfig of(Map<String, String> environment) {
        Settings.refuseUnknown(environment);
        return new ContainerConfig(
                values(Settings.all(), environment), Settings.warnings(environment), null);
    }

    private static SettingValues values(
            List<? extends Setting<?>> settings, Map<String, String> environment) {
        try {
            return SettingValues.of(settings, environment);
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(String.valueOf(e.getMessage()));
        }
    }

    /**
     * {@return this configuration with only some files of the routes directory, for tests of them}
     *
     * @param files the route files to read
     */
    public ContainerConfig withRouteFiles(List<Path> files) {
        return new ContainerConfig(values, warnings, List.copyOf(files));
    }

    /**
     * {@return the libraries of custom operations of an environment, without validating other
     * variables}
     *
     * @param environment the variables, such as {@link System#getenv()}
     */
    public static List<Path> opLibraries(Map<String, String> environment) {
        return values(List.of(ModelSettings.OP_LIBRARIES), environment)
                .get(ModelSettings.OP_LIBRARIES);
    }

    /** {@return the value of a setting; null if it is not set and has no default} */
    <T> @Nullable T get(Setting<T> setting) {
        return values.find(setting);
    }

    /** {@return the address to listen on} */
    public String host() {
        return values.get(Settings.HOST);
    }

    /** {@return the port to listen on; 0 for a free one} */
    public int port() {
        return values.get(Settings.PORT);
    }

    /** {@return the absolute path of the folder of the SavedModels} */
    public Path modelDirectory() {
        return values.get(ModelSettings.MODEL_DIR).toAbsolutePath();
    }

    /** {@return the part of the configuration that concerns models and pipelines} */
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

    /** {@return the location of the route files, and the default pipeline} */
    public RouteConfig routes() {
        Path directory = values.get(Settings.ROUTES_DIR);
        boolean explicit =
                !directory
                        .toAbsolutePath()
                        .equals(
                                Objects.requireNonNull(Settings.ROUTES_DIR.defaultValue())
                                        .toAbsolutePath());
        return new RouteConfig(
                modelDirectory(), directory, explicit, routeFiles, get(Settings.PIPELINE));
    }

    /** {@return whether the container does not start if a model or pipeline is broken} */
    public boolean strict() {
        return values.get(Settings.STRICT);
    }

    /** {@return the maximum size of a request's body in bytes} */
    public long maxBodyBytes() {
        return (long) values.get(Settings.MAX_PAYLOAD_MIB) * MEBIBYTE;
    }

    private OptionalInt workers() {
        Integer workers = get(Settings.WORKERS);
        return workers == null ? OptionalInt.empty() : OptionalInt.of(workers);
    }

    /**
     * {@return the maximum number of requests of one pipeline that are processed at once, each on
     * its own thread}
     *
     * @param requestsBlock whether requests wait for each other or for other systems while they are
     *     processed, so that there should be several per core
     */
    public int concurrency(boolean requestsBlock) {
        return workers().orElse(requestsBlock ? BLOCKING_WORKERS : Settings.CORES);
    }

    /** {@return the maximum number of requests in flight per pipeline; further ones get a 503} */
    public int maxInFlight() {
        return values.get(Settings.MAX_IN_FLIGHT);
    }

    /** {@return the time from the arrival of a request within which its prediction must begin} */
    public Duration timeout() {
        return Duration.ofSeconds(values.get(Settings.TIMEOUT_SECONDS));
    }

    /** {@return the configuration of TensorFlow's sessions} */
    public TensorFlowConfig tensorFlow() {
        return ModelSettings.tensorFlow(values);
    }

    /** {@return the libraries of custom operations to load before the models} */
    public List<Path> opLibraries() {
        return values.get(ModelSettings.OP_LIBRARIES);
    }

    /** {@return the configuration of batching and concurrent runs} */
    public SchedulerConfig scheduling() {
        boolean longQueue =
                values.get(Settings.BATCH_TRANSFORM)
                        && !values.isSet(ModelSettings.MAX_ENQUEUED_BATCHES);
        return ModelSettings.scheduling(
                longQueue
                        ? values.with(
                                ModelSettings.MAX_ENQUEUED_BATCHES,
                                Settings.BATCH_TRANSFORM_ENQUEUED_BATCHES)
                        : values);
    }

    /**
     * {@return the minimum level of messages that are logged; null for the default: INFO for log
     * steps of routes, WARN for everything else}
     */
    public @Nullable LogLevel logLevel() {
        return get(Settings.LOG_LEVEL);
    }

    /** {@return warnings about variables that are probably misspelled} */
    public List<String> warnings() {
        return warnings;
    }
}
