package io.bactrian.bench;

import io.bactrian.limit.Deadline;
import io.bactrian.model.LoadedModel;
import io.bactrian.model.ModelLoader;
import io.bactrian.model.PredictionScheduler;
import io.bactrian.model.SchedulerConfig;
import io.bactrian.model.Signature;
import io.bactrian.model.TensorFlowConfig;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.NativeMemory;
import io.bactrian.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TString;
import org.tensorflow.types.family.TType;

/**
 * Predictions a second of one row each, from 1, 2, 8 and 32 threads that do nothing else: the model
 * without a scheduler ({@code direct}), and with one that never batches ({@code off}), batches
 * where it can ({@code on}), and batches where it pays ({@code auto}).
 *
 * <p>{@code lone} against {@code direct} at one thread is what the scheduler adds to a request that
 * comes alone. Models: a folder with {@code saved_model.pb}; of which a name without a slash is one
 * of the examples.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class SchedulerBenchmark {

    @Param({"text-classification", "object-detection", "image-classification"})
    public String model;

    @Param({"direct", "off", "on", "auto"})
    public String scheduling;

    private LoadedModel loaded;
    private Signature signature;
    private PredictionScheduler scheduler;

    /** A caller's own inputs, made once: what is measured is the run. */
    @State(Scope.Thread)
    public static class Request {

        NamedTensors inputs;

        @Setup
        public void make(SchedulerBenchmark benchmark) {
            try (NamedTensors.Builder builder = NamedTensors.builder()) {
                for (TensorSpec spec : benchmark.signature.inputs().values()) {
                    builder.put(spec.name(), tensor(spec.dtype(), spec.shape()));
                }
                inputs = builder.build();
            }
        }

        private static TType tensor(DType dtype, Shape shape) {
            long[] sizes = shape.asArray().clone();
            for (int axis = 0; axis < sizes.length; axis++) {
                sizes[axis] = sizes[axis] < 0 ? 1 : sizes[axis];
            }
            if (dtype == DType.STRING) {
                return TString.tensorOf(
                        StandardCharsets.UTF_8,
                        Shape.of(sizes),
                        org.tensorflow.ndarray.buffer.DataBuffers.ofObjects(
                                "WINNER!! claim your free prize now"));
            }
            TType tensor = dtype.allocate(Shape.of(sizes));
            ByteBuffer memory = NativeMemory.of(tensor);
            memory.put(new byte[memory.capacity()]);
            return tensor;
        }

        @TearDown
        public void free() {
            inputs.close();
        }
    }

    @Setup
    public void load() {
        Path folder =
                model.contains("/") ? Path.of(model) : Path.of("src/examples/models", model, "1");
        loaded = ModelLoader.load("bench", 1, folder, TensorFlowConfig.defaults());
        signature = loaded.signature(null);
        SchedulerConfig.Batching batching =
                scheduling.equals("direct")
                        ? SchedulerConfig.Batching.OFF
                        : SchedulerConfig.Batching.valueOf(scheduling.toUpperCase());
        SchedulerConfig defaults = SchedulerConfig.defaults();
        SchedulerConfig config =
                new SchedulerConfig(
                        batching,
                        defaults.maxBatchSize(),
                        defaults.maxDelay(),
                        defaults.maxEnqueuedBatches(),
                        defaults.concurrentRuns(),
                        defaults.allowedBatchSizes(),
                        defaults.paddingValue());
        scheduler = PredictionScheduler.of(loaded, config);
        scheduler.measure(signature);
        String why = scheduler.batchingDisabledReason(signature);
        System.out.println("# " + (why == null ? "batched" : "not batched: " + why));
    }

    @TearDown
    public void close() {
        System.out.println("# " + scheduler.counts());
        scheduler.close();
        loaded.close();
    }

    @Benchmark
    @Threads(1)
    public void threads01(Request request) {
        predict(request);
    }

    @Benchmark
    @Threads(2)
    public void threads02(Request request) {
        predict(request);
    }

    @Benchmark
    @Threads(8)
    public void threads08(Request request) {
        predict(request);
    }

    @Benchmark
    @Threads(32)
    public void threads32(Request request) {
        predict(request);
    }

    private void predict(Request request) {
        NamedTensors outputs =
                scheduling.equals("direct")
                        ? loaded.predict(signature, request.inputs)
                        : scheduler.predict(signature, request.inputs.asMap(), Deadline.none());
        outputs.close();
    }
}
