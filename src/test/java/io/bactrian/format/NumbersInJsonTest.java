package io.bactrian.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.tensor.DType;
import io.bactrian.tensor.PathErrors;
import io.bactrian.tensor.TensorBuffer;
import io.bactrian.tensor.TensorValues;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TType;

/** NumericElements from text to float and back, against the JDK's parser and formatter. */
class NumbersInJsonTest {

    private static final int TOKENS = 200_000;

    /** What is behind the outermost list belongs to whoever reads what is around it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "[1, 2], [3, 4]",
                "[1, 2], [3]",
                "[[1, 2], [3, 4]], [[5, 6]]",
                "[1, 2],[3, 4]"
            })
    void aListBesideTheOutermostIsNotRead(String lists) {
        String json = lists + " ".repeat(100);
        JsonScanner scanner =
                new JsonScanner(json.getBytes(StandardCharsets.UTF_8), Dialect.BACTRIAN);
        TensorBuffer elements = new TensorBuffer(DType.INT32);
        Shape shape = new JsonTensorReader(scanner, new PathErrors("x")).read(elements);
        assertEquals(elements.size(), shape.size());
        assertEquals(',', json.charAt(scanner.position()));
    }

    /** Reads tokens as a list, so that the fast lane gets what it takes, against the JDK. */
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
    void oneByOne(String token) {
        assertReadAsJdk(List.of(token), ",");
        assertReadAsJdk(List.of("-7", token, "0.25", token, "1"), " ,\n ");
        // Far from the text's end, where the fast lane runs.
        assertReadAsJdk(
                List.of(token, token, "0.3333333333333333333333333333333333333333333333333333"),
                ", ");
    }

    @Test
    void decimalsOfEveryLength() {
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
    void floatsAndTheMiddlesBetweenThem() {
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
    void doublesAndTheMiddlesBetweenThem() {
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

    @Test
    void shortestFloatsReadBack() {
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
    void shortestDoublesReadBack() {
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

    /** It reads back; no number with a digit less does, and none of as many digits is nearer. */
    private static void assertShortest(
            FloatToDecimal decimal,
            BigDecimal exact,
            java.util.function.Predicate<String> readsBack) {
        String text = decimal.digits() + "e" + decimal.exponent();
        assertTrue(readsBack.test(text), () -> exact + " as " + text);
        assertTrue(decimal.digits() % 10 != 0, text);
        if (decimal.digits() >= 10) {
            long shorter = decimal.digits() / 10;
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
