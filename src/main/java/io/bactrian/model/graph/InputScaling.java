package io.bactrian.model.graph;

import java.util.Arrays;
import java.util.Locale;
import java.util.function.DoubleBinaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The scaling by constants that a graph does to an input before anything else, such as that of a
 * {@code Rescaling} or {@code Normalization} layer: {@code input * factor + offset}.
 */
public final class InputScaling {

    /** Between the largest value of a pixel in numbers from 0 to 1 and that from 0 to 255. */
    public static final double MAX_OF_UNIT_RANGE = 16;

    private static final double MIN_OF_UNIT_RANGE = 0.25;

    /** The least factor of a scaling of pixels from 0 to 1 to a standard deviation near 1. */
    private static final double MIN_SPREAD = 1.5;

    /** As much as 2 * 255 / 256 is from 2, by which some models are trained. */
    private static final double TOLERANCE = 0.01;

    /** No scaling. */
    public static final InputScaling NONE = of(1, 0);

    private final double[] factors;
    private final double[] offsets;

    /** Both arrays have one element, or the same number of elements: one per channel. */
    private InputScaling(double[] factors, double[] offsets) {
        this.factors = factors;
        this.offsets = offsets;
    }

    /**
     * {@return the scaling of all channels by the same numbers}
     *
     * @param factor what the input is multiplied by
     * @param offset what is added then
     */
    public static InputScaling of(double factor, double offset) {
        return new InputScaling(new double[] {factor}, new double[] {offset});
    }

    /** {@return whether the input is scaled} */
    public boolean isPresent() {
        return Arrays.stream(factors).anyMatch(each -> each != 1)
                || Arrays.stream(offsets).anyMatch(each -> each != 0);
    }

    /**
     * {@return the largest value that the graph expects, if it scales to numbers from -1 to 1, in
     * the channel with the largest: 255 for {@code x / 255} and for {@code x / 127.5 - 1}, 1 for
     * {@code 2 * x - 1}}
     */
    public double expectedMaximum() {
        double largest = 0;
        for (int i = 0; i < factors.length; i++) {
            largest = Math.max(largest, (1 - offsets[i]) / factors[i]);
            largest = Math.max(largest, (-1 - offsets[i]) / factors[i]);
        }
        return largest;
    }

    /** {@return whether the graph scales pixels from 0 to 255} */
    public boolean expectsBytes() {
        return isPresent() && expectedMaximum() > MAX_OF_UNIT_RANGE;
    }

    /** {@return whether the graph scales pixels from 0 to 1} */
    public boolean expectsUnitRange() {
        double maximum = expectedMaximum();
        return isPresent() && maximum >= MIN_OF_UNIT_RANGE && maximum <= MAX_OF_UNIT_RANGE;
    }

    /** {@return whether the graph enlarges pixels from 0 to 1 and subtracts a mean} */
    public boolean spreadsUnitRange() {
        return expectsUnitRange()
                && Arrays.stream(factors).allMatch(each -> each >= MIN_SPREAD)
                && Arrays.stream(offsets).allMatch(each -> each < 0);
    }

    /** {@return whether the graph makes numbers from -1 to 1 of pixels from 0 to 1} */
    public boolean isUnitToSymmetric() {
        return Arrays.stream(factors).allMatch(each -> Math.abs(each - 2) < TOLERANCE)
                && Arrays.stream(offsets).allMatch(each -> Math.abs(each + 1) < TOLERANCE);
    }

    /** {@return whether the graph subtracts the mean of pixels from 0 to 255, and no more} */
    public boolean isByteMeanSubtraction() {
        return expectsBytes()
                && Arrays.stream(factors).allMatch(each -> each == 1)
                && Arrays.stream(offsets).allMatch(each -> each < 0);
    }

    /** {@return the scaling followed by a multiplication; null if the sizes differ} */
    @Nullable InputScaling times(double[] numbers) {
        double[] newFactors = combine(factors, numbers, (a, b) -> a * b);
        double[] newOffsets = combine(offsets, numbers, (a, b) -> a * b);
        return newFactors == null || newOffsets == null
                ? null
                : new InputScaling(newFactors, newOffsets);
    }

    /** {@return the scaling followed by a division; null if the sizes differ, or for zero} */
    @Nullable InputScaling over(double[] numbers) {
        return Arrays.stream(numbers).anyMatch(each -> each == 0)
                ? null
                : times(Arrays.stream(numbers).map(each -> 1 / each).toArray());
    }

    /** {@return the scaling followed by an addition; null if the sizes differ} */
    @Nullable InputScaling plus(double[] numbers) {
        double[] newOffsets = combine(offsets, numbers, Double::sum);
        // So that both have the same number of elements.
        double[] newFactors = combine(factors, numbers, (a, b) -> a);
        return newFactors == null || newOffsets == null
                ? null
                : new InputScaling(newFactors, newOffsets);
    }

    /** {@return the scaling followed by a subtraction; null if the sizes differ} */
    @Nullable InputScaling minus(double[] numbers) {
        return plus(Arrays.stream(numbers).map(each -> -each).toArray());
    }

    /** {@return numbers minus the scaled input; null if the sizes differ} */
    @Nullable InputScaling subtractedFrom(double[] numbers) {
        InputScaling negated = times(new double[] {-1});
        return negated == null ? null : negated.plus(numbers);
    }

    private static double @Nullable [] combine(double[] a, double[] b, DoubleBinaryOperator by) {
        if (a.length != b.length && a.length != 1 && b.length != 1) {
            return null;
        }
        double[] combined = new double[Math.max(a.length, b.length)];
        for (int i = 0; i < combined.length; i++) {
            combined[i] =
                    by.applyAsDouble(a[Math.min(i, a.length - 1)], b[Math.min(i, b.length - 1)]);
        }
        return combined;
    }

    /** {@return such as {@code x * 0.00392157}, {@code x * 2 - 1}; of channels, the first one's} */
    @Override
    public String toString() {
        String factor = factors[0] == 1 ? "" : " * " + format(factors[0]);
        String offset =
                offsets[0] == 0
                        ? ""
                        : (offsets[0] < 0 ? " - " : " + ") + format(Math.abs(offsets[0]));
        return "x" + factor + offset;
    }

    private static String format(double number) {
        String text = String.format(Locale.ROOT, "%.6g", number);
        return text.contains("e") ? text : text.replaceFirst("\\.?0+$", "");
    }
}
