package io.bactrian.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.bactrian.limit.Deadline;
import io.bactrian.limit.DeadlineExceededException;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.testing.TestModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.types.TFloat32;

/** Endless runs of a model that {@code src/test/python/make_run_models.py} creates. */
@Timeout(120)
class EndlessRunsTest {

    private static final Path ENDLESS = Path.of("src/test/resources/models/endless/1");
    private static final int RUNS = 4;

    @TempDir Path folder;

    private final ExecutorService threads = Executors.newFixedThreadPool(RUNS);
    private long open;

    @BeforeEach
    void count() {
        open = NamedTensors.open();
    }

    @AfterEach
    void noTensorStaysOpen() {
        threads.shutdownNow();
        assertTrue(NamedTensors.open() <= open);
    }

    /** A model with its own warm-up requests, so that loading does not run endless loops. */
    private LoadedModel load(String name) throws IOException {
        Path path = TestModels.copy(ENDLESS, folder.resolve(name));
        Path requests = path.resolve(WarmUpRequests.FILE);
        Files.createDirectories(requests.getParent());
        List<ByteString> records = new ArrayList<>();
        for (String signature : List.of("doubling", "nested")) {
            records.add(WarmUpTest.predictionLog(signature, Map.of("x", WarmUpTest.floats(1))));
        }
        Files.write(requests, WarmUpTest.tfRecords(records.toArray(ByteString[]::new)));
        Predicate<String> loops =
                signature -> List.of("endless_dataset", "read").contains(signature);
        TestModels.removeSignatures(path, loops);
        return ModelLoader.load(name, 1, path, new TensorFlowConfig(1, 2, true));
    }

    private static float run(LoadedModel model, String signature, float x, Deadline deadline) {
        try (NamedTensors inputs = NamedTensors.of("x", TFloat32.vectorOf(x));
                NamedTensors outputs =
                        model.run(model.signature(signature), inputs.asMap(), deadline)) {
            return ((TFloat32) outputs.select(null)).getFloat(0);
        }
    }

    @Test
    void endlessRunEndsAtItsDeadlineAndTheNextRunSucceeds() throws IOException {
        try (LoadedModel model = load("m")) {
            for (int i = 0; i < 20; i++) {
                for (String signature : List.of("doubling", "nested")) {
                    DeadlineExceededException e =
                            assertThrows(
                                    DeadlineExceededException.class,
                                    () ->
                                            run(
                                                    model,
                                                    signature,
                                                    0,
                                                    Deadline.after(Duration.ofMillis(20))));
                    assertEquals(
                            "deadline exceeded while model \"m\" was running signature \""
                                    + signature
                                    + "\"",
                            e.getMessage());
                    assertEquals(128, run(model, signature, 1, Deadline.none()));
                }
            }
        }
    }

    /** More than the number of TensorFlow's threads. */
    @Test
    void endlessRunsDoNotBlockAnotherModel() throws Exception {
        try (LoadedModel model = load("m");
                LoadedModel other = load("other")) {
            CountDownLatch begun = new CountDownLatch(RUNS);
            List<CompletableFuture<Void>> endless = new ArrayList<>();
            for (int i = 0; i < RUNS; i++) {
                endless.add(
                        CompletableFuture.runAsync(
                                () -> {
                                    begun.countDown();
                                    assertThrows(
                                            DeadlineExceededException.class,
                                            () ->
                                                    run(
                                                            model,
                                                            "doubling",
                                                            0,
                                                            Deadline.after(Duration.ofSeconds(4))));
                                },
                                threads));
            }
            begun.await();
            for (int i = 0; i < 10; i++) {
                assertEquals(128, run(other, "doubling", 1, Deadline.none()));
            }
            assertTrue(endless.stream().noneMatch(CompletableFuture::isDone));
            endless.forEach(CompletableFuture::join);
        }
    }

    @Test
    void closeDoesNotWaitForEndlessRuns() throws Exception {
        LoadedModel model = load("m");
        CountDownLatch begun = new CountDownLatch(1);
        CompletableFuture<Void> endless =
                CompletableFuture.runAsync(
                        () -> {
                            begun.countDown();
                            assertThrows(
                                    DeadlineExceededException.class,
                                    () ->
                                            run(
                                                    model,
                                                    "doubling",
                                                    0,
                                                    Deadline.after(Duration.ofSeconds(2))));
                        },
                        threads);
        begun.await();
        // Until it runs: a run that comes after closing is refused.
        while (model.runs() == 0) {
            Thread.onSpinWait();
        }
        model.close();
        assertTrue(!endless.isDone());
        assertThrows(ModelClosedException.class, () -> run(model, "doubling", 1, Deadline.none()));
        endless.join();
    }
}
