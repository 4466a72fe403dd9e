package io.bactrian.model;

import io.bactrian.model.SchedulerConfig.Batching;
import io.bactrian.setting.Setting;
import io.bactrian.setting.Setting.Topic;
import io.bactrian.setting.SettingValues;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The table of the settings of models: environment variables of the container, and options of the
 * {@code tensorflow} component.
 */
public final class ModelSettings {

    private static final List<Setting<?>> TABLE = new ArrayList<>();

    /**
     * The maximum number of threads for computations, of which more than a few per core is slow.
     */
    private static final int MAX_COMPUTE_THREADS =
            Math.max(64, 8 * Runtime.getRuntime().availableProcessors());

    private static final String COMPUTE_THREADS_RANGE =
            "a whole number up to 64, or to 8 per core if that is more";

    private static final SchedulerConfig SCHEDULER = SchedulerConfig.defaults();
    private static final TensorFlowConfig SESSION = TensorFlowConfig.defaults();

    /** The folder of the SavedModels. */
    public static final Setting<Path> MODEL_DIR =
            add(
                    "modelDirectory",
                    Setting.path(
                                    "BACTRIAN_MODEL_DIR",
                                    Topic.SERVING,
                                    "the folder with the SavedModels")
                            .or(Path.of("/opt/ml/model")));

    static final Setting<Boolean> BATCHING =
            add(
                    "enableBatching",
                    Setting.flag(
                                    "SAGEMAKER_TFS_ENABLE_BATCHING",
                                    Topic.BATCHING,
                                    "whether requests share runs of a model")
                            .or(null, "measured for each model")
                            .with(
                                    "By default they do if a model's rows are proven to be"
                                            + " independent and batching is measured to be faster:"
                                            + " [batching](batching.md)."));

    static final Setting<Integer> MAX_BATCH_SIZE =
            add(
                    "maxBatchSize",
                    Setting.number(
                                    "SAGEMAKER_TFS_MAX_BATCH_SIZE",
                                    Topic.BATCHING,
                                    1,
                                    SchedulerConfig.MAX_BATCH_SIZE,
                                    "rows in a shared run")
                            .or(SCHEDULER.maxBatchSize()));

    static final Setting<Integer> BATCH_TIMEOUT_MICROS =
            add(
                    "batchTimeoutMicros",
                    Setting.number(
                                    "SAGEMAKER_TFS_BATCH_TIMEOUT_MICROS",
                                    Topic.BATCHING,
                                    0,
                                    60_000_000,
                                    "microseconds that an idle model waits for a batch to fill")
                            .or(0));

    static final Setting<Integer> BATCH_THREADS =
            add(
                    "numBatchThreads",
                    Setting.number(
                                    "SAGEMAKER_TFS_NUM_BATCH_THREADS",
                                    Topic.BATCHING,
                                    1,
                                    MAX_COMPUTE_THREADS,
                                    "runs of a model at the same time")
                            .documented(COMPUTE_THREADS_RANGE)
                            .or(SCHEDULER.concurrentRuns(), "one per core"));

    /** The maximum number of full batches in a model's queue. */
    public static final Setting<Integer> MAX_ENQUEUED_BATCHES =
            add(
                    "maxEnqueuedBatches",
                    Setting.number(
                                    "SAGEMAKER_TFS_MAX_ENQUEUED_BATCHES",
                                    Topic.BATCHING,
                                    1,
                                    Integer.MAX_VALUE,
                                    "full batches that may wait, beyond which requests are refused"
                                            + " (503)")
                            .or(SCHEDULER.maxEnqueuedBatches()));

    /** 0 means not set, as in TensorFlow Serving. */
    static final Setting<Integer> INTRA_OP =
            add(
                    "intraOpParallelism",
                    Setting.number(
                                    "SAGEMAKER_TFS_INTRA_OP_PARALLELISM",
                                    Topic.TENSORFLOW,
                                    0,
                                    MAX_COMPUTE_THREADS,
                                    "threads that share one operation's work")
                            .documented(COMPUTE_THREADS_RANGE)
                            .or(0, "half as many as cores, at least one")
                            .with(
                                    "More threads reduce throughput; set more for a large model that"
                                            + " gets one request at a time."));

    /** 0 means not set, as in TensorFlow Serving. */
    static final Setting<Integer> INTER_OP =
            add(
                    "interOpParallelism",
                    Setting.number(
                                    "SAGEMAKER_TFS_INTER_OP_PARALLELISM",
                                    Topic.TENSORFLOW,
                                    0,
                                    MAX_COMPUTE_THREADS,
                                    "threads that run a graph's operations in parallel")
                            .documented(COMPUTE_THREADS_RANGE)
                            .or(0, "one per core")
                            .with(
                                    "Only for models with a loop; other models run on the threads of"
                                            + " their requests."));

    static final Setting<Boolean> OPTIMIZE =
            add(
                    "optimize",
                    Setting.flag(
                                    "BACTRIAN_OPTIMIZE",
                                    Topic.TENSORFLOW,
                                    "whether models are optimized as they are loaded")
                            .or(SESSION.optimize())
                            .with(
                                    "The graph is frozen if that is measured to be faster and the"
                                            + " outputs differ by at most 1e-5."));

    /** The libraries of custom operations, which are loaded before the models. */
    public static final Setting<List<Path>> OP_LIBRARIES =
            add(
                    "opLibraries",
                    Setting.paths(
                                    "BACTRIAN_OP_LIBRARIES",
                                    Topic.TENSORFLOW,
                                    "shared objects (.so) with custom TensorFlow operations")
                            .with(
                                    "For TensorFlow 2.18; loaded before the models, by inspect"
                                            + " and init too."));

    private ModelSettings() {}

    private static <T> Setting<T> add(String option, Setting<T> setting) {
        Setting<T> added = setting.withOption(option);
        TABLE.add(added);
        return added;
    }

    /** {@return all settings of models} */
    public static List<Setting<?>> all() {
        return Collections.unmodifiableList(TABLE);
    }

    /**
     * {@return the setting of an option, or null if there is none}
     *
     * @param option the option's name, in any case
     */
    public static @Nullable Setting<?> ofOption(String option) {
        return TABLE.stream()
                .filter(setting -> option.equalsIgnoreCase(setting.option()))
                .findFirst()
                .orElse(null);
    }

    /**
     * {@return the configuration of TensorFlow's sessions}
     *
     * @param values the values of the settings
     */
    public static TensorFlowConfig tensorFlow(SettingValues values) {
        int intraOp = values.get(INTRA_OP);
        int interOp = values.get(INTER_OP);
        return new TensorFlowConfig(
                intraOp == 0 ? SESSION.intraOp() : intraOp,
                interOp == 0 ? SESSION.interOp() : interOp,
                values.get(OPTIMIZE));
    }

    /**
     * {@return the configuration of batching and concurrent runs}
     *
     * @param values the values of the settings
     */
    public static SchedulerConfig scheduling(SettingValues values) {
        Boolean batching = values.find(BATCHING);
        return new SchedulerConfig(
                batching == null ? Batching.AUTO : batching ? Batching.ON : Batching.OFF,
                values.get(MAX_BATCH_SIZE),
                SchedulerConfig.micros(values.get(BATCH_TIMEOUT_MICROS)),
                values.get(MAX_ENQUEUED_BATCHES),
                values.get(BATCH_THREADS),
                SCHEDULER.allowedBatchSizes(),
                SCHEDULER.paddingValue());
    }
}
