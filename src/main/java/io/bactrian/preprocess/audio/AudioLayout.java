package io.bactrian.preprocess.audio;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;

/**
 * The dimensions of a tensor of sound: samples, or frames and what each frame became.
 *
 * @param batch whether a dimension of sounds comes first
 * @param framed whether there are frames
 * @param channel whether a dimension of 1 channel comes last
 */
public record AudioLayout(boolean batch, boolean framed, boolean channel) {

    /** {@return the layouts in the order in which they are looked for} */
    private static List<AudioLayout> all(boolean framed) {
        return List.of(
                new AudioLayout(true, framed, false),
                new AudioLayout(false, framed, false),
                new AudioLayout(false, framed, true),
                new AudioLayout(true, framed, true));
    }

    /**
     * {@return the layout where the model leaves it open}
     *
     * @param framed whether there are frames
     */
    public static AudioLayout ofDefault(boolean framed) {
        return all(framed).get(0);
    }

    /**
     * {@return the layout of a shape that a model takes, or null if it is none of sound}
     *
     * @param shape the shape of the model's input
     * @param framed whether there are frames
     */
    public static @Nullable AudioLayout of(Shape shape, boolean framed) {
        for (AudioLayout layout : all(framed)) {
            if (layout.fits(shape)) {
                return layout;
            }
        }
        return null;
    }

    private boolean fits(Shape shape) {
        int last = shape.numDimensions() - 1;
        return shape.numDimensions() == (batch ? 1 : 0) + (framed ? 2 : 1) + (channel ? 1 : 0)
                && (!batch || isOneOrOpen(shape.get(0)))
                && rows(shape) != 1
                && (!framed || columns(shape) != 1)
                && (!channel || isOneOrOpen(shape.get(last)));
    }

    private static boolean isOneOrOpen(long size) {
        return size == 1 || size == Shape.UNKNOWN_SIZE;
    }

    /**
     * {@return the number of samples or frames of a shape, which may be open}
     *
     * @param shape the shape, of this layout
     */
    public long rows(Shape shape) {
        return shape.get(batch ? 1 : 0);
    }

    /**
     * {@return the size of a row of a shape with frames, which may be open}
     *
     * @param shape the shape, of this layout
     */
    public long columns(Shape shape) {
        return shape.get(batch ? 2 : 1);
    }

    /**
     * {@return the shape of a tensor}
     *
     * @param sounds how many; 1 without their dimension
     * @param rows the samples or frames of each
     * @param columns the size of a frame's row
     */
    public Shape shape(long sounds, long rows, long columns) {
        Shape shape = framed ? Shape.of(rows, columns) : Shape.of(rows);
        Shape batched = batch ? shape.prepend(sounds) : shape;
        return channel ? batched.append(1) : batched;
    }
}
