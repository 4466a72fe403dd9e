package io.bactrian.preprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.preprocess.image.DecodedImage;
import io.bactrian.preprocess.image.Resampling;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.NativeMemory;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TFloat32;

/**
 * Photographs and odd images that are not part of the project, if they lie beside it: the same
 * bytes as Pillow's, and the same ImageNet class. What Pillow made of them is in
 * image-fixtures.csv.
 */
class ImageFixturesTest {

    private static final Path FIXTURES = Path.of("../shared/fixtures");
    private static final int SIDE = 224;

    /** Needs a decoder that is neither in TensorFlow nor in the JDK nor in pure Java. */
    private static final String AVIF = "odd/cat.avif";

    private record Fixture(String file, String expected, String imageClass) {

        boolean decodable() {
            return !imageClass.isEmpty();
        }

        byte[] bytes() throws IOException {
            Path path = FIXTURES.resolve("images").resolve(file);
            Assumptions.assumeTrue(Files.exists(path), "skipped: there is no " + path);
            return Files.readAllBytes(path);
        }
    }

    private static List<Fixture> fixtures() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("src/test/resources/image-fixtures.csv"))) {
            return lines.filter(line -> !line.startsWith("#"))
                    .map(line -> line.split(",", -1))
                    .map(cells -> new Fixture(cells[0], cells[1], cells[2]))
                    .toList();
        }
    }

    @TestFactory
    Stream<DynamicTest> tensorsAreEqualToPillows() throws IOException {
        return fixtures().stream()
                .map(fixture -> DynamicTest.dynamicTest(fixture.file(), () -> check(fixture)));
    }

    private static void check(Fixture fixture) throws IOException {
        byte[] bytes = fixture.bytes();
        if (!fixture.decodable() || fixture.file().equals(AVIF)) {
            assertThrows(BadInputException.class, () -> ImageOracle.decode(bytes).close());
            return;
        }
        try (DecodedImage image = ImageOracle.decode(bytes)) {
            assertEquals(
                    fixture.expected(),
                    ImageOracle.sha256(ImageOracle.resized(image, SIDE, SIDE, Resampling.BICUBIC)));
        }
    }

    @Test
    void classesAreThoseOfPython() throws IOException {
        Path model = FIXTURES.resolve("imagenet-mobilenet-v2/1");
        Assumptions.assumeTrue(Files.exists(model), "skipped: there is no " + model);
        try (SavedModelBundle bundle = SavedModelBundle.load(model.toString(), "serve")) {
            for (Fixture fixture : fixtures()) {
                if (fixture.decodable() && !fixture.file().equals(AVIF)) {
                    assertEquals(
                            Integer.parseInt(fixture.imageClass()),
                            imageClass(bundle, fixture.bytes()),
                            fixture.file());
                }
            }
        }
    }

    private static int imageClass(SavedModelBundle bundle, byte[] bytes) {
        try (DecodedImage image = ImageOracle.decode(bytes);
                TFloat32 images = TFloat32.tensorOf(Shape.of(1, SIDE, SIDE, 3))) {
            byte[] pixels = ImageOracle.resized(image, SIDE, SIDE, Resampling.BICUBIC);
            FloatBuffer memory = NativeMemory.of(images).asFloatBuffer();
            for (int i = 0; i < pixels.length; i++) {
                memory.put(i, (pixels[i] & 0xFF) / 255f);
            }
            try (Result result =
                    bundle.function("serving_default").call(Map.of("images", images))) {
                FloatBuffer scores = NativeMemory.of((TFloat32) result.get(0)).asFloatBuffer();
                assertTrue(scores.remaining() > 1);
                int best = 0;
                for (int i = 1; i < scores.remaining(); i++) {
                    best = scores.get(i) > scores.get(best) ? i : best;
                }
                return best;
            }
        }
    }
}
