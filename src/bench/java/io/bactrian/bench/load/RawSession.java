package io.bactrian.bench.load;

import com.sun.management.OperatingSystemMXBean;
import io.bactrian.model.LoadedModel;
import io.bactrian.model.ModelLoader;
import io.bactrian.model.Signature;
import io.bactrian.model.TensorFlowConfig;
import io.bactrian.preprocess.image.ChannelOrder;
import io.bactrian.preprocess.image.DecodedImage;
import io.bactrian.preprocess.image.ImageDecoder;
import io.bactrian.preprocess.image.ImageLayout;
import io.bactrian.preprocess.image.ImageResizer;
import io.bactrian.preprocess.image.Normalization;
import io.bactrian.preprocess.image.NormalizationTable;
import io.bactrian.preprocess.image.PixelLayout;
import io.bactrian.preprocess.image.Resampling;
import io.bactrian.preprocess.image.TensorPixelWriter;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.NativeMemory;
import io.bactrian.tensor.TensorSpec;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.HdrHistogram.Histogram;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TString;
import org.tensorflow.types.family.TType;

/**
 * The yardstick: the model alone, fed with tensors that are ready. A process of its own, which
 * takes commands a line from its standard input and does nothing between them.
 *
 * <pre>
 *   run THREADS SECONDS     the model from so many threads: runs a second, p50, p99 and processor
 *                           time of a run in ms
 *   decode FILE SECONDS     the image to a tensor [1, 224, 224, 3] on one thread, likewise
 * </pre>
 */
final class RawSession {

    private static final int SIDE = 224;
    private static final long MAX_PIXELS = 89_478_485;

    private static final OperatingSystemMXBean PROCESS =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private RawSession() {}

    /**
     * @param args the SavedModel's folder, threads within an operation, a text if the model takes
     *     one, and whether the model is optimized, as the server does it, or run as it is
     */
    public static void main(String[] args) throws Exception {
        int intraOp = Integer.parseInt(args[1]);
        try (LoadedModel model =
                        ModelLoader.load(
                                "raw",
                                1,
                                Path.of(args[0]),
                                new TensorFlowConfig(
                                        intraOp, intraOp, Boolean.parseBoolean(args[3])));
                BufferedReader in =
                        new BufferedReader(
                                new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            Signature signature = model.signature(null);
            String text = args[2];
            say("ready");
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String command = line.substring(0, line.indexOf(' '));
                String what = line.substring(command.length() + 1, line.lastIndexOf(' '));
                double seconds = Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
                long before = PROCESS.getProcessCpuTime();
                Histogram times =
                        command.equals("run")
                                ? run(model, signature, text, Integer.parseInt(what), seconds)
                                : decode(Path.of(what), seconds);
                say(line(times, seconds, PROCESS.getProcessCpuTime() - before));
            }
        }
    }

    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }

    private static Histogram run(
            LoadedModel model, Signature signature, String text, int threads, double seconds)
            throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<Future<Histogram>> parts = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                Callable<Histogram> task =
                        () -> {
                            try (NamedTensors inputs = inputs(signature, text)) {
                                return repeat(
                                        seconds, () -> model.predict(signature, inputs).close());
                            }
                        };
                parts.add(executor.submit(task));
            }
            Histogram whole = LoadResult.newHistogram();
            for (Future<Histogram> part : parts) {
                whole.add(part.get());
            }
            return whole;
        } finally {
            executor.shutdown();
        }
    }

    private static Histogram decode(Path file, double seconds) throws Exception {
        byte[] bytes = Files.readAllBytes(file);
        NormalizationTable table =
                NormalizationTable.of(
                        new Normalization(
                                DType.FLOAT32,
                                1 / 255.0,
                                new double[] {0, 0, 0},
                                new double[] {1, 1, 1},
                                null));
        return repeat(
                seconds,
                () -> {
                    try (DecodedImage image = ImageDecoder.decode(bytes, MAX_PIXELS, false);
                            TType tensor = DType.FLOAT32.allocate(Shape.of(1, SIDE, SIDE, 3))) {
                        ImageResizer.resize(
                                image,
                                SIDE,
                                SIDE,
                                Resampling.BICUBIC,
                                TensorPixelWriter.of(
                                        NativeMemory.of(tensor),
                                        table,
                                        new PixelLayout(
                                                SIDE, SIDE, ChannelOrder.RGB, ImageLayout.NHWC),
                                        image.channels()));
                    }
                });
    }

    private static Histogram repeat(double seconds, Runnable run) {
        Histogram histogram = LoadResult.newHistogram();
        long end = System.nanoTime() + (long) (seconds * 1e9);
        long before = System.nanoTime();
        while (before - end < 0) {
            run.run();
            long after = System.nanoTime();
            LoadResult.record(histogram, after - before);
            before = after;
        }
        return histogram;
    }

    private static String line(Histogram histogram, double seconds, long cpuNanos) {
        return String.format(
                Locale.ROOT,
                "%.3f %.4f %.4f %.4f",
                histogram.getTotalCount() / seconds,
                LoadResult.millis(histogram, 50),
                LoadResult.millis(histogram, 99),
                cpuNanos / 1e6 / histogram.getTotalCount());
    }

    /** One row of each input: numbers from 0 to 1, or the text. */
    private static NamedTensors inputs(Signature signature, String text) {
        try (NamedTensors.Builder inputs = NamedTensors.builder()) {
            for (TensorSpec spec : signature.inputs().values()) {
                inputs.put(spec.name(), tensor(spec, text));
            }
            return inputs.build();
        }
    }

    private static TType tensor(TensorSpec spec, String text) {
        long[] sizes = spec.shape().isUnknown() ? new long[] {1} : spec.shape().asArray().clone();
        for (int axis = 0; axis < sizes.length; axis++) {
            sizes[axis] = Math.max(1, sizes[axis]);
        }
        Shape shape = Shape.of(sizes);
        if (spec.dtype() == DType.STRING) {
            var values = NdArrays.ofObjects(String.class, shape);
            values.scalars().forEach(scalar -> scalar.setObject(text));
            return TString.tensorOf(values);
        }
        TType tensor = spec.dtype().allocate(shape);
        ByteBuffer memory = NativeMemory.of(tensor);
        if (spec.dtype() == DType.FLOAT32) {
            Random random = new Random(1);
            while (memory.hasRemaining()) {
                memory.putFloat(random.nextFloat());
            }
        } else {
            memory.put(new byte[memory.remaining()]);
        }
        return tensor;
    }
}
