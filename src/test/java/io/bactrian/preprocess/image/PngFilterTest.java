package io.bactrian.preprocess.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.fail;

import io.bactrian.tensor.BadInputException;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The filters compared with the definitions of the PNG specification, for all pixel sizes. */
class PngFilterTest {

    @Test
    void everyFilterIsUndone() {
        Random random = new Random(1);
        for (int filter = 0; filter <= 4; filter++) {
            for (int step : new int[] {1, 2, 3, 4, 6, 8}) {
                for (int pixels = 1; pixels < 40; pixels++) {
                    byte[] above = new byte[1 + pixels * step];
                    byte[] row = new byte[above.length];
                    random.nextBytes(above);
                    random.nextBytes(row);
                    row[0] = (byte) filter;
                    byte[] expected = reference(row, above, step);
                    PngFilter.undo(row, above, step);
                    assertArrayEquals(expected, row, filter + " " + step + " " + pixels);
                }
            }
        }
    }

    @Test
    void paethPredictorAgreesWithTheSpecification() {
        for (int left = 0; left < 256; left++) {
            for (int up = 0; up < 256; up++) {
                for (int upperLeft = 0; upperLeft < 256; upperLeft++) {
                    int expected = specifiedPaethPredictor(left, up, upperLeft);
                    if (expected != PngFilter.paethPredictor(left, up, upperLeft)) {
                        fail("left " + left + ", up " + up + ", corner " + upperLeft);
                    }
                }
            }
        }
    }

    @Test
    void unknownFilterIsRejected() {
        assertThrows(
                BadInputException.class, () -> PngFilter.undo(new byte[] {5, 0}, new byte[2], 1));
    }

    private static byte[] reference(byte[] row, byte[] above, int step) {
        byte[] reference = row.clone();
        for (int i = 1; i < row.length; i++) {
            int left = i > step ? reference[i - step] & 0xFF : 0;
            int up = above[i] & 0xFF;
            int upperLeft = i > step ? above[i - step] & 0xFF : 0;
            int prediction =
                    switch (row[0]) {
                        case 1 -> left;
                        case 2 -> up;
                        case 3 -> (left + up) / 2;
                        case 4 -> specifiedPaethPredictor(left, up, upperLeft);
                        default -> 0;
                    };
            reference[i] = (byte) (row[i] + prediction);
        }
        return reference;
    }

    /** PaethPredictor of the specification. */
    private static int specifiedPaethPredictor(int a, int b, int c) {
        int p = a + b - c;
        int pa = Math.abs(p - a);
        int pb = Math.abs(p - b);
        int pc = Math.abs(p - c);
        if (pa <= pb && pa <= pc) {
            return a;
        }
        return pb <= pc ? b : c;
    }
}
