package io.bactrian.tensorflow;

import io.bactrian.model.graph.InputScaling;
import io.bactrian.pipeline.PixelRange;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The check that pixels are scaled once: by the step that makes them, or by the graph of the model
 * that they go to.
 *
 * <p>What is wrong there is answered by nonsense with status 200, so it is to be said at start.
 * Only what is certain is: a graph that does not show how it scales proves nothing, since a first
 * convolution may have been trained on pixels in any range.
 */
final class ScalingCheck {

    /** Pixels whose largest number is above this are not scaled. */
    private static final double UNSCALED = 100;

    private ScalingCheck() {}

    /**
     * {@return what is wrong, as the end of a sentence about the step; null if nothing is for sure}
     *
     * @param pixels the pixels that the step makes
     * @param graph the scaling that the graph does to them
     */
    static @Nullable String problem(PixelRange pixels, InputScaling graph) {
        String makes = "makes pixels from " + format(pixels.min()) + " to " + format(pixels.max());
        if (graph.expectsBytes()
                && Math.max(pixels.max(), -pixels.min()) <= InputScaling.MAX_OF_UNIT_RANGE) {
            return makes
                    + ", but the graph itself scales pixels from 0 to 255, by "
                    + graph
                    + ": set scale: 1, without mean, std and normalization";
        }
        if (graph.spreadsUnitRange() && pixels.max() > UNSCALED) {
            return makes
                    + ", but the graph begins with "
                    + graph
                    + ", for pixels from 0 to 1: set scale: "
                    + 1 / 255.0;
        }
        if (pixels.min() < 0 && (graph.isByteMeanSubtraction() || graph.isUnitToSymmetric())) {
            return makes
                    + ", so it subtracts a mean, but the graph does that itself, by "
                    + graph
                    + ": leave out mean, std and normalization";
        }
        return null;
    }

    private static String format(double number) {
        String text = String.format(Locale.ROOT, "%.4g", number);
        return text.contains("e") ? text : text.replaceFirst("\\.?0+$", "");
    }
}
