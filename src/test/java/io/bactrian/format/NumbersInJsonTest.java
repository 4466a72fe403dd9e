package io.bactrian.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.tensor.DType;
import io.bactrian.tensor.PathErrors;
import io.bactrian.tensor.TensorBuffer;
import io.bactrian.tensor.TensorValues;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TType;

/** Reading and writing numbers, compared with the JDK's parser and Jackson's formatter. */
class NumbersInJsonTest {

    private static final int TOKENS = 200_000;

    /** Text after the outermost list is left to the caller. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "[1, 2], [3, 4]",
                "[1, 2], [3]",
                "[[1, 2], [3, 4]], [[5, 6]]",
                "[1, 2],[3, 4]"
            })
    void listAfterTheOutermostListIsNotRead(String lists) {
        String json = lists + " ".repeat(100);
        JsonScanner scanner =
                new JsonScanner(json.getBytes(StandardCharsets.UTF_8), Dialect.BACTRIAN);
        TensorBuffer elements = new TensorBuffer(DType.INT32);
        Shape shape = new JsonTensorReader(scanner, new PathErrors("x")).read(elements);
        assertEquals(elements.size(), shape.size());
        assertEquals(',', json.charAt(scanner.position()));
    }

    /** Reads tokens as a list, so that the fast path is used, and compares with the JDK. */
    private static void assertReadAsJdk(List<String> tokens, String separator) {
        String json = "[" + String.join(separator, tokens) + "]";
        List<?> floats = (List<?>) read(json, DType.FLOAT32);
        List<?> doubles = (List<?>) read(json, DType.FLOAT64);
        for (int i = 0; i < tokens.size(); i++) {
            String token = tokens.get(i);
            assertEquals(Float.parseFloat(token), floats.get(i), token);
            assertEquals(Double.parseDouble(token), doubles.get(i), token);
        }
    }

    private static Object read(String json, DType dtype) {
        JsonScanner scanner =
                new JsonScanner(json.getBytes(StandardCharsets.UTF_8), Dialect.TENSORFLOW_SERVING);
        TensorBuffer elements = new TensorBuffer(dtype);
        Shape shape = new JsonTensorReader(scanner, new PathErrors("x")).read(elements);
        scanner.endDocument();
        try (TType tensor = elements.build(shape)) {
            return TensorValues.toJava(tensor);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "-0",
                "0.0",
                "-0.0",
                "1",
                "10",
                "0.1",
                "123456789012345678",
                "9223372036854775807",
                "9999999999999999999",
                "18446744073709551615",
                "18446744073709551616",
                "1e0",
                "1E5",
                "1e+5",
                "1e-5",
                "1.5e3",
                "0e999999999",
                "0.0e-999999999999",
                "1e-400",
                "-1e-400",
                "3.4028235e38",
                "3.4028235677973366e38",
                "3.4028235677973367e38",
                "1e39",
                "-1e39",
                "1.7976931348623157e308",
                "2.2250738585072014e-308",
                "2.2250738585072011e-308",
                "4.9e-324",
                "2.4703282292062327e-324",
                "2.4703282292062328e-324",
                "1.401298464324817e-45",
                "7.006492321624085e-46",
                "7.006492321624086e-46",
                "1.17549435e-38",
                "1.1754942807573643e-38",
                "16777217",
                "16777219",
                "33554435",
                "9007199254740993",
                "9007199254740992.99999999999999999999",
                "1.00000005960464477539",
                "1.000000059604644775390625",
                "1.0000000596046447753906250000000000000001",
                "1.0000000596046447753906249999999999999999",
                "0.000000000000000000000001",
                "0.00000000000000000000012345678901234567",
                "100000000000000000000000",
                "8.5e-1",
                "1234567.12345678",
                "12345678.5",
                "0.12345678",
                "0.123456789",
                "0.1234567890123456",
                "0.12345678901234567",
                "0.1234567890123456789",
                "0.12345678901234567890123456789",
                "5e-324",
                "1.7976931348623158e308"
            })
    void hardCasesAreReadAsByTheJdk(String token) {
        assertReadAsJdk(List.of(token), ",");
        assertReadAsJdk(List.of("-7", token, "0.25", token, "1"), " ,\n ");
        // Far from the text's end, where the fast path runs.
        assertReadAsJdk(
                List.of(token, token, "0.3333333333333333333333333333333333333333333333333333"),
                ", ");
    }

    @Test
    void decimalsOfEveryLengthAreReadAsByTheJdk() {
        Random random = new Random(1);
        List<String> tokens = new ArrayList<>();
        for (int i = 0; i < TOKENS; i++) {
            StringBuilder token = new StringBuilder(random.nextInt(3) == 0 ? "-" : "");
            int whole = random.nextInt(10) == 0 ? random.nextInt(21) : random.nextInt(4);
            token.append(whole == 0 ? "0" : "" + (1 + random.nextInt(9)));
            for (int digit = 1; digit < whole; digit++) {
                token.append(random.nextInt(10));
            }
            int fraction = random.nextInt(random.nextInt(10) == 0 ? 40 : 20);
            token.append(fraction > 0 ? "." : "");
            for (int digit = 0; digit < fraction; digit++) {
                token.append(random.nextInt(10));
            }
            if (random.nextInt(5) == 0) {
                token.append(random.nextBoolean() ? 'e' : 'E').append(random.nextInt(600) - 320);
            }
            if (Double.isFinite(Double.parseDouble(token.toString()))) {
                tokens.add(token.toString());
            }
        }
        assertReadAsJdk(tokens, ",");
        assertReadAsJdk(tokens, ", ");
    }

    @Test
    void floatsAndTheirMidpointsAreReadAsByTheJdk() {
        Random random = new Random(2);
        List<String> tokens = new ArrayList<>();
        for (int i = 0; i < TOKENS / 10; i++) {
            float value = Float.intBitsToFloat(random.nextInt() & 0x7fffffff);
            if (!(value < Float.MAX_VALUE)) {
                continue;
            }
            BigDecimal below = new BigDecimal(value);
            BigDecimal middle =
                    below.add(new BigDecimal(Math.nextUp(value))).divide(BigDecimal.valueOf(2));
            tokens.add(middle.toString());
            tokens.add(middle.toPlainString() + (middle.scale() > 0 ? "1" : ".1"));
            tokens.add(middle.subtract(middle.ulp()).toString());
            tokens.add(Float.toString(value));
            tokens.add(Double.toString(value));
        }
        assertReadAsJdk(tokens, ",");
    }

    @Test
    void doublesAndTheirMidpointsAreReadAsByTheJdk() {
        Random random = new Random(3);
        List<String> tokens = new ArrayList<>();
        for (int i = 0; i < TOKENS / 20; i++) {
            double value = Double.longBitsToDouble(random.nextLong() & Long.MAX_VALUE);
            if (!(value < Double.MAX_VALUE)) {
                continue;
            }
            BigDecimal middle =
                    new BigDecimal(value)
                            .add(new BigDecimal(Math.nextUp(value)))
                            .divide(BigDecimal.valueOf(2));
            tokens.add(Double.toString(value));
            tokens.add(middle.toString());
            tokens.add(new BigDecimal(value).toString());
        }
        assertReadAsJdk(tokens, ",");
    }

    /** Decimals of 17 to 19 digits next to the midpoint of two float64s or of two float32s. */
    @Test
    void decimalsNextToMidpointsAreReadAsByTheJdk() {
        Random random = new Random(8);
        List<String> tokens = new ArrayList<>();
        for (int biased = 0; biased < 0x7fe; biased++) {
            long fraction = random.nextLong() & (1L << 52) - 1;
            double value = Double.longBitsToDouble((long) biased << 52 | fraction);
            addRounded(
                    new BigDecimal(value)
                            .add(new BigDecimal(Math.nextUp(value)))
                            .divide(BigDecimal.valueOf(2)),
                    tokens);
        }
        for (int i = 0; i < 20 * 0xfe; i++) {
            int biased = i % 0xfe;
            float value = Float.intBitsToFloat(biased << 23 | random.nextInt(1 << 23));
            addRounded(
                    new BigDecimal(value)
                            .add(new BigDecimal(Math.nextUp(value)))
                            .divide(BigDecimal.valueOf(2)),
                    tokens);
        }
        assertReadAsJdk(tokens, ",");
    }

    private static void addRounded(BigDecimal midpoint, List<String> tokens) {
        for (int digits = 17; digits <= 19; digits++) {
            for (RoundingMode mode : List.of(RoundingMode.FLOOR, RoundingMode.CEILING)) {
                tokens.add(midpoint.round(new MathContext(digits, mode)).toString());
            }
        }
    }

    /** The kinds of cases in the tests of fast_float and of FastDoubleParser. */
    @Test
    void longDecimalsAreReadAsByTheJdk() {
        List<String> tokens =
                new ArrayList<>(
                        List.of(
                                // Exact and half-way powers of two above 2^64.
                                "5708990770823838890407843763683279797179383808",
                                "5708990770823839207320493820740630171355185152",
                                "5708990770823839524233143877797980545530986496",
                                "30078505129381147446200",
                                "1777820000000000000001",
                                "860228122.6654514319E+90",
                                "9355950000000000000.00000000000000000000000000000000001844674407370955",
                                "6929495644600919.5",
                                "6929495644600920.5",
                                "-2.2222222222223e-322",
                                "7.2057594037927933e+16",
                                "9223372036854775808",
                                "9223372036854776833",
                                "11417981541647679048466287755595961091061972992",
                                "1090544144181609348671888949248",
                                "3.4028234664e38",
                                "3.4028235665e38",
                                "4.7019774032891500318749461488889827112746622270883500860350068251e-38",
                                "2.3509887016445750159473730744444913556373311135441750430175034126e-38",
                                "1.1754943508222875079687365372222456778186655567720875215087517062784e-38",
                                "8.589973e9",
                                "1.00000005960464477539062499",
                                "0.00000000000000000000000000000000000000000000070064923216240853",
                                "0.00000000000000000000000000000000000000000000070064923216240854"));
        String zeros = "0".repeat(400);
        tokens.add("1" + zeros + "e-400");
        tokens.add("0." + zeros + "1e401");
        tokens.add("0." + zeros + zeros + "123456789e500");
        tokens.add("1." + zeros + "1");
        tokens.add("9007199254740993." + zeros);
        tokens.add("9007199254740993." + zeros + "1");
        tokens.add("9007199254740992.9" + "9".repeat(400));
        tokens.add("1e-00000000000000000000000000000005");
        tokens.add("1e+00000000000000000000000000000005");
        for (double value : new double[] {Double.MIN_VALUE, Double.MIN_NORMAL, 1, 0.1, 0x1p1000}) {
            // The midpoint has up to 767 digits; one more digit decides.
            BigDecimal midpoint =
                    new BigDecimal(value)
                            .add(new BigDecimal(Math.nextUp(value)))
                            .divide(BigDecimal.valueOf(2));
            String text = midpoint.toPlainString();
            tokens.add(text);
            tokens.add(text + (text.contains(".") ? "" : ".") + "0001");
            tokens.add(midpoint.subtract(midpoint.ulp()).toPlainString());
        }
        for (String token : tokens) {
            assertReadAsJdk(List.of(token), ",");
            assertReadAsJdk(List.of("0.5", token, "-3", "0.3333333333333333333333333333"), ", ");
        }
    }

    /** Jackson's implementation writes at least two digits, ours as few as possible. */
    @Test
    void writtenNumbersHaveTheDigitsOfJackson() {
        Random random = new Random(9);
        FloatToDecimal decimal = new FloatToDecimal();
        for (int i = 0; i < TOKENS; i++) {
            float single = Float.intBitsToFloat(random.nextInt() & 0x7fffffff);
            if (single > 0 && single < Float.POSITIVE_INFINITY) {
                decimal.convert(single);
                assertSameDigits(
                        com.fasterxml.jackson.core.io.schubfach.FloatToDecimal.toString(single),
                        decimal);
            }
            double value = Double.longBitsToDouble(random.nextLong() & Long.MAX_VALUE);
            if (value > 0 && value < Double.POSITIVE_INFINITY) {
                decimal.convert(value);
                assertSameDigits(
                        com.fasterxml.jackson.core.io.schubfach.DoubleToDecimal.toString(value),
                        decimal);
            }
        }
    }

    private static void assertSameDigits(String jackson, FloatToDecimal ours) {
        BigDecimal expected = new BigDecimal(jackson).stripTrailingZeros();
        if (ours.significand() < 10) {
            assertTrue(expected.precision() <= 2, jackson);
        } else {
            BigDecimal actual =
                    BigDecimal.valueOf(ours.significand()).scaleByPowerOfTen(ours.exponent());
            assertEquals(0, expected.compareTo(actual), () -> jackson + ", ours " + actual);
        }
    }

    @Test
    void writtenFloatsAreShortestAndReadBack() {
        Random random = new Random(4);
        FloatToDecimal decimal = new FloatToDecimal();
        for (int i = 0; i < TOKENS; i++) {
            float value = Float.intBitsToFloat(random.nextInt() & 0x7fffffff);
            if (value > 0 && value < Float.POSITIVE_INFINITY) {
                decimal.convert(value);
                assertShortest(
                        decimal, new BigDecimal(value), text -> Float.parseFloat(text) == value);
            }
        }
        for (float power = Float.MIN_VALUE; power < Float.POSITIVE_INFINITY; power *= 2) {
            float value = power;
            decimal.convert(value);
            assertShortest(decimal, new BigDecimal(value), text -> Float.parseFloat(text) == value);
        }
    }

    @Test
    void writtenDoublesAreShortestAndReadBack() {
        Random random = new Random(5);
        FloatToDecimal decimal = new FloatToDecimal();
        for (int i = 0; i < TOKENS; i++) {
            double value =
                    i % 2 == 0
                            ? random.nextDouble()
                            : Double.longBitsToDouble(random.nextLong() & Long.MAX_VALUE);
            if (value > 0 && value < Double.POSITIVE_INFINITY) {
                decimal.convert(value);
                assertShortest(
                        decimal, new BigDecimal(value), text -> Double.parseDouble(text) == value);
            }
        }
        for (double power = Double.MIN_VALUE; power < Double.POSITIVE_INFINITY; power *= 2) {
            double value = power;
            decimal.convert(value);
            assertShortest(
                    decimal, new BigDecimal(value), text -> Double.parseDouble(text) == value);
        }
    }

    /** Checks that the text reads back, no shorter one does, and none of its length is nearer. */
    private static void assertShortest(
            FloatToDecimal decimal,
            BigDecimal exact,
            java.util.function.Predicate<String> readsBack) {
        String text = decimal.significand() + "e" + decimal.exponent();
        assertTrue(readsBack.test(text), () -> exact + " as " + text);
        assertTrue(decimal.significand() % 10 != 0, text);
        if (decimal.significand() >= 10) {
            long shorter = decimal.significand() / 10;
            int exponent = decimal.exponent() + 1;
            assertTrue(!readsBack.test(shorter + "e" + exponent), text);
            assertTrue(!readsBack.test((shorter + 1) + "e" + exponent), text);
        }
        BigDecimal written = new BigDecimal(text);
        BigDecimal step = BigDecimal.ONE.scaleByPowerOfTen(decimal.exponent());
        BigDecimal distance = written.subtract(exact).abs();
        for (BigDecimal other : List.of(written.subtract(step), written.add(step))) {
            boolean nearer = other.subtract(exact).abs().compareTo(distance) < 0;
            assertTrue(!nearer || !readsBack.test(other.toString()), () -> exact + " as " + text);
        }
    }
}
