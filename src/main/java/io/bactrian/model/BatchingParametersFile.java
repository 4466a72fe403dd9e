package io.bactrian.model;

import io.bactrian.model.SchedulerConfig.Batching;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A model's own scheduler settings, {@value #NAME} beside its {@code saved_model.pb} as TensorFlow
 * Serving has it, or in the model's folder for all its versions. What the file does not say is as
 * the environment has it.
 *
 * <pre>
 *   max_batch_size { value: 64 }
 *   batch_timeout_micros { value: 500 }
 *   max_enqueued_batches { value: 100 }
 *   num_batch_threads { value: 4 }
 *   allowed_batch_sizes: [1, 8, 64]
 *   pad_variable_length_inputs: true
 * </pre>
 *
 * Two fields are Bactrian's own, and TensorFlow Serving would not take them: {@code
 * enable_batching: true} or {@code false}, and {@code padding_value: "…"}, which is "0" (or an
 * empty string, or false) where only {@code pad_variable_length_inputs} is set: TensorFlow Serving
 * pads with whatever the first element of the batch is. Fields of TensorFlow Serving's that have no
 * meaning here are passed over: a thread pool's name, and the splitting of large requests, which
 * run alone.
 */
final class BatchingParametersFile {

    static final String NAME = "batching_params.pbtxt";

    private static final Set<String> KNOWN =
            new TreeSet<>(
                    Set.of(
                            "max_batch_size",
                            "batch_timeout_micros",
                            "max_enqueued_batches",
                            "num_batch_threads",
                            "allowed_batch_sizes",
                            "pad_variable_length_inputs",
                            "enable_batching",
                            "padding_value"));
    private static final Set<String> PASSED_OVER =
            Set.of("thread_pool_name", "enable_large_batch_splitting", "max_execution_batch_size");

    /** A comment, a text in quotes, a word or number, or a punctuation mark. */
    private static final Pattern TOKEN =
            Pattern.compile(
                    "#[^\\n]*|\"(?:[^\"\\\\\\n]|\\\\.)*\"|'(?:[^'\\\\\\n]|\\\\.)*'"
                            + "|[\\w.+-]+|\\S");

    private final Path file;
    private final List<String> tokens = new ArrayList<>();
    private final List<Integer> lines = new ArrayList<>();
    private int position;

    private Batching batching;
    private int maxBatchSize;
    private Duration maxDelay;
    private int maxEnqueuedBatches;
    private int concurrentRuns;
    private final List<Integer> allowedBatchSizes = new ArrayList<>();
    private boolean pads;
    private String paddingValue;
    private boolean sizeGiven;

    private BatchingParametersFile(Path file, String text, SchedulerConfig base) {
        this.file = file;
        batching = base.batching();
        maxBatchSize = base.maxBatchSize();
        maxDelay = base.maxDelay();
        maxEnqueuedBatches = base.maxEnqueuedBatches();
        concurrentRuns = base.concurrentRuns();
        pads = base.paddingValue() != null;
        paddingValue = base.paddingValue();
        int line = 1;
        int counted = 0;
        Matcher matcher = TOKEN.matcher(text);
        while (matcher.find()) {
            for (; counted < matcher.start(); counted++) {
                line += text.charAt(counted) == '\n' ? 1 : 0;
            }
            if (!matcher.group().startsWith("#")) {
                tokens.add(matcher.group());
                lines.add(line);
            }
        }
    }

    /**
     * {@return {@code base} if none has it}
     *
     * @param base what holds where the file says nothing
     * @param folders where it may be; the first that has it counts
     * @throws ModelLoadException naming the file, line and field that is wrong
     */
    static SchedulerConfig apply(SchedulerConfig base, Path... folders) {
        for (Path folder : folders) {
            Path file = folder.resolve(NAME);
            if (Files.isRegularFile(file)) {
                try {
                    return new BatchingParametersFile(file, Files.readString(file), base).read();
                } catch (IOException e) {
                    throw new ModelLoadException("can't read " + file, e);
                }
            }
        }
        return base;
    }

    private SchedulerConfig read() {
        while (position < tokens.size()) {
            String field = next();
            if (!KNOWN.contains(field) && !PASSED_OVER.contains(field)) {
                throw wrong(
                        "unknown field \"" + field + "\": there are " + String.join(", ", KNOWN));
            }
            for (String value : values(field)) {
                set(field, value);
            }
            skip(",");
            skip(";");
        }
        if (!allowedBatchSizes.isEmpty() && !sizeGiven) {
            maxBatchSize = allowedBatchSizes.get(allowedBatchSizes.size() - 1);
        }
        try {
            return new SchedulerConfig(
                    batching,
                    maxBatchSize,
                    maxDelay,
                    maxEnqueuedBatches,
                    concurrentRuns,
                    allowedBatchSizes,
                    pads ? (paddingValue == null ? "" : paddingValue) : null);
        } catch (IllegalArgumentException e) {
            throw new ModelLoadException(file + ": " + e.getMessage());
        }
    }

    private void set(String field, String value) {
        switch (field) {
            case "max_batch_size" -> {
                maxBatchSize = number(field, value, SchedulerConfig.MAX_BATCH_SIZE);
                sizeGiven = true;
            }
            case "batch_timeout_micros" ->
                    maxDelay = SchedulerConfig.micros(number(field, value, Integer.MAX_VALUE));
            case "max_enqueued_batches" ->
                    maxEnqueuedBatches = number(field, value, Integer.MAX_VALUE);
            case "num_batch_threads" -> concurrentRuns = number(field, value, Integer.MAX_VALUE);
            case "allowed_batch_sizes" ->
                    allowedBatchSizes.add(number(field, value, SchedulerConfig.MAX_BATCH_SIZE));
            case "pad_variable_length_inputs" -> pads = bool(field, value);
            case "enable_batching" -> batching = bool(field, value) ? Batching.ON : Batching.OFF;
            case "padding_value" -> {
                pads = true;
                paddingValue = unquoted(value);
            }
            default -> {
                // Passed over.
            }
        }
    }

    /** {@code : 8}, {@code { value: 8 }}, {@code : { value: 8 }} or {@code : [1, 8]}. */
    private List<String> values(String field) {
        boolean colon = skip(":");
        List<String> values = new ArrayList<>();
        if (skip("{")) {
            if (!next().equals("value") || !skip(":")) {
                throw wrong("expected { value: … } after " + field);
            }
            values.add(next());
            expect("}", field);
        } else if (colon && skip("[")) {
            while (!skip("]")) {
                values.add(next());
                skip(",");
            }
        } else if (colon) {
            values.add(next());
        } else {
            throw wrong("expected : or { after " + field);
        }
        return values;
    }

    private int number(String field, String value, int most) {
        try {
            int number = Integer.parseInt(value);
            if (number >= 0 && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Told below.
        }
        throw wrong(field + " must be a whole number up to " + most + ", got " + value);
    }

    private boolean bool(String field, String value) {
        return switch (value) {
            case "true", "True", "t", "1" -> true;
            case "false", "False", "f", "0" -> false;
            default -> throw wrong(field + " must be true or false, got " + value);
        };
    }

    private static String unquoted(String value) {
        return value.startsWith("\"") || value.startsWith("'")
                ? value.substring(1, value.length() - 1).translateEscapes()
                : value;
    }

    private String next() {
        if (position == tokens.size()) {
            throw wrong("the file ends too early");
        }
        return tokens.get(position++);
    }

    private boolean skip(String token) {
        if (position < tokens.size() && tokens.get(position).equals(token)) {
            position++;
            return true;
        }
        return false;
    }

    private void expect(String token, String field) {
        if (!skip(token)) {
            throw wrong("expected " + token + " after the value of " + field);
        }
    }

    private ModelLoadException wrong(String what) {
        int line = lines.isEmpty() ? 1 : lines.get(Math.max(0, position - 1));
        return new ModelLoadException(file + ", line " + line + ": " + what);
    }
}
