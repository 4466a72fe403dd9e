package io.bactrian.preprocess;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.preprocess.image.DecodedImage;
import io.bactrian.preprocess.image.ImageDecoder;
import io.bactrian.preprocess.image.ImageResizer;
import io.bactrian.preprocess.image.Resampling;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.StreamSupport;

/** What Pillow made of the small images in src/test/resources/oracle. */
final class ImageOracle {

    static final Path FOLDER = Path.of("src/test/resources/oracle");

    /** Pillow decodes them, we don't: why is in the test of refusals. */
    static final List<String> STRICTER = List.of("avif.avif", "png-bad-crc.png", "png-no-end.png");

    private ImageOracle() {}

    static List<JsonNode> images() {
        try {
            JsonNode root = new ObjectMapper().readTree(FOLDER.resolve("oracle.json").toFile());
            return StreamSupport.stream(root.get("images").spliterator(), false).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] bytes(String file) {
        try {
            return Files.readAllBytes(FOLDER.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static DecodedImage decode(byte[] bytes) {
        return ImageDecoder.decode(bytes, ImagePreprocessor.DEFAULT_MAX_PIXELS, false);
    }

    /** The image at a size in red, green and blue, row by row. */
    static byte[] resized(DecodedImage image, int width, int height, Resampling filter) {
        byte[] pixels = new byte[width * height * 3];
        int channels = image.channels();
        ImageResizer.resize(
                image,
                width,
                height,
                filter,
                (y, samples) -> {
                    for (int i = 0; i < width * 3; i++) {
                        pixels[y * width * 3 + i] = (byte) samples[channels == 3 ? i : i / 3];
                    }
                });
        return pixels;
    }

    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
