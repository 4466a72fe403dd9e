package io.bactrian.container;

import io.bactrian.model.ModelSettings;
import io.bactrian.route.ConfigurationException;
import io.bactrian.route.SimilarNames;
import io.bactrian.setting.Setting;
import io.bactrian.setting.Setting.Topic;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The table of all settings: those of {@link ModelSettings}, and those of the server. Parsing, the
 * command line's help, docs/settings.md and the error about an unknown variable are based on it.
 * {@link ContainerConfig} has the accessors of the values.
 */
final class Settings {

    private static final List<Setting<?>> TABLE = new ArrayList<>(ModelSettings.all());

    private static final String PREFIX = "BACTRIAN_";
    private static final String SAGEMAKER_PREFIX = "SAGEMAKER_";

    /** The system property with the distribution's folder, which the start script sets. */
    private static final String HOME = "bactrian.home";

    /** The processor cores that the container's limits allow. */
    static final int CORES = Runtime.getRuntime().availableProcessors();

    /** The maximum number of workers, which is high since they may block on other systems. */
    private static final int MAX_WORKERS = Math.max(1000, 64 * CORES);

    static final Setting<Path> ROUTES_DIR =
            add(
                    Setting.path(
                                    "BACTRIAN_ROUTES_DIR",
                                    Topic.SERVING,
                                    "the folder with the pipelines, *.camel.yaml")
                            .or(
                                    Path.of(System.getProperty(HOME, ""), "routes"),
                                    "routes, beside bin")
                            .with(
                                    "Not read if a model has pipelines in its code folder. Set it to"
                                            + " an empty folder for no pipelines at all. The default"
                                            + " folder has the three examples; those without their"
                                            + " model are skipped."));

    static final Setting<String> PIPELINE =
            add(
                    Setting.text(
                                    "BACTRIAN_PIPELINE",
                                    Topic.SERVING,
                                    "the pipeline of POST /invocations")
                            .or(null, "the only one there is")
                            .with(
                                    "If the model directory is one model without a name of its own,"
                                            + " this pipeline's route may call it by any name, so"
                                            + " that the three example pipelines can serve it."));

    static final Setting<Boolean> STRICT =
            add(
                    Setting.flag(
                                    "BACTRIAN_STRICT",
                                    Topic.SERVING,
                                    "whether anything wrong with a model or pipeline is fatal")
                            .or(false)
                            .with(
                                    "true: the process lists what is wrong and exits with 1. false:"
                                            + " the other models and pipelines are served."));

    static final Setting<String> HOST =
            add(
                    Setting.text("BACTRIAN_HOST", Topic.REQUESTS, "the address to listen on")
                            .or("0.0.0.0"));

    static final Setting<Integer> PORT =
            add(
                    Setting.number(
                                    "SAGEMAKER_BIND_TO_PORT",
                                    Topic.REQUESTS,
                                    0,
                                    65535,
                                    "the port to listen on")
                            .or(8080)
                            .with("0 takes a free one."));

    static final Setting<Integer> MAX_PAYLOAD_MIB =
            add(
                    Setting.number(
                                    "SAGEMAKER_MAX_PAYLOAD_IN_MB",
                                    Topic.REQUESTS,
                                    1,
                                    2047,
                                    "the maximum size of a request's body, in MiB")
                            .or(25));

    static final Setting<Integer> WORKERS =
            add(
                    Setting.number(
                                    "SAGEMAKER_MODEL_SERVER_WORKERS",
                                    Topic.REQUESTS,
                                    1,
                                    MAX_WORKERS,
                                    "requests of one pipeline processed at once, each on its own"
                                            + " thread")
                            .documented(
                                    "a whole number from 1 to 1000, or to 64 per core if that is"
                                            + " more")
                            .or(
                                    null,
                                    "one per core; eight per core if requests share runs or a"
                                            + " pipeline calls another system"));

    static final Setting<Integer> MAX_IN_FLIGHT =
            add(
                    Setting.number(
                                    "BACTRIAN_MAX_IN_FLIGHT",
                                    Topic.REQUESTS,
                                    1,
                                    100_000,
                                    "requests of one pipeline in flight, beyond which the answer is"
                                            + " 503")
                            .or(32 * CORES, "32 per core"));

    static final Setting<Integer> TIMEOUT_SECONDS =
            add(
                    Setting.number(
                                    "SAGEMAKER_MODEL_SERVER_TIMEOUT",
                                    Topic.REQUESTS,
                                    1,
                                    3600,
                                    "seconds within which a prediction must begin, and a model with"
                                            + " a loop must end; past it, 504")
                            .or(60));

    /** The default of SageMaker's own container in batch transform jobs: no request is refused. */
    static final int BATCH_TRANSFORM_ENQUEUED_BATCHES = 100_000_000;

    static final Setting<Boolean> BATCH_TRANSFORM =
            add(
                    Setting.flag(
                                    "SAGEMAKER_BATCH",
                                    Topic.BATCHING,
                                    "whether this is a batch transform job, as SageMaker sets it")
                            .or(false)
                            .with(
                                    "In such a job "
                                            + BATCH_TRANSFORM_ENQUEUED_BATCHES
                                            + " full batches may wait by default."));

    static final Setting<LogLevel> LOG_LEVEL =
            add(
                    new Setting<>(
                            "SAGEMAKER_CONTAINER_LOG_LEVEL",
                            null,
                            Topic.PROCESS,
                            "the minimum level of messages that are logged",
                            "The levels are those of Python's logging module.",
                            "10, 20, 30, 40 or 50, or DEBUG, INFO, WARNING, ERROR or CRITICAL",
                            "10, 20, 30, 40 or 50, or DEBUG, INFO, WARNING, ERROR or CRITICAL",
                            "INFO for log steps of routes, WARNING for everything else",
                            null,
                            LogLevel::ofPython));

    /** Read by the start script only, which starts the Java process. */
    static final Setting<String> JAVA_OPTIONS =
            add(Setting.text("BACTRIAN_JAVA_OPTS", Topic.PROCESS, "options for the Java process"));

    private Settings() {}

    private static <T> Setting<T> add(Setting<T> setting) {
        TABLE.add(setting);
        return setting;
    }

    /** {@return all settings, in the order of their topics} */
    static List<Setting<?>> all() {
        return Collections.unmodifiableList(TABLE);
    }

    private static SortedSet<String> names(String prefix) {
        TreeSet<String> names = new TreeSet<>();
        for (Setting<?> setting : TABLE) {
            if (setting.name().startsWith(prefix)) {
                names.add(setting.name());
            }
        }
        return names;
    }

    /**
     * Checks that there is no unknown variable with the prefix {@code BACTRIAN_}.
     *
     * @throws ConfigurationException if there is one; the message lists the known variables
     */
    static void refuseUnknown(Map<String, String> environment) {
        SortedSet<String> known = names(PREFIX);
        for (String name : new TreeSet<>(environment.keySet())) {
            if (name.startsWith(PREFIX) && !known.contains(name)) {
                String similar = SimilarNames.of(name, known);
                throw new ConfigurationException(
                        "unknown variable "
                                + name
                                + (similar == null ? "" : ", did you mean " + similar + "?")
                                + ": there are "
                                + String.join(", ", known)
                                + ", "
                                + String.join(", ", names(SAGEMAKER_PREFIX)));
            }
        }
    }

    /**
     * {@return a warning for each variable that is probably a misspelled one of SageMaker} Other
     * unknown variables of SageMaker are ignored.
     */
    static List<String> warnings(Map<String, String> environment) {
        SortedSet<String> known = names(SAGEMAKER_PREFIX);
        List<String> warnings = new ArrayList<>();
        for (String name : new TreeSet<>(environment.keySet())) {
            if (name.startsWith(SAGEMAKER_PREFIX) && !known.contains(name)) {
                String similar = SimilarNames.of(name, known);
                if (similar != null) {
                    warnings.add(
                            "the variable "
                                    + name
                                    + " is not known: did you mean "
                                    + similar
                                    + "?");
                }
            }
        }
        return List.copyOf(warnings);
    }
}
