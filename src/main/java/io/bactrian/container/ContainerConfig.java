package io.bactrian.container;

import io.bactrian.model.SchedulerConfig;
import io.bactrian.model.SchedulerConfig.Batching;
import io.bactrian.model.TensorFlowConfig;
import io.bactrian.route.ConfigurationException;
import io.bactrian.route.SimilarNames;
import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the environment sets.
 *
 * @param host the address to listen on ({@code BACTRIAN_HOST}, 0.0.0.0)
 * @param port the port to listen on; 0 takes a free one ({@code SAGEMAKER_BIND_TO_PORT}, 8080)
 * @param modelDirectory where the SavedModels are ({@code BACTRIAN_MODEL_DIR}, /opt/ml/model)
 * @param routesDirectory where the pipelines are that no model brings ({@code BACTRIAN_ROUTES_DIR},
 *     the distribution's own routes)
 * @param routesRequired whether the routes directory was set, and is to have routes for the models
 *     there are; the distribution's own are examples
 * @param pipeline the pipeline that {@code /invocations} goes to; null for the only one there is
 *     ({@code BACTRIAN_PIPELINE})
 * @param strict whether anything wrong with a model or pipeline keeps the container from starting
 *     ({@code BACTRIAN_STRICT}, false)
 * @param maxBodyBytes the largest request taken ({@code SAGEMAKER_MAX_PAYLOAD_IN_MB}, 25 MiB)
 * @param workers how many requests of one pipeline are worked on at a time, each by its own thread;
 *     empty if what is served decides it ({@code SAGEMAKER_MODEL_SERVER_WORKERS}, empty)
 * @param maxInFlight requests of one pipeline that wait or are worked on, beyond which 503 is the
 *     answer ({@code BACTRIAN_MAX_IN_FLIGHT}, 32 a core)
 * @param timeout how long after a request has come its prediction may begin ({@code
 *     SAGEMAKER_MODEL_SERVER_TIMEOUT}, 60 s, SageMaker's own limit)
 * @param tensorFlow how TensorFlow runs models ({@code SAGEMAKER_TFS_INTRA_OP_PARALLELISM}, half a
 *     thread a core, and {@code SAGEMAKER_TFS_INTER_OP_PARALLELISM}, one a core, 0 being not set;
 *     {@code BACTRIAN_OPTIMIZE}, true)
 * @param opLibraries libraries of custom operations, loaded before the models ({@code
 *     BACTRIAN_OP_LIBRARIES}, none)
 * @param scheduling how requests share the model ({@code SAGEMAKER_TFS_ENABLE_BATCHING}, {@code
 *     _MAX_BATCH_SIZE}, {@code _BATCH_TIMEOUT_MICROS}, {@code _MAX_ENQUEUED_BATCHES}, {@code
 *     _NUM_BATCH_THREADS}; in a batch transform job, which sets {@code SAGEMAKER_BATCH},
 *     100,000,000 batches may wait)
 * @param logLevel the least severe messages that are logged ({@code
 *     SAGEMAKER_CONTAINER_LOG_LEVEL}); null for those of the routes' own steps from INFO on, and of
 *     all else from WARN on
 * @param warnings about variables that look like misspelled ones
 */
public record ContainerConfig(
        String host,
        int port,
        Path modelDirectory,
        Path routesDirectory,
        boolean routesRequired,
        String pipeline,
        boolean strict,
        long maxBodyBytes,
        OptionalInt workers,
        int maxInFlight,
        Duration timeout,
        TensorFlowConfig tensorFlow,
        List<Path> opLibraries,
        SchedulerConfig scheduling,
        LogLevel logLevel,
        List<String> warnings) {

    private static final String PREFIX = "BACTRIAN_";
    private static final String HOST = "BACTRIAN_HOST";
    private static final String MODEL_DIR = "BACTRIAN_MODEL_DIR";
    private static final String ROUTES_DIR = "BACTRIAN_ROUTES_DIR";
    private static final String PIPELINE = "BACTRIAN_PIPELINE";
    private static final String STRICT = "BACTRIAN_STRICT";
    private static final String PORT = "SAGEMAKER_BIND_TO_PORT";
    private static final String MAX_PAYLOAD = "SAGEMAKER_MAX_PAYLOAD_IN_MB";
    private static final String WORKERS = "SAGEMAKER_MODEL_SERVER_WORKERS";
    private static final String MAX_IN_FLIGHT = "BACTRIAN_MAX_IN_FLIGHT";
    private static final String OPTIMIZE = "BACTRIAN_OPTIMIZE";
    private static final String OP_LIBRARIES = "BACTRIAN_OP_LIBRARIES";
    private static final String INTRA_OP = "SAGEMAKER_TFS_INTRA_OP_PARALLELISM";
    private static final String INTER_OP = "SAGEMAKER_TFS_INTER_OP_PARALLELISM";
    private static final String ENABLE_BATCHING = "SAGEMAKER_TFS_ENABLE_BATCHING";
    private static final String BATCH_SIZE = "SAGEMAKER_TFS_MAX_BATCH_SIZE";
    private static final String BATCH_TIMEOUT = "SAGEMAKER_TFS_BATCH_TIMEOUT_MICROS";
    private static final String ENQUEUED_BATCHES = "SAGEMAKER_TFS_MAX_ENQUEUED_BATCHES";
    private static final String BATCH_THREADS = "SAGEMAKER_TFS_NUM_BATCH_THREADS";
    private static final String BATCH_TRANSFORM = "SAGEMAKER_BATCH";
    private static final String TIMEOUT = "SAGEMAKER_MODEL_SERVER_TIMEOUT";
    private static final String LOG_LEVEL = "SAGEMAKER_CONTAINER_LOG_LEVEL";
    private static final String SAGEMAKER_PREFIX = "SAGEMAKER_";
    private static final Set<String> SAGEMAKERS =
            new TreeSet<>(
                    Set.of(
                            PORT,
                            MAX_PAYLOAD,
                            WORKERS,
                            INTRA_OP,
                            INTER_OP,
                            ENABLE_BATCHING,
                            BATCH_SIZE,
                            BATCH_TIMEOUT,
                            ENQUEUED_BATCHES,
                            BATCH_THREADS,
                            BATCH_TRANSFORM,
                            TIMEOUT,
                            LOG_LEVEL));
    private static final Set<String> OWN =
            new TreeSet<>(
                    Set.of(
                            HOST,
                            MODEL_DIR,
                            ROUTES_DIR,
                            PIPELINE,
                            STRICT,
                            MAX_IN_FLIGHT,
                            OPTIMIZE,
                            OP_LIBRARIES));

    /** The system property by which the start script tells where the distribution is. */
    private static final String HOME = "bactrian.home";

    /** Read by the start script, before there is a Java process. */
    private static final String JAVA_OPTIONS = "BACTRIAN_JAVA_OPTS";

    /** What the container's limits leave of the machine's. */
    private static final int CORES = Runtime.getRuntime().availableProcessors();

    /** What SageMaker's own container sets for batch transform, where nobody is to be refused. */
    private static final int TRANSFORM_ENQUEUED_BATCHES = 100_000_000;

    /** So many that one always has something to do while others wait. */
    private static final int WAITING_WORKERS = 8 * CORES;

    /** Threads that work on requests may wait for other systems; more than this is a mistake. */
    private static final int MAX_WORKERS = Math.max(1000, 64 * CORES);

    /** Threads that compute: more than a few per core only hinder each other. */
    private static final int MAX_COMPUTING = Math.max(64, 8 * CORES);

    private static final int MEBIBYTE = 1024 * 1024;

    /**
     * @param environment such as {@link System#getenv()}; SageMaker's variables that mean nothing
     *     here are passed over, an unknown one of ours is an error
     * @throws ConfigurationException naming the variable that is wrong
     */
    public static ContainerConfig of(Map<String, String> environment) {
        for (String name : environment.keySet()) {
            if (name.startsWith(PREFIX) && !OWN.contains(name) && !name.equals(JAVA_OPTIONS)) {
                String meant = SimilarNames.of(name, OWN);
                throw new ConfigurationException(
                        "unknown variable "
                                + name
                                + (meant == null ? "" : ", did you mean " + meant + "?")
                                + ": there are "
                                + String.join(", ", OWN));
            }
        }
        return of(new Environment(environment));
    }

    private static ContainerConfig of(Environment environment) {
        Path ownRoutes = Path.of(System.getProperty(HOME, ""), "routes").toAbsolutePath();
        Path routes = directory(environment, ROUTES_DIR, ownRoutes.toString());
        return new ContainerConfig(
                environment.text(HOST, "0.0.0.0"),
                environment.number(PORT, 8080, 0, 65535),
                directory(environment, MODEL_DIR, "/opt/ml/model"),
                routes,
                !routes.equals(ownRoutes),
                environment.text(PIPELINE, null),
                Boolean.TRUE.equals(environment.truth(STRICT)),
                (long) environment.number(MAX_PAYLOAD, 25, 1, 2047) * MEBIBYTE,
                environment.number(WORKERS, 1, MAX_WORKERS),
                environment.number(MAX_IN_FLIGHT, 32 * CORES, 1, 100_000),
                Duration.ofSeconds(environment.number(TIMEOUT, 60, 1, 3600)),
                tensorFlow(environment),
                environment.paths(OP_LIBRARIES),
                scheduling(environment),
                logLevel(environment),
                warnings(environment));
    }

    /** Absolute, so that {@link #withoutFolders} takes no other word for a folder's name. */
    private static Path directory(Environment environment, String name, String otherwise) {
        return Path.of(environment.text(name, otherwise)).toAbsolutePath();
    }

    private static LogLevel logLevel(Environment environment) {
        String level = environment.text(LOG_LEVEL, null);
        LogLevel known = level == null ? null : LogLevel.ofPython(level);
        if (level != null && known == null) {
            throw new ConfigurationException(
                    LOG_LEVEL
                            + " must be 10, 20, 30, 40 or 50, or DEBUG, INFO, WARNING, ERROR or"
                            + " CRITICAL, got \""
                            + level
                            + "\"");
        }
        return known;
    }

    /** SageMaker has variables that mean nothing here, so one that is not known is no error. */
    private static List<String> warnings(Environment environment) {
        List<String> warnings = new ArrayList<>();
        for (String name : new TreeSet<>(environment.variables().keySet())) {
            boolean unknown = name.startsWith(SAGEMAKER_PREFIX) && !SAGEMAKERS.contains(name);
            String meant = unknown ? SimilarNames.of(name, SAGEMAKERS) : null;
            if (meant != null) {
                warnings.add(
                        "the variable " + name + " means nothing: did you mean " + meant + "?");
            }
        }
        return List.copyOf(warnings);
    }

    /**
     * @return the libraries of custom operations that the environment names, whatever else it sets
     */
    public static List<Path> opLibraries(Map<String, String> environment) {
        return new Environment(environment).paths(OP_LIBRARIES);
    }

    /**
     * @return threads that work on requests: eight a core if not set
     */
    public int workerThreads() {
        return workers.orElse(WAITING_WORKERS);
    }

    /**
     * @param waiting whether requests at work wait for each other or for other systems, so that a
     *     core can have several
     * @return how many requests are worked on at a time: if not set, one a core, or as many as
     *     there are threads
     */
    public int requestsAtWork(boolean waiting) {
        return waiting ? workerThreads() : workers.orElse(CORES);
    }

    /**
     * @return a reason that may be told to callers: where things are on this machine is none of
     *     their business
     */
    public String withoutFolders(String reason) {
        return reason.replace(modelDirectory + File.separator, "")
                .replace(routesDirectory + File.separator, "")
                .replace(modelDirectory.toString(), "the model directory");
    }

    /** 0 is not set, as with TensorFlow Serving. */
    private static TensorFlowConfig tensorFlow(Environment environment) {
        TensorFlowConfig defaults = TensorFlowConfig.defaults();
        int intraOp = environment.number(INTRA_OP, 0, 0, MAX_COMPUTING);
        int interOp = environment.number(INTER_OP, 0, 0, MAX_COMPUTING);
        Boolean optimize = environment.truth(OPTIMIZE);
        return new TensorFlowConfig(
                intraOp == 0 ? defaults.intraOp() : intraOp,
                interOp == 0 ? defaults.interOp() : interOp,
                optimize == null ? defaults.optimize() : optimize);
    }

    private static SchedulerConfig scheduling(Environment environment) {
        SchedulerConfig defaults = SchedulerConfig.defaults();
        Boolean batching = environment.truth(ENABLE_BATCHING);
        boolean transform = Boolean.TRUE.equals(environment.truth(BATCH_TRANSFORM));
        return new SchedulerConfig(
                batching == null ? Batching.AUTO : batching ? Batching.ON : Batching.OFF,
                environment.number(BATCH_SIZE, defaults.maxBatchSize(), 1, 1_000_000),
                Duration.of(environment.number(BATCH_TIMEOUT, 0, 0, 60_000_000), ChronoUnit.MICROS),
                environment.number(
                        ENQUEUED_BATCHES,
                        transform ? TRANSFORM_ENQUEUED_BATCHES : defaults.maxEnqueuedBatches(),
                        1,
                        Integer.MAX_VALUE),
                environment.number(BATCH_THREADS, defaults.concurrentRuns(), 1, MAX_COMPUTING),
                defaults.allowedBatchSizes(),
                defaults.paddingValue());
    }
}
