package io.bactrian.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
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
    void settingsComeFromTheEnvironmentWithoutAFile() {
        assertSame(BASE, BatchingParametersFile.apply(BASE, folder, folder.resolve("none")));
    }

    @Test
    void tensorFlowServingsFieldsAreRead() throws IOException {
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
                        # From TensorFlow Serving's guide.
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
    void omittedFieldsComeFromTheEnvironment() throws IOException {
        SchedulerConfig config = read("enable_batching: false padding_value: \"-1\"");
        assertEquals(Batching.OFF, config.batching());
        assertEquals("-1", config.paddingValue());
        assertEquals(BASE.maxBatchSize(), config.maxBatchSize());
        assertEquals(BASE.concurrentRuns(), config.concurrentRuns());
    }

    @Test
    void largestAllowedSizeIsTheMaximum() throws IOException {
        assertEquals(16, read("allowed_batch_sizes: 4 allowed_batch_sizes: 16").maxBatchSize());
        assertEquals(
                "FILE: the last of the allowed batch sizes [4, 16] must be the maximum batch size,"
                        + " 8",
                error("max_batch_size { value: 8 } allowed_batch_sizes: [4, 16]"));
    }

    @Test
    void errorsNameLineAndColumn() {
        assertEquals(
                "FILE, line 2, column 1: unknown field \"max_batch\": the fields are"
                        + " allowed_batch_sizes, batch_timeout_micros, enable_batching,"
                        + " enable_large_batch_splitting, max_batch_size, max_enqueued_batches,"
                        + " max_execution_batch_size, num_batch_threads,"
                        + " pad_variable_length_inputs, padding_value, thread_pool_name",
                error("# one\nmax_batch { value: 8 }"));
        assertEquals(
                "FILE, line 2, column 20: unknown field \"size\": expected value",
                error("num_batch_threads { value: 2 }\n  max_batch_size { size: 8 }"));
        assertEquals(
                "FILE, line 1, column 25: expected an integer, got lots",
                error("max_batch_size { value: lots }"));
        assertEquals(
                "FILE, line 1, column 20: Expected \"{\". "
                        + "Integers are written as in max_batch_size { value: 8 }.",
                error("max_batch_size { 8 }"));
        assertEquals(
                "FILE, line 1, column 25: expected an integer, got the end of the file",
                error("max_batch_size { value: "));
        assertEquals(
                "FILE, line 1, column 16: Expected \"{\". "
                        + "Integers are written as in max_batch_size { value: 8 }.",
                error("max_batch_size 8"));
        assertEquals(
                "FILE, line 1, column 17: Expected \"{\". "
                        + "Integers are written as in max_batch_size { value: 8 }.",
                error("max_batch_size: 8"));
        assertEquals(
                "FILE, line 1, column 29: Expected \"true\" or \"false\". Found \"maybe\".",
                error("pad_variable_length_inputs: maybe"));
        assertEquals(
                "FILE, line 2, column 1: Non-repeated field \"tensorflow.serving."
                        + "BatchingParameters.max_batch_size\" cannot be overwritten.",
                error("max_batch_size { value: 8 }\nmax_batch_size { value: 9 }"));
        assertEquals(
                "FILE, line 2, column 3: max_batch_size must be an integer from 0 to 1000000, got"
                        + " 1000001",
                error("\n  max_batch_size { value: 1000001 }"));
        assertEquals(
                "FILE, line 1, column 1: allowed_batch_sizes must be an integer from 0 to"
                        + " 1000000, got -1",
                error("allowed_batch_sizes: [1, -1]"));
        assertEquals(
                "FILE: the maximum batch size must be from 1 to 1000000, got 0",
                error("max_batch_size { value: 0 }"));
    }

    @Test
    void zeroValuesOverrideTheEnvironment() throws IOException {
        SchedulerConfig base =
                new SchedulerConfig(Batching.ON, 8, Duration.ofMillis(5), 16, 2, List.of(), "-1");
        Files.writeString(
                folder.resolve("batching_params.pbtxt"),
                "pad_variable_length_inputs: false batch_timeout_micros {}");
        SchedulerConfig config = BatchingParametersFile.apply(base, folder);
        assertEquals(Duration.ZERO, config.maxDelay());
        assertNull(config.paddingValue());
        assertEquals(8, config.maxBatchSize());
    }

    @Test
    void nestedValuesAndEscapesAreReadAsTextFormatHasThem() throws IOException {
        SchedulerConfig config =
                read("max_batch_size < value: 0x10 > padding_value: '\\x41' \"b\" # comment");
        assertEquals(16, config.maxBatchSize());
        assertEquals("Ab", config.paddingValue());
    }
}
