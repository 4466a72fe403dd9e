package io.bactrian.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.model.ModelSettings;
import io.bactrian.model.SchedulerConfig;
import io.bactrian.model.SchedulerConfig.Batching;
import io.bactrian.model.TensorFlowConfig;
import io.bactrian.route.ConfigurationException;
import io.bactrian.setting.Setting;
import io.bactrian.setting.Setting.Topic;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContainerConfigTest {

    @Test
    void defaultsAreAsDocumented() {
        ContainerConfig config = ContainerConfig.of(Map.of());
        assertEquals("0.0.0.0", config.host());
        assertEquals(8080, config.port());
        assertEquals(Path.of("/opt/ml/model"), config.modelDirectory());
        assertEquals(Path.of("routes").toAbsolutePath(), config.routes().directory());
        assertFalse(config.routes().required());
        assertNull(config.routes().defaultPipeline());
        assertNull(config.logLevel());
        assertFalse(config.strict());
        assertEquals(25 * 1024 * 1024, config.maxBodyBytes());
        assertEquals(32 * Runtime.getRuntime().availableProcessors(), config.maxInFlight());
        assertEquals(Duration.ofSeconds(60), config.timeout());
        assertEquals(TensorFlowConfig.defaults(), config.tensorFlow());
        assertTrue(config.tensorFlow().optimize());
        assertEquals(List.of(), config.opLibraries());
        assertEquals(SchedulerConfig.defaults(), config.scheduling());
    }

    /** A variable's text and the expected value. */
    private record Example(String text, Object value, Function<ContainerConfig, Object> read) {}

    private static final Map<String, Example> EXAMPLES =
            Map.ofEntries(
                    example("BACTRIAN_HOST", "127.0.0.1", "127.0.0.1", ContainerConfig::host),
                    example("SAGEMAKER_BIND_TO_PORT", "8081", 8081, ContainerConfig::port),
                    example(
                            "BACTRIAN_MODEL_DIR",
                            "models",
                            Path.of("models").toAbsolutePath(),
                            ContainerConfig::modelDirectory),
                    example(
                            "BACTRIAN_ROUTES_DIR",
                            "mine",
                            Path.of("mine").toAbsolutePath(),
                            config -> config.routes().directory()),
                    example(
                            "BACTRIAN_PIPELINE",
                            "spam",
                            "spam",
                            config -> config.routes().defaultPipeline()),
                    example("BACTRIAN_STRICT", "true", true, ContainerConfig::strict),
                    example(
                            "SAGEMAKER_MAX_PAYLOAD_IN_MB",
                            "6",
                            6L << 20,
                            ContainerConfig::maxBodyBytes),
                    example(
                            "SAGEMAKER_MODEL_SERVER_WORKERS",
                            "3",
                            3,
                            config -> config.concurrency(true)),
                    example("BACTRIAN_MAX_IN_FLIGHT", "9", 9, ContainerConfig::maxInFlight),
                    example(
                            "SAGEMAKER_MODEL_SERVER_TIMEOUT",
                            "30",
                            Duration.ofSeconds(30),
                            ContainerConfig::timeout),
                    example(
                            "SAGEMAKER_TFS_INTRA_OP_PARALLELISM",
                            "3",
                            3,
                            config -> config.tensorFlow().intraOp()),
                    example(
                            "SAGEMAKER_TFS_INTER_OP_PARALLELISM",
                            "5",
                            5,
                            config -> config.tensorFlow().interOp()),
                    example(
                            "BACTRIAN_OPTIMIZE",
                            "false",
                            false,
                            config -> config.tensorFlow().optimize()),
                    example(
                            "BACTRIAN_OP_LIBRARIES",
                            "a.so, b.so:/c/d.so,",
                            List.of(Path.of("a.so"), Path.of("b.so"), Path.of("/c/d.so")),
                            ContainerConfig::opLibraries),
                    example(
                            "SAGEMAKER_TFS_ENABLE_BATCHING",
                            "True",
                            Batching.ON,
                            config -> config.scheduling().batching()),
                    example(
                            "SAGEMAKER_TFS_MAX_BATCH_SIZE",
                            "7",
                            7,
                            config -> config.scheduling().maxBatchSize()),
                    example(
                            "SAGEMAKER_TFS_BATCH_TIMEOUT_MICROS",
                            "1500",
                            Duration.ofNanos(1_500_000),
                            config -> config.scheduling().maxDelay()),
                    example(
                            "SAGEMAKER_TFS_MAX_ENQUEUED_BATCHES",
                            "3",
                            3,
                            config -> config.scheduling().maxEnqueuedBatches()),
                    example(
                            "SAGEMAKER_TFS_NUM_BATCH_THREADS",
                            " 5 ",
                            5,
                            config -> config.scheduling().concurrentRuns()),
                    example(
                            "SAGEMAKER_BATCH",
                            "true",
                            100_000_000,
                            config -> config.scheduling().maxEnqueuedBatches()),
                    example(
                            "SAGEMAKER_CONTAINER_LOG_LEVEL",
                            "20",
                            LogLevel.INFO,
                            ContainerConfig::logLevel),
                    example(
                            "BACTRIAN_JAVA_OPTS",
                            "-Xmx1g",
                            "-Xmx1g",
                            config -> config.get(Settings.JAVA_OPTIONS)));

    private static Map.Entry<String, Example> example(
            String name, String text, Object value, Function<ContainerConfig, Object> read) {
        return Map.entry(name, new Example(text, value, read));
    }

    private static List<String> settings() {
        return Settings.all().stream().map(Setting::name).toList();
    }

    @ParameterizedTest
    @MethodSource("settings")
    void eachSettingIsRead(String name) {
        Example example = EXAMPLES.get(name);
        assertNotNull(example, name + " has no example in this test");
        ContainerConfig config = ContainerConfig.of(Map.of(name, example.text()));
        assertEquals(example.value(), example.read().apply(config));
        assertNotEquals(example.value(), example.read().apply(ContainerConfig.of(Map.of())));
    }

    /** Only what SageMaker sets for a job does not concern a Camel application. */
    @Test
    void settingsOfModelsAreOptionsOfTheComponent() {
        for (Setting<?> setting : Settings.all()) {
            boolean ofModels =
                    setting.topic() == Topic.BATCHING || setting.topic() == Topic.TENSORFLOW;
            if (ofModels && setting != Settings.BATCH_TRANSFORM) {
                assertSame(setting, ModelSettings.ofOption(setting.option()), setting.name());
            }
        }
    }

    @Test
    void batchTransformKeepsTheLimitThatIsSet() {
        assertEquals(
                3,
                scheduling(
                                Map.of(
                                        "SAGEMAKER_BATCH", "true",
                                        "SAGEMAKER_TFS_MAX_ENQUEUED_BATCHES", "3"))
                        .maxEnqueuedBatches());
    }

    @ParameterizedTest
    @ValueSource(strings = {"m", ".", "models"})
    void withoutFoldersKeepsOtherWordsOfTheMessage(String folder) {
        ContainerConfig config =
                ContainerConfig.of(
                        Map.of("BACTRIAN_MODEL_DIR", folder, "BACTRIAN_ROUTES_DIR", folder));
        String reason = "several models. No variables.index in ";
        assertEquals(
                reason + "spam/1",
                config.routes().withoutFolders(reason + config.modelDirectory().resolve("spam/1")));
        assertEquals(
                reason + "the model directory",
                config.routes().withoutFolders(reason + config.modelDirectory()));
    }

    @Test
    void defaultConcurrencyDependsOnWhetherRequestsBlock() {
        int cores = Runtime.getRuntime().availableProcessors();
        ContainerConfig config = ContainerConfig.of(Map.of());
        assertEquals(8 * cores, config.concurrency(true));
        assertEquals(cores, config.concurrency(false));
    }

    @Test
    void configuredConcurrencyAppliesWhetherOrNotRequestsBlock() {
        ContainerConfig config = ContainerConfig.of(Map.of("SAGEMAKER_MODEL_SERVER_WORKERS", "3"));
        assertEquals(3, config.concurrency(true));
        assertEquals(3, config.concurrency(false));
    }

    @ParameterizedTest
    @MethodSource("settings")
    void blankVariableIsNotSet(String name) {
        Function<ContainerConfig, Object> read = EXAMPLES.get(name).read();
        assertEquals(
                read.apply(ContainerConfig.of(Map.of())),
                read.apply(ContainerConfig.of(Map.of(name, " "))));
    }

    @Test
    void otherSageMakerVariablesAreIgnored() {
        ContainerConfig config =
                ContainerConfig.of(Map.of("SAGEMAKER_REGION", "eu-west-1", "PATH", "/bin"));
        assertEquals(List.of(), config.warnings());
    }

    @Test
    void unknownBactrianVariableIsAnError() {
        assertEquals(
                "unknown variable BACTRIAN_MODELS_DIR, did you mean BACTRIAN_MODEL_DIR?: there are BACTRIAN_HOST, BACTRIAN_JAVA_OPTS, BACTRIAN_MAX_IN_FLIGHT, BACTRIAN_MODEL_DIR,"
                        + " BACTRIAN_OPTIMIZE, BACTRIAN_OP_LIBRARIES, BACTRIAN_PIPELINE, BACTRIAN_ROUTES_DIR,"
                        + " BACTRIAN_STRICT, SAGEMAKER_BATCH, SAGEMAKER_BIND_TO_PORT,"
                        + " SAGEMAKER_CONTAINER_LOG_LEVEL, SAGEMAKER_MAX_PAYLOAD_IN_MB,"
                        + " SAGEMAKER_MODEL_SERVER_TIMEOUT, SAGEMAKER_MODEL_SERVER_WORKERS,"
                        + " SAGEMAKER_TFS_BATCH_TIMEOUT_MICROS, SAGEMAKER_TFS_ENABLE_BATCHING,"
                        + " SAGEMAKER_TFS_INTER_OP_PARALLELISM, SAGEMAKER_TFS_INTRA_OP_PARALLELISM,"
                        + " SAGEMAKER_TFS_MAX_BATCH_SIZE, SAGEMAKER_TFS_MAX_ENQUEUED_BATCHES,"
                        + " SAGEMAKER_TFS_NUM_BATCH_THREADS",
                assertThrows(
                                ConfigurationException.class,
                                () -> ContainerConfig.of(Map.of("BACTRIAN_MODELS_DIR", "x")))
                        .getMessage());
    }

    /** An excessive value would start thousands of threads per model. */
    @ParameterizedTest
    @CsvSource({
        "SAGEMAKER_TFS_INTRA_OP_PARALLELISM, 0",
        "SAGEMAKER_TFS_INTER_OP_PARALLELISM, 0",
        "SAGEMAKER_TFS_NUM_BATCH_THREADS, 1"
    })
    void computeThreadsAreLimitedByTheCores(String name, int min) {
        int max = Math.max(64, 8 * Runtime.getRuntime().availableProcessors());
        ContainerConfig.of(Map.of(name, String.valueOf(max)));
        assertEquals(
                name + " must be a whole number from " + min + " to " + max + ", got \"10000\"",
                assertThrows(
                                ConfigurationException.class,
                                () -> ContainerConfig.of(Map.of(name, "10000")))
                        .getMessage());
    }

    @Test
    void workersAreLimited() {
        int max = Math.max(1000, 64 * Runtime.getRuntime().availableProcessors());
        assertEquals(
                "SAGEMAKER_MODEL_SERVER_WORKERS must be a whole number from 1 to "
                        + max
                        + ", got \"0\"",
                assertThrows(
                                ConfigurationException.class,
                                () ->
                                        ContainerConfig.of(
                                                Map.of("SAGEMAKER_MODEL_SERVER_WORKERS", "0")))
                        .getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "SAGEMAKER_BIND_PORT, SAGEMAKER_BIND_TO_PORT",
        "SAGEMAKER_TFS_MAX_BATCHSIZE, SAGEMAKER_TFS_MAX_BATCH_SIZE",
        "SAGEMAKER_MODEL_SERVER_WORKER, SAGEMAKER_MODEL_SERVER_WORKERS"
    })
    void misspelledSageMakerVariableIsAWarning(String name, String meant) {
        assertEquals(
                List.of("the variable " + name + " is not known: did you mean " + meant + "?"),
                ContainerConfig.of(Map.of(name, "1")).warnings());
    }

    @ParameterizedTest
    @CsvSource({
        "0, TRACE",
        "10, DEBUG",
        "20, INFO",
        "30, WARN",
        "40, ERROR",
        "50, ERROR",
        "info, INFO",
        "Warning, WARN",
        "CRITICAL, ERROR"
    })
    void logLevelsArePythonNamesOrNumbers(String value, LogLevel level) {
        assertEquals(
                level,
                ContainerConfig.of(Map.of("SAGEMAKER_CONTAINER_LOG_LEVEL", value)).logLevel());
    }

    @Test
    void unknownLogLevelListsTheLevels() {
        assertEquals(
                "SAGEMAKER_CONTAINER_LOG_LEVEL must be 10, 20, 30, 40 or 50, or DEBUG, INFO, WARNING,"
                        + " ERROR or CRITICAL, got \"loud\"",
                assertThrows(
                                ConfigurationException.class,
                                () ->
                                        ContainerConfig.of(
                                                Map.of("SAGEMAKER_CONTAINER_LOG_LEVEL", "loud")))
                        .getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "SAGEMAKER_BIND_TO_PORT, http, 0, 65535",
        "SAGEMAKER_BIND_TO_PORT, 65536, 0, 65535",
        "SAGEMAKER_BIND_TO_PORT, -1, 0, 65535",
        "SAGEMAKER_MAX_PAYLOAD_IN_MB, 0, 1, 2047",
        "SAGEMAKER_MODEL_SERVER_TIMEOUT, 0, 1, 3600",
        "BACTRIAN_MAX_IN_FLIGHT, none, 1, 100000"
    })
    void numberOutOfRangeNamesVariableAndRange(String name, String value, int min, int max) {
        assertEquals(
                name
                        + " must be a whole number from "
                        + min
                        + " to "
                        + max
                        + ", got \""
                        + value
                        + "\"",
                assertThrows(
                                ConfigurationException.class,
                                () -> ContainerConfig.of(Map.of(name, value)))
                        .getMessage());
    }

    @Test
    void batchingIsSwitchedOff() {
        assertEquals(
                Batching.OFF,
                scheduling(Map.of("SAGEMAKER_TFS_ENABLE_BATCHING", "false")).batching());
    }

    @Test
    void invalidValueNamesTheVariable() {
        for (Map.Entry<String, String> wrong :
                Map.of(
                                "SAGEMAKER_TFS_ENABLE_BATCHING", "yes",
                                "SAGEMAKER_TFS_MAX_BATCH_SIZE", "0",
                                "SAGEMAKER_TFS_BATCH_TIMEOUT_MICROS", "-1",
                                "SAGEMAKER_TFS_MAX_ENQUEUED_BATCHES", "many",
                                "SAGEMAKER_TFS_NUM_BATCH_THREADS", "1.5")
                        .entrySet()) {
            ConfigurationException e =
                    assertThrows(
                            ConfigurationException.class,
                            () -> scheduling(Map.of(wrong.getKey(), wrong.getValue())));
            assertTrue(
                    e.getMessage().startsWith(wrong.getKey() + " must be")
                            && e.getMessage().contains("\"" + wrong.getValue() + "\""),
                    e.getMessage());
        }
    }

    private static SchedulerConfig scheduling(Map<String, String> environment) {
        return ContainerConfig.of(environment).scheduling();
    }
}
