package io.bactrian.model;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import com.google.protobuf.TextFormat.Parser.SingularOverwritePolicy;
import com.google.protobuf.TextFormatParseInfoTree;
import com.google.protobuf.TextFormatParseLocation;
import io.bactrian.model.SchedulerConfig.Batching;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A model's own scheduler settings: {@value #NAME} beside its {@code saved_model.pb}, as TensorFlow
 * Serving has it, or in the model's folder for all versions. Settings that the file omits come from
 * the environment.
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
 * Bactrian adds two fields, which TensorFlow Serving rejects: {@code enable_batching: true} or
 * {@code false}, and {@code padding_value: "…"}. With {@code pad_variable_length_inputs} alone the
 * padding is zero, an empty string or false; TensorFlow Serving pads with the first element of the
 * batch. The name of the thread pool and the splitting of large requests, which run alone, have no
 * counterpart here and are ignored.
 */
final class BatchingParametersFile {

    static final String NAME = "batching_params.pbtxt";

    /** The start of protobuf's messages. */
    private static final Pattern LOCATION = Pattern.compile("^\\d+:\\d+: ");

    /** Protobuf's report of an unknown field. */
    private static final Pattern UNKNOWN_FIELD =
            Pattern.compile("(?s).*?(\\d+):(\\d+):\\t([\\w.]+)\\.(\\w+)(\\n.*)?");

    /** Protobuf's report of an integer that can't be parsed. */
    private static final Pattern NO_INTEGER =
            Pattern.compile("Couldn't parse integer: For input string: \"(.*)\"");

    private static final int MAX_NESTING = 10;

    private final Path file;
    private final DynamicMessage message;
    private final TextFormatParseInfoTree locations;

    private BatchingParametersFile(Path file, String text) {
        this.file = file;
        TextFormatParseInfoTree.Builder tree = TextFormatParseInfoTree.builder();
        DynamicMessage.Builder parsed =
                DynamicMessage.newBuilder(BatchingParametersProto.DESCRIPTOR);
        try {
            TextFormat.Parser.newBuilder()
                    .setSingularOverwritePolicy(SingularOverwritePolicy.FORBID_SINGULAR_OVERWRITES)
                    .setParseInfoTreeBuilder(tree)
                    .setRecursionLimit(MAX_NESTING)
                    .build()
                    .merge(text, parsed);
        } catch (TextFormat.ParseException e) {
            throw unreadable(e);
        }
        this.message = parsed.build();
        this.locations = tree.build();
    }

    /**
     * {@return the settings of the first folder that has the file; {@code base} if none has}
     *
     * @param base the settings that a file overrides
     * @param folders where the file may be
     * @throws ModelLoadException naming the file, line, column and field that is wrong
     */
    static SchedulerConfig apply(SchedulerConfig base, Path... folders) {
        for (Path folder : folders) {
            Path file = folder.resolve(NAME);
            if (Files.isRegularFile(file)) {
                try {
                    return new BatchingParametersFile(file, Files.readString(file)).apply(base);
                } catch (IOException e) {
                    throw new ModelLoadException(
                            "can't read " + file + ": " + FileErrorMessage.of(e), e);
                }
            }
        }
        return base;
    }

    private SchedulerConfig apply(SchedulerConfig base) {
        List<Integer> allowedSizes = allowedBatchSizes();
        int maxSize =
                has(BatchingParametersProto.MAX_BATCH_SIZE) || allowedSizes.isEmpty()
                        ? integer(
                                BatchingParametersProto.MAX_BATCH_SIZE,
                                SchedulerConfig.MAX_BATCH_SIZE,
                                base.maxBatchSize())
                        : allowedSizes.get(allowedSizes.size() - 1);
        Duration maxDelay =
                has(BatchingParametersProto.BATCH_TIMEOUT_MICROS)
                        ? SchedulerConfig.micros(
                                integer(
                                        BatchingParametersProto.BATCH_TIMEOUT_MICROS,
                                        Integer.MAX_VALUE,
                                        0))
                        : base.maxDelay();
        try {
            return new SchedulerConfig(
                    batching(base),
                    maxSize,
                    maxDelay,
                    integer(
                            BatchingParametersProto.MAX_ENQUEUED_BATCHES,
                            Integer.MAX_VALUE,
                            base.maxEnqueuedBatches()),
                    integer(
                            BatchingParametersProto.NUM_BATCH_THREADS,
                            Integer.MAX_VALUE,
                            base.concurrentRuns()),
                    allowedSizes,
                    paddingValue(base));
        } catch (IllegalArgumentException e) {
            throw new ModelLoadException(file + ": " + e.getMessage(), e);
        }
    }

    private Batching batching(SchedulerConfig base) {
        if (!has(BatchingParametersProto.ENABLE_BATCHING)) {
            return base.batching();
        }
        return (Boolean) get(BatchingParametersProto.ENABLE_BATCHING) ? Batching.ON : Batching.OFF;
    }

    private @Nullable String paddingValue(SchedulerConfig base) {
        if (has(BatchingParametersProto.PADDING_VALUE)) {
            return (String) get(BatchingParametersProto.PADDING_VALUE);
        }
        if (!has(BatchingParametersProto.PAD_VARIABLE_LENGTH_INPUTS)) {
            return base.paddingValue();
        }
        boolean pads = (Boolean) get(BatchingParametersProto.PAD_VARIABLE_LENGTH_INPUTS);
        if (!pads) {
            return null;
        }
        return base.paddingValue() == null ? "" : base.paddingValue();
    }

    private List<Integer> allowedBatchSizes() {
        FieldDescriptor field = field(BatchingParametersProto.ALLOWED_BATCH_SIZES);
        List<Integer> sizes = new ArrayList<>();
        for (int i = 0; i < message.getRepeatedFieldCount(field); i++) {
            long size = (Long) message.getRepeatedField(field, i);
            sizes.add(checked(field, i, size, SchedulerConfig.MAX_BATCH_SIZE));
        }
        return sizes;
    }

    /** {@return the value of a field of type Int64Value; {@code otherwise} if it is absent} */
    private int integer(String name, int max, int otherwise) {
        if (!has(name)) {
            return otherwise;
        }
        Message wrapper = (Message) get(name);
        FieldDescriptor value = wrapper.getDescriptorForType().findFieldByName("value");
        return checked(field(name), 0, (Long) wrapper.getField(value), max);
    }

    private int checked(FieldDescriptor field, int index, long value, int max) {
        if (value < 0 || value > max) {
            // The elements of a list in brackets share one location.
            List<TextFormatParseLocation> found = locations.getLocations(field);
            TextFormatParseLocation location = found.get(Math.min(index, found.size() - 1));
            throw error(
                    location.getLine() + 1,
                    location.getColumn() + 1,
                    field.getName() + " must be an integer from 0 to " + max + ", got " + value,
                    null);
        }
        return (int) value;
    }

    private boolean has(String name) {
        return message.hasField(field(name));
    }

    private Object get(String name) {
        return message.getField(field(name));
    }

    private static FieldDescriptor field(String name) {
        return BatchingParametersProto.DESCRIPTOR.findFieldByName(name);
    }

    private ModelLoadException unreadable(TextFormat.ParseException e) {
        Matcher unknown = UNKNOWN_FIELD.matcher(e.getMessage());
        if (unknown.matches()) {
            boolean nested =
                    !unknown.group(3).equals(BatchingParametersProto.DESCRIPTOR.getFullName());
            return error(
                    Integer.parseInt(unknown.group(1)),
                    Integer.parseInt(unknown.group(2)),
                    "unknown field \""
                            + unknown.group(4)
                            + "\": "
                            + (nested ? "expected value" : "the fields are " + fieldNames()),
                    e);
        }
        String problem = LOCATION.matcher(e.getMessage()).replaceFirst("");
        Matcher noInteger = NO_INTEGER.matcher(problem);
        if (noInteger.matches()) {
            problem =
                    "expected an integer, got "
                            + (noInteger.group(1).isEmpty()
                                    ? "the end of the file"
                                    : noInteger.group(1));
        }
        if (problem.contains("Expected \"{\"")) {
            problem += " Integers are written as in max_batch_size { value: 8 }.";
        }
        return error(e.getLine(), e.getColumn(), problem, e);
    }

    private static String fieldNames() {
        return BatchingParametersProto.DESCRIPTOR.getFields().stream()
                .map(FieldDescriptor::getName)
                .sorted()
                .collect(Collectors.joining(", "));
    }

    private ModelLoadException error(
            int line, int column, String problem, @Nullable Throwable cause) {
        return new ModelLoadException(
                file + ", line " + line + ", column " + column + ": " + problem, cause);
    }
}
