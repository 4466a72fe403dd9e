package io.bactrian.preprocess.image;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

/**
 * The JDK's GIF reader compared with Pillow, on which docs/decisions/gif-decoder.md is based: if a
 * frame is smaller than its canvas, the JDK returns the frame and Pillow the canvas.
 */
class JdkGifReaderTest {

    private static final Path ORACLE = Path.of("src/test/resources/oracle");

    @Test
    void jdkReaderReturnsTheFrameInsteadOfTheCanvas() throws Exception {
        Map<String, String> verdicts = new TreeMap<>();
        JsonNode oracle = new ObjectMapper().readTree(ORACLE.resolve("oracle.json").toFile());
        for (JsonNode image : oracle.get("images")) {
            String file = image.get("file").asText();
            if (file.endsWith(".gif")) {
                byte[] bytes = Files.readAllBytes(ORACLE.resolve(file));
                String expected = image.path("decoded").path("sha256").asText("refused");
                verdicts.put(file, compare(bytes, expected));
            }
        }
        assertEquals(
                Map.of(
                        "gif-animated.gif", "same",
                        "gif-gray.gif", "same",
                        "gif-interlaced.gif", "same",
                        "gif-offset.gif", "other pixels, 60x44",
                        "gif-offset-transparent.gif", "other pixels, 60x44",
                        "gif-still.gif", "same",
                        "gif-transparent.gif", "same",
                        "gif-truncated.gif", "same"),
                verdicts);
    }

    private static String compare(byte[] bytes, String expected) throws Exception {
        BufferedImage image;
        try {
            image = ImageIO.read(new ByteArrayInputStream(bytes));
        } catch (IOException | RuntimeException e) {
            return expected.equals("refused") ? "same" : "refused";
        }
        byte[] rgb = new byte[image.getWidth() * image.getHeight() * 3];
        for (int y = 0, at = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                int pixel = image.getRGB(x, y);
                rgb[at++] = (byte) (pixel >> 16);
                rgb[at++] = (byte) (pixel >> 8);
                rgb[at++] = (byte) pixel;
            }
        }
        String hash = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(rgb));
        return hash.equals(expected)
                ? "same"
                : expected.equals("refused")
                        ? "decoded"
                        : "other pixels, " + image.getWidth() + "x" + image.getHeight();
    }
}
