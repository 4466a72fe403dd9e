package io.bactrian.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.model.SchedulerConfig;
import io.bactrian.model.SchedulerConfig.Batching;
import io.bactrian.model.TensorFlowConfig;
import io.bactrian.route.ConfigurationException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContainerConfigTest {

    @Test
    void defaults() {
        ContainerConfig config = ContainerConfig.of(Map.of());
        assertEquals("0.0.0.0", config.host());
        assertEquals(8080, config.port());
        assertEquals(Path.of("/opt/ml/model"), config.modelDirectory());
        assertEquals(Path.of("routes").toAbsolutePath(), config.routesDirectory());
        assertFalse(config.routesRequired());
        assertNull(config.pipeline());
        assertNull(config.logLevel());
        assertFalse(config.strict());
        assertEquals(25 * 1024 * 1024, config.maxBodyBytes());
        assertEquals(OptionalInt.empty(), config.workers());
        assertEquals(32 * Runtime.getRuntime().availableProcessors(), config.maxInFlight());
        assertEquals(Duration.ofSeconds(60), config.timeout());
        assertEquals(TensorFlowConfig.defaults(), config.tensorFlow());
        assertTrue(config.tensorFlow().optimize());
        assertEquals(List.of(), config.opLibraries());
        assertEquals(SchedulerConfig.defaults(), config.scheduling());
    }

    @Test
    void everyVariable() {
        Map<String, String> environment = new HashMap<>();
        environment.put("BACTRIAN_HOST", "127.0.0.1");
        environment.put("SAGEMAKER_BIND_TO_PORT", "8081");
        environment.put("BACTRIAN_MODEL_DIR", "models");
        environment.put("BACTRIAN_ROUTES_DIR", "mine");
        environment.put("BACTRIAN_PIPELINE", "spam");
        environment.put("BACTRIAN_STRICT", "true");
        environment.put("SAGEMAKER_MAX_PAYLOAD_IN_MB", "6");
        environment.put("SAGEMAKER_MODEL_SERVER_WORKERS", "3");
        environment.put("BACTRIAN_MAX_IN_FLIGHT", "9");
        environment.put("SAGEMAKER_MODEL_SERVER_TIMEOUT", "30");
        environment.put("SAGEMAKER_TFS_INTRA_OP_PARALLELISM", "3");
        environment.put("SAGEMAKER_TFS_INTER_OP_PARALLELISM", "5");
        environment.put("BACTRIAN_OPTIMIZE", "false");
        environment.put("BACTRIAN_OP_LIBRARIES", "a.so, b.so:/c/d.so,");
        environment.put("SAGEMAKER_TFS_MAX_BATCH_SIZE", "7");
        environment.put("BACTRIAN_JAVA_OPTS", "-Xmx1g");
        environment.put("SAGEMAKER_CONTAINER_LOG_LEVEL", "20");
        ContainerConfig config = ContainerConfig.of(environment);
        assertEquals(
                new ContainerConfig(
                        "127.0.0.1",
                        8081,
                        Path.of("models").toAbsolutePath(),
                        Path.of("mine").toAbsolutePath(),
                        true,
                        "spam",
                        true,
                        6 << 20,
                        OptionalInt.of(3),
                        9,
                        Duration.ofSeconds(30),
                        new TensorFlowConfig(3, 5, false),
                        List.of(Path.of("a.so"), Path.of("b.so"), Path.of("/c/d.so")),
                        scheduling(Map.of("SAGEMAKER_TFS_MAX_BATCH_SIZE", "7")),
                        LogLevel.INFO,
                        List.of()),
                config);
    }

    @ParameterizedTest
    @ValueSource(strings = {"m", ".", "models"})
    void aReasonKeepsItsWordsWhateverTheFoldersAreCalled(String folder) {
        ContainerConfig config =
                ContainerConfig.of(
                        Map.of("BACTRIAN_MODEL_DIR", folder, "BACTRIAN_ROUTES_DIR", folder));
        String reason = "several models. No variables.index in ";
        assertEquals(
                reason + "spam/1",
                config.withoutFolders(reason + config.modelDirectory().resolve("spam/1")));
        assertEquals(
                reason + "the model directory",
                config.withoutFolders(reason + config.modelDirectory()));
    }

    @Test
    void workersAreForRequestsThatWait() {
        int cores = Runtime.getRuntime().availableProcessors();
        ContainerConfig config = ContainerConfig.of(Map.of());
        assertEquals(8 * cores, config.workerThreads());
        assertEquals(8 * cores, config.requestsAtWork(true));
        assertEquals(cores, config.requestsAtWork(false));
    }

    @Test
    void asManyWorkersAsAreSetWhateverTheyDo() {
        ContainerConfig config = ContainerConfig.of(Map.of("SAGEMAKER_MODEL_SERVER_WORKERS", "3"));
        assertEquals(3, config.workerThreads());
        assertEquals(3, config.requestsAtWork(true));
        assertEquals(3, config.requestsAtWork(false));
    }

    @Test
    void blankIsNotSet() {
        assertEquals(
                ContainerConfig.of(Map.of()),
                ContainerConfig.of(Map.of("BACTRIAN_PIPELINE", " ", "SAGEMAKER_BIND_TO_PORT", "")));
    }

    @Test
    void sageMakersOtherVariablesArePassedOver() {
        assertEquals(
                ContainerConfig.of(Map.of()),
                ContainerConfig.of(Map.of("SAGEMAKER_REGION", "eu-west-1", "PATH", "/bin")));
    }

    @Test
    void anUnknownVariableOfOursIsAnError() {
        assertEquals(
                "unknown variable BACTRIAN_MODELS_DIR, did you mean BACTRIAN_MODEL_DIR?: there are BACTRIAN_HOST, BACTRIAN_MAX_IN_FLIGHT, BACTRIAN_MODEL_DIR,"
                        + " BACTRIAN_OPTIMIZE, BACTRIAN_OP_LIBRARIES, BACTRIAN_PIPELINE, BACTRIAN_ROUTES_DIR, BACTRIAN_STRICT",
                assertThrows(
                                ConfigurationException.class,
                                () -> ContainerConfig.of(Map.of("BACTRIAN_MODELS_DIR", "x")))
                        .getMessage());
    }

    /** A thousandth of them would do: 18,000 threads for three models. */
    @ParameterizedTest
    @CsvSource({
        "SAGEMAKER_TFS_INTRA_OP_PARALLELISM, 0",
        "SAGEMAKER_TFS_INTER_OP_PARALLELISM, 0",
        "SAGEMAKER_TFS_NUM_BATCH_THREADS, 1"
    })
    void threadsThatComputeAreBoundedByTheCores(String name, int least) {
        int most = Math.max(64, 8 * Runtime.getRuntime().availableProcessors());
        ContainerConfig.of(Map.of(name, String.valueOf(most)));
        assertEquals(
                name + " must be a whole number from " + least + " to " + most + ", got \"10000\"",
                assertThrows(
                                ConfigurationException.class,
                                () -> ContainerConfig.of(Map.of(name, "10000")))
                        .getMessage());
    }

    @Test
    void workersAreBounded() {
        int most = Math.max(1000, 64 * Runtime.getRuntime().availableProcessors());
        assertEquals(
                "SAGEMAKER_MODEL_SERVER_WORKERS must be a whole number from 1 to "
                        + most
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
    void aMisspelledVariableOfSageMakersIsWarnedOf(String name, String meant) {
        assertEquals(
                List.of("the variable " + name + " means nothing: did you mean " + meant + "?"),
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
    void logLevelsArePythons(String value, LogLevel level) {
        assertEquals(
                level,
                ContainerConfig.of(Map.of("SAGEMAKER_CONTAINER_LOG_LEVEL", value)).logLevel());
    }

    @Test
    void anUnknownLogLevelIsNamed() {
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
    void aNumberOutOfRangeIsNamed(String name, String value, int least, int most) {
        assertEquals(
                name
                        + " must be a whole number from "
                        + least
                        + " to "
                        + most
                        + ", got \""
                        + value
                        + "\"",
                assertThrows(
                                ConfigurationException.class,
                                () -> ContainerConfig.of(Map.of(name, value)))
                        .getMessage());
    }

    @Test
    void sageMakersVariablesAreRead() {
        SchedulerConfig config =
                scheduling(
                        Map.of(
                                "SAGEMAKER_TFS_ENABLE_BATCHING", "True",
                                "SAGEMAKER_TFS_MAX_BATCH_SIZE", "8",
                                "SAGEMAKER_TFS_BATCH_TIMEOUT_MICROS", "1500",
                                "SAGEMAKER_TFS_MAX_ENQUEUED_BATCHES", "3",
                                "SAGEMAKER_TFS_NUM_BATCH_THREADS", " 5 "));
        assertEquals(
                new SchedulerConfig(
                        Batching.ON, 8, Duration.ofNanos(1_500_000), 3, 5, List.of(), null),
                config);
        assertEquals(
                Batching.OFF,
                scheduling(Map.of("SAGEMAKER_TFS_ENABLE_BATCHING", "false")).batching());
    }

    @Test
    void batchTransformIsNeverRefused() {
        SchedulerConfig config = scheduling(Map.of("SAGEMAKER_BATCH", "true"));
        assertEquals(100_000_000, config.maxEnqueuedBatches());
    }

    @Test
    void aWrongVariableIsNamed() {
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
