package io.bactrian.postprocess.mask;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.pipeline.ImageGeometry;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Masks beside those that pycocotools, OpenCV and Pillow have made, by make_masks.py. */
class MaskOracleTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static Stream<JsonNode> recorded(String file) throws IOException {
        JsonNode cases = JSON.readTree(Path.of("src/test/resources/masks", file).toFile());
        return StreamSupport.stream(cases.spliterator(), false);
    }

    static Stream<JsonNode> masks() throws IOException {
        return recorded("masks.json");
    }

    static Stream<JsonNode> resized() throws IOException {
        return recorded("resized.json");
    }

    private static ClassMap map(JsonNode rows, int classId) {
        int width = rows.get(0).asText().length();
        byte[] pixels = new byte[width * rows.size()];
        for (int i = 0; i < pixels.length; i++) {
            boolean inside = rows.get(i / width).asText().charAt(i % width) == '1';
            pixels[i] = (byte) (inside ? classId : 7);
        }
        return new ClassMap(width, rows.size(), pixels);
    }

    @ParameterizedTest
    @MethodSource("masks")
    void runLengthsAreThoseOfPycocotools(JsonNode recorded) {
        ClassMap map = map(recorded.path("rows"), 200);
        RunLengths runs = RunLengths.of(map, 200);
        assertEquals(
                recorded.path("counts").toString(),
                Arrays.toString(runs.counts()).replace(" ", ""));
        assertEquals(recorded.path("rle").asText(), runs.compressed());
        ClassRegion region =
                ClassRegion.of(map).stream()
                        .filter(each -> each.classId() == 200)
                        .findFirst()
                        .orElseThrow();
        assertEquals(
                recorded.path("bbox").toString(),
                JSON.valueToTree(List.of(region.x(), region.y(), region.width(), region.height()))
                        .toString());
        assertEquals(recorded.path("area").asInt(), region.area());
    }

    @ParameterizedTest
    @MethodSource("masks")
    void contoursAreThoseOfOpenCv(JsonNode recorded) {
        assertEquals(
                recorded.path("polygons"),
                JSON.valueToTree(Contours.of(map(recorded.path("rows"), 1), 1)));
    }

    @ParameterizedTest
    @MethodSource("resized")
    void masksAreResizedAsByPillow(JsonNode recorded) {
        int[][] rows = JSON.convertValue(recorded.path("rows"), int[][].class);
        int[][] resized = JSON.convertValue(recorded.path("resized"), int[][].class);
        ClassMap scaled =
                MaskScaler.toOriginal(
                        of(rows),
                        ImageGeometry.stretched(resized[0].length, resized.length, 32, 64),
                        () -> {});
        assertTrue(Arrays.deepEquals(resized, scaled.rows()), Arrays.deepToString(scaled.rows()));
    }

    private static ClassMap of(int[][] rows) {
        byte[] pixels = new byte[rows.length * rows[0].length];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) rows[i / rows[0].length][i % rows[0].length];
        }
        return new ClassMap(rows[0].length, rows.length, pixels);
    }

    /** The rows and columns of the padding are left out, and all else is where it was. */
    @Test
    void paddingIsLeftOut() {
        ClassMap padded = of(new int[][] {{9, 9, 9, 9}, {1, 1, 2, 2}, {3, 3, 4, 4}, {9, 9, 9, 9}});
        ImageGeometry letterboxed = new ImageGeometry(8, 4, 8, 8, 1, 1, 0, 2);
        assertEquals(
                "[[1, 1, 1, 1, 2, 2, 2, 2], [1, 1, 1, 1, 2, 2, 2, 2], [3, 3, 3, 3, 4, 4, 4, 4], [3, 3, 3, 3, 4, 4, 4, 4]]",
                Arrays.deepToString(MaskScaler.toOriginal(padded, letterboxed, () -> {}).rows()));
    }

    @ParameterizedTest
    @CsvSource({"1, 5, 2", "13, 7, 2", "13, 7, 3", "16, 16, 16", "9, 4, 17", "300, 200, 256"})
    void imageHasTheClassesAndTheirColors(int width, int height, int classes) throws IOException {
        byte[] pixels = new byte[width * height];
        Random random = new Random(5);
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) random.nextInt(classes);
        }
        pixels[0] = (byte) (classes - 1);
        ClassMap map = new ClassMap(width, height, pixels);
        BufferedImage image =
                ImageIO.read(new ByteArrayInputStream(MaskPng.indexed(map, Palette.pascalVoc())));
        byte[] read = new byte[pixels.length];
        for (int i = 0; i < read.length; i++) {
            read[i] = (byte) image.getRaster().getSample(i % width, i / width, 0);
        }
        assertArrayEquals(pixels, read);
        assertTrue(image.getColorModel() instanceof IndexColorModel);
        BufferedImage gray = ImageIO.read(new ByteArrayInputStream(MaskPng.gray(map)));
        assertEquals(classes - 1, gray.getRaster().getSample(0, 0, 0));
        assertEquals(BufferedImage.TYPE_BYTE_GRAY, gray.getType());
    }

    /** The first colors of the VOC devkit's label map, and some that use all bits. */
    @Test
    void colorsAreThoseOfPascalVoc() throws IOException {
        byte[] pixels = {0, 1, 2, 3, 15, 20, (byte) 255};
        BufferedImage image =
                ImageIO.read(
                        new ByteArrayInputStream(
                                MaskPng.indexed(
                                        new ClassMap(pixels.length, 1, pixels),
                                        Palette.pascalVoc())));
        int[] colors = {0x000000, 0x800000, 0x008000, 0x808000, 0xc08080, 0x004080, 0xe0e0c0};
        for (int i = 0; i < colors.length; i++) {
            assertEquals(colors[i], image.getRGB(i, 0) & 0xffffff, "class " + pixels[i]);
        }
    }
}
