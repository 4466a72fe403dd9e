package io.bactrian.bench;

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
import io.bactrian.tensor.NativeMemory;
import java.io.IOException;
import java.nio.file.Files;
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
import org.openjdk.jmh.annotations.Warmup;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TType;

/**
 * From encoded bytes to a float32 tensor [1, 224, 224, 3], in parts and whole. Compare with Pillow
 * on the same machine:
 *
 * <pre>python -m timeit -s "from PIL import Image; import numpy" \
 *   "numpy.asarray(Image.open('p.jpg').convert('RGB').resize((224,224)), 'float32')/255"</pre>
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class ImageBenchmark {

    private static final int SIDE = 224;
    private static final long MAX_PIXELS = 89_478_485;

    /** A file, by default one of the small images of the tests. */
    @Param("src/test/resources/oracle/jpeg-large.jpg")
    public String file;

    private byte[] bytes;
    private DecodedImage decoded;
    private NormalizationTable table;

    @Setup
    public void read() throws IOException {
        bytes = Files.readAllBytes(Path.of(file));
        decoded = ImageDecoder.decode(bytes, MAX_PIXELS, false);
        table =
                NormalizationTable.of(
                        new Normalization(
                                DType.FLOAT32,
                                1 / 255.0,
                                new double[] {0, 0, 0},
                                new double[] {1, 1, 1},
                                null));
    }

    @TearDown
    public void close() {
        decoded.close();
    }

    /** The file to pixels. */
    @Benchmark
    public int decode() {
        try (DecodedImage image = ImageDecoder.decode(bytes, MAX_PIXELS, false)) {
            return image.width();
        }
    }

    /** The pixels to rows of another size, which nobody keeps. */
    @Benchmark
    public int resize() {
        int[] last = new int[1];
        ImageResizer.resize(
                decoded, SIDE, SIDE, Resampling.BICUBIC, (y, samples) -> last[0] = samples[0]);
        return last[0];
    }

    /** The pixels to a tensor. */
    @Benchmark
    public long resizeIntoTensor() {
        return tensor(decoded);
    }

    /** The file to a tensor. */
    @Benchmark
    public long whole() {
        try (DecodedImage image = ImageDecoder.decode(bytes, MAX_PIXELS, false)) {
            return tensor(image);
        }
    }

    private long tensor(DecodedImage image) {
        try (TType tensor = DType.FLOAT32.allocate(Shape.of(1, SIDE, SIDE, 3))) {
            ImageResizer.resize(
                    image,
                    SIDE,
                    SIDE,
                    Resampling.BICUBIC,
                    TensorPixelWriter.of(
                            NativeMemory.of(tensor),
                            table,
                            new PixelLayout(SIDE, SIDE, ChannelOrder.RGB, ImageLayout.NHWC),
                            image.channels()));
            return tensor.numBytes();
        }
    }
}
