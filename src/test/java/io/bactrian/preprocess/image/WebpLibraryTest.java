package io.bactrian.preprocess.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.luciad.imageio.webp.internal.NativeLoader;
import com.luciad.imageio.webp.internal.OsInfo;
import io.bactrian.tensor.BadInputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Loading libwebp, in separate processes, since a process loads a library only once. */
class WebpLibraryTest {

    @TempDir Path folder;

    /** A program that decodes a WebP file twice and prints the sizes or errors. */
    static final class DecodeTwice {

        private DecodeTwice() {}

        public static void main(String[] args) {
            for (int i = 0; i < 2; i++) {
                try (DecodedImage image =
                        ImageDecoder.decode(EncodedImages.oracle(args[0]), 1_000_000, false)) {
                    System.out.println(image.width() + "x" + image.height());
                } catch (BadInputException e) {
                    System.out.println(e.getMessage());
                }
            }
        }
    }

    private String decode(Path temporary, Path libraries) throws Exception {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Djava.io.tmpdir=" + temporary,
                                "-Djava.library.path=" + libraries,
                                // Later versions of Java print a warning without it.
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                DecodeTwice.class.getName(),
                                "webp-lossy.webp")
                        .redirectErrorStream(true)
                        .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(1, TimeUnit.MINUTES));
        assertEquals(0, process.exitValue(), output);
        // Java prints this since version 24.
        return output.replace("WARNING: java.io.tmpdir directory does not exist\n", "");
    }

    private void unpackTo(Path libraries) throws IOException {
        String name = System.mapLibraryName("webp-imageio");
        String resource = "/native/" + OsInfo.getNativeLibFolderPathForCurrentOS() + "/" + name;
        try (InputStream library = NativeLoader.class.getResourceAsStream(resource)) {
            Files.copy(library, libraries.resolve(name));
        }
    }

    @Test
    void libraryIsLoadedFromTheLibraryPathWithoutATemporaryDirectory() throws Exception {
        unpackTo(folder);
        assertEquals("96x72\n96x72\n", decode(folder.resolve("none"), folder));
    }

    @Test
    void libraryThatIsNotOnTheLibraryPathIsUnpacked() throws Exception {
        assertEquals("96x72\n96x72\n", decode(folder, folder.resolve("none")));
    }

    @Test
    void failureToLoadTheLibraryIsLoggedOnce() throws Exception {
        String output = decode(folder.resolve("none"), folder.resolve("none"));
        String refusal =
                "the WebP image is not supported: this server can't load the library that decodes"
                        + " it\n";
        assertTrue(output.endsWith(refusal + refusal), output);
        String log = output.substring(0, output.length() - 2 * refusal.length());
        // the jar's loader prints the failure, too
        assertTrue(log.lines().count() <= 2, log);
        assertEquals(1, log.lines().filter(line -> line.contains("WARN")).count(), log);
        assertTrue(log.contains("WebP images will be refused: libwebp is not on"), log);
        assertTrue(log.contains(folder.resolve("none").toString()), log);
        assertFalse(log.contains("\tat "), log);
    }
}
