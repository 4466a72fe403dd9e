package io.bactrian.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bactrian.limit.Deadline;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.NativeMemory;
import io.bactrian.testing.TestModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TString;

/** The scheduler with SavedModels. */
@Timeout(120)
class ScheduledModelsTest {

    private static final Path MODELS = Path.of("src/examples/models");
    private static final Path HALF_PLUS_TWO = Path.of("../shared/fixtures/half-plus-two/1");
    private static final TensorFlowConfig THREADS = new TensorFlowConfig(1, 1, true);

    private long open;

    @BeforeEach
    void count() {
        open = NamedTensors.open();
    }

    @AfterEach
    void noTensorStaysOpen() {
        assertTrue(NamedTensors.open() <= open);
    }

    private static SchedulerConfig on() {
        return new SchedulerConfig(
                SchedulerConfig.Batching.ON, 32, Duration.ZERO, 16, 1, List.of(), null);
    }

    private static float[] floats(NamedTensors tensors) {
        float[] values = new float[(int) tensors.select(null).shape().size()];
        NativeMemory.of(tensors.select(null)).asFloatBuffer().get(values);
        return values;
    }

    private static void inParallel(int threads, Runnable task) {
        List<CompletableFuture<Void>> done = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            CompletableFuture<Void> its = new CompletableFuture<>();
            done.add(its);
            new Thread(
                            () -> {
                                try {
                                    task.run();
                                    its.complete(null);
                                } catch (Throwable e) {
                                    its.completeExceptionally(e);
                                }
                            })
                    .start();
        }
        done.forEach(CompletableFuture::join);
    }

    @Test
    void batchedTextsAreClassifiedAsAlone() {
        try (LoadedModel model =
                        ModelLoader.load(
                                "text", 1, MODELS.resolve("text-classification/1"), THREADS);
                PredictionScheduler scheduler = PredictionScheduler.of(model, on())) {
            Signature signature = model.signature(null);
            assertNull(scheduler.batchingDisabledReason(signature));
            assertTrue(scheduler.sharesRuns());
            AtomicInteger caller = new AtomicInteger();
            inParallel(
                    8,
                    () -> {
                        int number = caller.incrementAndGet();
                        for (int i = 0; i < 100; i++) {
                            String text = "free prize call " + number + " meet for lunch " + i;
                            try (NamedTensors input =
                                            NamedTensors.of("text", TString.vectorOf(text));
                                    NamedTensors alone = model.predict(signature, input);
                                    NamedTensors scheduled =
                                            scheduler.predict(
                                                    signature, input.asMap(), Deadline.none())) {
                                assertArrayEquals(floats(alone), floats(scheduled), 1e-5f);
                            }
                        }
                    });
            assertTrue(scheduler.counts().batches() > 0);
            assertEquals(0, scheduler.counts().failedBatches());
        }
    }

    @Test
    void batchedHalfPlusTwoAnswersAsAlone() {
        assumeTrue(
                Files.isDirectory(HALF_PLUS_TWO),
                HALF_PLUS_TWO + " is not there: not tested with it");
        try (LoadedModel model = ModelLoader.load("half", 1, HALF_PLUS_TWO, THREADS);
                PredictionScheduler scheduler = PredictionScheduler.of(model, on())) {
            Signature signature = model.signature(null);
            AtomicInteger caller = new AtomicInteger();
            inParallel(
                    8,
                    () -> {
                        int number = caller.incrementAndGet();
                        for (int i = 0; i < 500; i++) {
                            float x = 1000 * number + i;
                            TFloat32 tensor =
                                    TFloat32.tensorOf(org.tensorflow.ndarray.Shape.of(1, 1));
                            tensor.setFloat(x, 0, 0);
                            try (NamedTensors input = NamedTensors.of("x", tensor);
                                    NamedTensors output =
                                            scheduler.predict(
                                                    signature, input.asMap(), Deadline.none())) {
                                assertArrayEquals(new float[] {x / 2 + 2}, floats(output));
                            }
                        }
                    });
            assertTrue(scheduler.counts().batches() > 0);
            assertNotNull(scheduler.batchingDisabledReason(model.signature("regress_x_to_y")));
        }
    }

    @Test
    void automaticBatchingIsOffUntilMeasured() {
        try (LoadedModel model =
                        ModelLoader.load(
                                "text", 1, MODELS.resolve("text-classification/1"), THREADS);
                PredictionScheduler scheduler =
                        PredictionScheduler.of(model, SchedulerConfig.defaults())) {
            Signature signature = model.signature(null);
            assertEquals("it has not been measured", scheduler.batchingDisabledReason(signature));
            assertFalse(scheduler.sharesRuns());
            scheduler.measure(signature);
            assertNotEquals(
                    "it has not been measured", scheduler.batchingDisabledReason(signature));
            assertEquals(
                    scheduler.batchingDisabledReason(signature) == null, scheduler.sharesRuns());
            assertEquals(
                    "it has not been measured",
                    scheduler.batchingDisabledReason(model.signature("serve")));
        }
    }

    /** A request's answer must not depend on other requests, even if batching is faster. */
    @Test
    void rowsThatAreNotProvenIndependentAreNotBatchedUnlessAskedFor(@TempDir Path directory)
            throws IOException {
        TestModels.model(
                directory,
                TFloat32.class,
                org.tensorflow.ndarray.Shape.of(-1),
                (tf, x) -> tf.math.sub(x, tf.math.mean(x, tf.constant(new int[] {0}))));
        try (LoadedModel model = ModelLoader.load("mixing", 1, directory, THREADS);
                PredictionScheduler scheduler =
                        PredictionScheduler.of(model, SchedulerConfig.defaults());
                PredictionScheduler forced = PredictionScheduler.of(model, on())) {
            Signature signature = model.signature(null);
            scheduler.measure(signature);
            assertFalse(scheduler.sharesRuns());
            assertEquals(
                    List.of(
                            "signature \"serving_default\" is not batched: operation Mean (node"
                                    + " \"Mean\") is not known to keep rows apart"
                                    + " (SAGEMAKER_TFS_ENABLE_BATCHING=true batches it regardless)"),
                    scheduler.remarks());
            assertTrue(forced.sharesRuns());
            assertEquals(List.of(), forced.remarks());
        }
    }

    /** The proof does not cover rows that are padded to the length of the longest in the batch. */
    @Test
    void paddedInputsAreNotBatchedUnlessAskedFor(@TempDir Path directory) throws IOException {
        TestModels.identity(directory, TFloat32.class, org.tensorflow.ndarray.Shape.of(-1, -1));
        SchedulerConfig padding =
                new SchedulerConfig(
                        SchedulerConfig.Batching.AUTO, 32, Duration.ZERO, 16, 1, List.of(), "0");
        try (LoadedModel model = ModelLoader.load("identity", 1, directory, THREADS);
                PredictionScheduler scheduler = PredictionScheduler.of(model, padding)) {
            scheduler.measure(model.signature(null));
            assertFalse(scheduler.sharesRuns());
            assertTrue(
                    scheduler.remarks().get(0).contains("padding makes a row as long as"),
                    scheduler.remarks()::toString);
        }
    }

    @Test
    void modelsOwnBatchingParametersApply(@TempDir Path directory) throws IOException {
        Path version = Files.createDirectories(directory.resolve("text/1"));
        Path source = MODELS.resolve("text-classification/1").toAbsolutePath();
        for (String file : List.of("saved_model.pb", "variables")) {
            Files.createSymbolicLink(version.resolve(file), source.resolve(file));
        }
        Path parameters = directory.resolve("text/batching_params.pbtxt");
        Files.writeString(parameters, "enable_batching: false");
        try (ModelRepository repository = new ModelRepository(directory, THREADS, on())) {
            Signature signature = repository.get("text").model().signature(null);
            assertEquals(
                    "it is switched off",
                    repository.get("text").scheduler().batchingDisabledReason(signature));
        }
        Files.writeString(parameters, "max_batch: 7");
        try (ModelRepository repository = new ModelRepository(directory, THREADS, on())) {
            assertTrue(
                    assertThrows(ModelLoadException.class, () -> repository.get("text"))
                            .getMessage()
                            .contains(
                                    "batching_params.pbtxt, line 1, column 1: unknown field"
                                            + " \"max_batch\""));
        }
    }
}
