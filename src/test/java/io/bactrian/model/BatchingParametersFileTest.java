package io.bactrian.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.bactrian.model.SchedulerConfig.Batching;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BatchingParametersFileTest {

    private static final SchedulerConfig BASE = SchedulerConfig.defaults();

    @TempDir Path folder;

    private SchedulerConfig read(String text) throws IOException {
        Files.writeString(folder.resolve("batching_params.pbtxt"), text);
        return BatchingParametersFile.apply(BASE, folder);
    }

    private String error(String text) {
        String message = assertThrows(ModelLoadException.class, () -> read(text)).getMessage();
        return message.replace(folder.resolve("batching_params.pbtxt").toString(), "FILE");
    }

    @Test
    void withoutAFileTheEnvironmentCounts() {
        assertSame(BASE, BatchingParametersFile.apply(BASE, folder, folder.resolve("none")));
    }

    @Test
    void aFileOfTensorFlowServingsIsRead() throws IOException {
        assertEquals(
                new SchedulerConfig(
                        Batching.AUTO,
                        128,
                        Duration.ofNanos(1_000_000),
                        1000,
                        8,
                        List.of(1, 32, 128),
                        ""),
                read(
                        """
                        # As TensorFlow Serving's guide has it.
                        max_batch_size { value: 128 }
                        batch_timeout_micros: { value: 1000 },
                        max_enqueued_batches { value : 1000 };
                        num_batch_threads { value: 8 }
                        thread_pool_name { value: "pool # 1" }
                        allowed_batch_sizes: 1
                        allowed_batch_sizes: [32, 128]
                        pad_variable_length_inputs: true
                        enable_large_batch_splitting { value: false }
                        """));
    }

    @Test
    void whatTheFileDoesNotSayIsTheEnvironments() throws IOException {
        SchedulerConfig config = read("enable_batching: false padding_value: \"-1\"");
        assertEquals(Batching.OFF, config.batching());
        assertEquals("-1", config.paddingValue());
        assertEquals(BASE.maxBatchSize(), config.maxBatchSize());
        assertEquals(BASE.concurrentRuns(), config.concurrentRuns());
    }

    @Test
    void theLargestAllowedSizeIsTheMaximum() throws IOException {
        assertEquals(16, read("allowed_batch_sizes: 4 allowed_batch_sizes: 16").maxBatchSize());
        assertEquals(
                "FILE: the last of the allowed batch sizes [4, 16] must be the maximum batch size,"
                        + " 8",
                error("max_batch_size { value: 8 } allowed_batch_sizes: [4, 16]"));
    }

    @Test
    void whatIsWrongIsToldWithItsLine() {
        assertEquals(
                "FILE, line 2: unknown field \"max_batch\": there are allowed_batch_sizes,"
                        + " batch_timeout_micros, enable_batching, max_batch_size,"
                        + " max_enqueued_batches, num_batch_threads, pad_variable_length_inputs,"
                        + " padding_value",
                error("# one\nmax_batch { value: 8 }"));
        assertEquals(
                "FILE, line 1: max_batch_size must be a whole number up to 1000000, got lots",
                error("max_batch_size { value: lots }"));
        assertEquals(
                "FILE, line 1: expected { value: … } after max_batch_size",
                error("max_batch_size { 8 }"));
        assertEquals("FILE, line 1: the file ends too early", error("max_batch_size { value: "));
        assertEquals(
                "FILE, line 1: expected : or { after max_batch_size", error("max_batch_size 8"));
        assertEquals(
                "FILE: the maximum batch size must be from 1 to 1000000, got 0",
                error("max_batch_size { value: 0 }"));
    }
}
