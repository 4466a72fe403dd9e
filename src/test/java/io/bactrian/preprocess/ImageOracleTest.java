package io.bactrian.preprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.preprocess.image.DecodedImage;
import io.bactrian.preprocess.image.Resampling;
import io.bactrian.tensor.BadInputException;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every image of the oracle is decoded and resized to Pillow's very bytes, or refused as by it. */
class ImageOracleTest {

    private static final int SIDE = 224;

    @TestFactory
    Stream<DynamicTest> tensorsAreEqualToPillows() {
        return decodable()
                .map(
                        image ->
                                DynamicTest.dynamicTest(
                                        image.get("file").asText(), () -> same(image)));
    }

    private static void same(JsonNode expected) {
        try (DecodedImage image = open(expected)) {
            JsonNode decoded = expected.get("decoded");
            assertEquals(decoded.get("size").get(0).asInt(), image.width());
            assertEquals(decoded.get("size").get(1).asInt(), image.height());
            byte[] whole =
                    ImageOracle.resized(image, image.width(), image.height(), Resampling.BICUBIC);
            assertMeans(decoded.get("mean"), whole);
            assertEquals(
                    decoded.get("sha256").asText(), ImageOracle.sha256(whole), "decoded pixels");
            byte[] tensor = ImageOracle.resized(image, SIDE, SIDE, Resampling.BICUBIC);
            assertMeans(expected.get("tensor").get("mean"), tensor);
            assertEquals(
                    expected.get("tensor").get("sha256").asText(),
                    ImageOracle.sha256(tensor),
                    "resized pixels");
        }
    }

    private static void assertMeans(JsonNode means, byte[] pixels) {
        for (int c = 0; c < 3; c++) {
            double sum = 0;
            for (int i = c; i < pixels.length; i += 3) {
                sum += pixels[i] & 0xFF;
            }
            assertEquals(means.get(c).asDouble(), sum / (pixels.length / 3), 0.01, "channel " + c);
        }
    }

    @TestFactory
    Stream<DynamicTest> everyFilterIsPillows() {
        return decodable()
                .filter(image -> image.has("resized"))
                .flatMap(
                        image ->
                                Stream.iterate(0, i -> i < image.get("resized").size(), i -> i + 1)
                                        .map(i -> filter(image, image.get("resized").get(i))));
    }

    private static DynamicTest filter(JsonNode expected, JsonNode resized) {
        int width = resized.get("size").get(0).asInt();
        int height = resized.get("size").get(1).asInt();
        String filter = resized.get("filter").asText();
        return DynamicTest.dynamicTest(
                expected.get("file").asText() + " " + filter + " " + width + "x" + height,
                () -> {
                    try (DecodedImage image = open(expected)) {
                        assertEquals(
                                resized.get("sha256").asText(),
                                ImageOracle.sha256(
                                        ImageOracle.resized(
                                                image,
                                                width,
                                                height,
                                                Resampling.valueOf(
                                                        filter.toUpperCase(Locale.ROOT)))));
                    }
                });
    }

    @TestFactory
    Stream<DynamicTest> whatPillowRefusesIsRefused() {
        return ImageOracle.images().stream()
                .filter(image -> !image.get("decodable").asBoolean())
                .map(
                        image ->
                                DynamicTest.dynamicTest(
                                        image.get("file").asText(),
                                        () -> {
                                            BadInputException e =
                                                    assertThrows(
                                                            BadInputException.class,
                                                            () -> open(image).close());
                                            assertTrue(
                                                    e.getMessage()
                                                            .matches("the (body|\\w+ image) is .*"),
                                                    e.getMessage());
                                        }));
    }

    private static Stream<JsonNode> decodable() {
        return ImageOracle.images().stream()
                .filter(image -> image.get("decodable").asBoolean())
                .filter(image -> !ImageOracle.STRICTER.contains(image.get("file").asText()));
    }

    private static DecodedImage open(JsonNode image) {
        return ImageOracle.decode(ImageOracle.bytes(image.get("file").asText()));
    }
}
