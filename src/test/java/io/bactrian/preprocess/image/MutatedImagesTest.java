package io.bactrian.preprocess.image;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.tensor.BadInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Mutants of all images of the oracle: each is decoded or causes a {@link BadInputException}. */
class MutatedImagesTest {

    private static final Path ORACLE = Path.of("src/test/resources/oracle");
    private static final int MUTANTS_PER_FILE = 40;
    private static final long MAX_PIXELS = 300_000;

    private static List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(ORACLE)) {
            return files.filter(file -> !file.toString().endsWith(".json")).sorted().toList();
        }
    }

    @Test
    @Timeout(300)
    void everyMutantIsDecodedOrRejected() throws IOException {
        List<Path> paths = files();
        List<byte[]> files = new ArrayList<>();
        for (Path path : paths) {
            files.add(Files.readAllBytes(path));
        }
        ImageMutator mutator = new ImageMutator(files, 8);
        assertTrue(
                decode(EncodedImages.oracle("jpeg-420.jpg"), "the native decoder is initialized"));
        long pointers = Pointer.totalCount();
        int decoded = 0;
        for (int i = 0; i < files.size(); i++) {
            for (int n = 0; n < MUTANTS_PER_FILE; n++) {
                byte[] mutant = mutator.mutant(files.get(i));
                decoded += decode(mutant, paths.get(i).getFileName() + " mutant " + n) ? 1 : 0;
            }
        }
        // else nearly all mutants would fail the first checks, and the decoders were not tested
        assertTrue(decoded > files.size() * MUTANTS_PER_FILE / 20, decoded + " decoded");
        assertTrue(Pointer.totalCount() <= pointers, "native memory");
    }

    private static boolean decode(byte[] bytes, String name) {
        try (DecodedImage image = ImageDecoder.decode(bytes, MAX_PIXELS, true)) {
            byte[] row = new byte[image.width() * image.channels()];
            for (int y = 0; y < image.height(); y++) {
                image.row(y, row);
            }
            return true;
        } catch (BadInputException refused) {
            assertFalse(refused.getMessage().isBlank(), name);
            return false;
        } catch (RuntimeException | Error e) {
            throw new AssertionError(name, e);
        }
    }
}
