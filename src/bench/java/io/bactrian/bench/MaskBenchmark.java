package io.bactrian.bench;

import io.bactrian.postprocess.mask.ClassMap;
import io.bactrian.postprocess.mask.Contours;
import io.bactrian.postprocess.mask.MaskPng;
import io.bactrian.postprocess.mask.Palette;
import io.bactrian.postprocess.mask.RunLengths;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A mask of 512×512 pixels in 21 classes, of 60 regions with rough borders: as a PNG image by us
 * and by ImageIO, and as run lengths and contours of one class.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class MaskBenchmark {

    private static final int SIZE = 512;
    private static final int CLASSES = 21;
    private static final int REGIONS = 60;
    private static final int ROUGHNESS = 40;

    private ClassMap map;
    private final Palette palette = Palette.pascalVoc();

    @Setup
    public void prepare() throws IOException {
        Random random = new Random(1);
        int[][] centers = new int[REGIONS][];
        for (int i = 0; i < REGIONS; i++) {
            centers[i] = new int[] {random.nextInt(SIZE), random.nextInt(SIZE)};
        }
        byte[] pixels = new byte[SIZE * SIZE];
        for (int i = 0; i < pixels.length; i++) {
            long least = Long.MAX_VALUE;
            for (int region = 0; region < REGIONS; region++) {
                long x = i % SIZE - centers[region][0];
                long y = i / SIZE - centers[region][1];
                long distance = x * x + y * y + random.nextInt(ROUGHNESS);
                if (distance < least) {
                    least = distance;
                    pixels[i] = (byte) (region % CLASSES);
                }
            }
        }
        map = new ClassMap(SIZE, SIZE, pixels);
        System.out.println("bytes: " + png().length + ", of ImageIO " + imageIo().length);
    }

    @Benchmark
    public byte[] png() {
        return MaskPng.indexed(map, palette);
    }

    @Benchmark
    public byte[] imageIo() throws IOException {
        byte[] shades = new byte[CLASSES];
        IndexColorModel colors = new IndexColorModel(8, CLASSES, shades, shades, shades);
        BufferedImage image =
                new BufferedImage(SIZE, SIZE, BufferedImage.TYPE_BYTE_INDEXED, colors);
        image.getRaster().setDataElements(0, 0, SIZE, SIZE, map.pixels());
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(image, "png", out);
        return out.toByteArray();
    }

    @Benchmark
    public String runLengths() {
        return RunLengths.of(map, 3).compressed();
    }

    @Benchmark
    public List<int[]> contours() {
        return Contours.of(map, 3);
    }
}
