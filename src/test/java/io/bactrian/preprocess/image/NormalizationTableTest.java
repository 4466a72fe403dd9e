package io.bactrian.preprocess.image;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.bactrian.tensor.DType;
import io.bactrian.tensor.HalfFloats;
import java.math.BigDecimal;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NormalizationTableTest {

    private static double value(DType dtype, short bits) {
        return dtype == DType.FLOAT16
                ? HalfFloats.fromFloat16(bits)
                : HalfFloats.fromBfloat16(bits);
    }

    /** {@return the exact distance between a value and the number that the bits encode} */
    private static BigDecimal distance(DType dtype, int bits, double value) {
        return new BigDecimal(value).subtract(new BigDecimal(value(dtype, (short) bits))).abs();
    }

    /** Rounding to float32 first would choose the wrong neighbor for 6 of 76,800 entries. */
    @ParameterizedTest
    @EnumSource(names = {"FLOAT16", "BFLOAT16"})
    void halfPrecisionEntriesAreRoundedToNearest(DType dtype) {
        Random random = new Random(11);
        for (int i = 0; i < 100; i++) {
            double scale = random.nextDouble() / 64;
            double[] mean = {random.nextDouble(), random.nextDouble(), random.nextDouble()};
            double[] std = {
                0.1 + random.nextDouble(), 0.1 + random.nextDouble(), 0.1 + random.nextDouble()
            };
            NormalizationTable table =
                    NormalizationTable.of(new Normalization(dtype, scale, mean, std, null));
            for (int c = 0; c < 3; c++) {
                short[] entries = table.shorts(c);
                for (int sample = 0; sample < 256; sample++) {
                    double exact = (sample * scale - mean[c]) / std[c];
                    BigDecimal distance = distance(dtype, entries[sample], exact);
                    for (int neighbor : new int[] {entries[sample] - 1, entries[sample] + 1}) {
                        assertEquals(
                                distance,
                                distance.min(distance(dtype, neighbor, exact)),
                                () -> "of " + exact);
                    }
                }
            }
        }
    }

    /** The value 1 + 2^-11 + 2^-30 would be a tie if it were rounded to float32 first. */
    @Test
    void valueJustAboveATieIsRoundedUp() {
        double above = 1 + Math.scalb(1.0, -11) + Math.scalb(1.0, -30);
        NormalizationTable table =
                NormalizationTable.of(
                        new Normalization(
                                DType.FLOAT16, above, new double[] {0}, new double[] {1}, null));
        ToDoubleFunction<Short> value = HalfFloats::fromFloat16;
        assertEquals(1 + Math.scalb(1.0, -10), value.applyAsDouble(table.shorts(0)[1]));
    }
}
