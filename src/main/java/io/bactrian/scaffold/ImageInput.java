package io.bactrian.scaffold;

import io.bactrian.model.graph.InputScaling;
import io.bactrian.preprocess.ImagePreprocessor;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;

/** The guess that the only input is an image: rank 4 with one or three channels. */
final class ImageInput implements InputGuesser {

    private static final int RANK = 4;

    /** The size of images for models that take any. */
    private static final int OPEN_SIZE = 224;

    /** A smaller dimension is not an image's width or height. */
    private static final int MIN_SIZE = 8;

    private static final String ONE_255TH = "0.00392156862745098";
    private static final String TWO_255THS = "0.00784313725490196";

    /** The shape of the images. */
    private record Layout(long height, long width, long channels, boolean isPlanar) {

        boolean isImage() {
            return (channels == 1 || channels == 3) && isSize(height) && isSize(width);
        }

        private static boolean isSize(long size) {
            return size == Shape.UNKNOWN_SIZE || size >= MIN_SIZE;
        }

        boolean isOpen() {
            return height == Shape.UNKNOWN_SIZE || width == Shape.UNKNOWN_SIZE;
        }
    }

    @Override
    public @Nullable InputGuess guess(ModelFacts facts) {
        TensorSpec input = facts.onlyInput();
        if (input == null
                || ModelFacts.rank(input) != RANK
                || !ModelFacts.takesOneExample(input)
                || ModelFacts.isString(input)
                || input.dtype() == DType.BOOL) {
            return null;
        }
        Layout layout = layout(input.shape());
        if (layout == null) {
            return null;
        }
        List<Bean.Property> properties = new ArrayList<>();
        if (layout.isPlanar()) {
            properties.add(
                    new Bean.Property("layout", "NCHW", "The channels come before the rows."));
        }
        addSize(facts, layout, properties);
        if (ModelFacts.isFloat(input)) {
            properties.add(scale(facts.traits().scaling(input.tensorName())));
        }
        Bean bean = new Bean("image", ImagePreprocessor.class, comment(input, layout), properties);
        return new InputGuess(
                List.of(),
                "image/*,application/octet-stream",
                null,
                bean,
                SampleRequest.ofFile("image/jpeg", "image.jpg"));
    }

    private static @Nullable Layout layout(Shape shape) {
        Layout channelsLast = new Layout(shape.get(1), shape.get(2), shape.get(3), false);
        Layout channelsFirst = new Layout(shape.get(2), shape.get(3), shape.get(1), true);
        if (channelsLast.isImage()) {
            return channelsLast;
        }
        return channelsFirst.isImage() ? channelsFirst : null;
    }

    private static List<String> comment(TensorSpec input, Layout layout) {
        String color = layout.channels() == 1 ? "a gray image" : "a color image, red, green, blue";
        String size =
                layout.isOpen() ? "" : ", resized to " + layout.width() + " x " + layout.height();
        List<String> comment = new ArrayList<>();
        comment.add(
                "Guess: input "
                        + ModelFacts.describe(input)
                        + " is "
                        + color
                        + ". The request is the file"
                        + size
                        + ". For numbers in JSON instead, remove this bean and its step, begin with"
                        + " unmarshal: {custom: {ref: tensorflow-json}}, and set consumes:"
                        + " application/json.");
        if (!ModelFacts.isFloat(input)) {
            comment.add("Pixels are from 0 to 255, since the dtype is an integer.");
        }
        if (layout.channels() == 3) {
            comment.add("If the model was trained on blue, green, red, set channelOrder: BGR.");
        }
        return comment;
    }

    private static void addSize(ModelFacts facts, Layout layout, List<Bean.Property> properties) {
        if (!layout.isOpen()) {
            return;
        }
        if (new DetectionApiOutput().guess(facts) != null
                || new BoxesOutput().guess(facts) != null) {
            properties.add(
                    new Bean.Property(
                            "fit",
                            "none",
                            "Guess: a detector that takes any size is given the image as it is. Set"
                                    + " width and height instead to resize it."));
            return;
        }
        String comment =
                "Guess: the model takes any size, so this is the usual one. Set what it was trained on.";
        if (layout.width() == Shape.UNKNOWN_SIZE) {
            properties.add(new Bean.Property("width", String.valueOf(OPEN_SIZE), comment));
            comment = "";
        }
        if (layout.height() == Shape.UNKNOWN_SIZE) {
            properties.add(new Bean.Property("height", String.valueOf(OPEN_SIZE), comment));
        }
    }

    private static Bean.Property scale(InputScaling scaling) {
        if (scaling.expectsBytes()) {
            return new Bean.Property(
                    "scale",
                    "1",
                    "Guess: the model takes pixels from 0 to 255, since its graph itself begins with "
                            + scaling
                            + ". For pixels from 0 to 1 set "
                            + ONE_255TH
                            + " (1/255).");
        }
        if (scaling.expectsUnitRange()) {
            return new Bean.Property(
                    "scale",
                    ONE_255TH,
                    "Guess: 1/255, the model takes pixels from 0 to 1, since its graph begins with "
                            + scaling
                            + ". For pixels from 0 to 255 set 1.");
        }
        return new Bean.Property(
                "scale",
                ONE_255TH,
                "Guess: 1/255, for pixels from 0 to 1. The graph does not show it: it has no"
                        + " Rescaling or Normalization layer behind this input. Set what training"
                        + " did: 1 for pixels from 0 to 255; "
                        + TWO_255THS
                        + " and mean: 1 for -1 to 1; or what preprocess_input did by scale, mean"
                        + " and std.");
    }
}
