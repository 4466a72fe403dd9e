package io.bactrian.postprocess.mask;

import io.bactrian.pipeline.PipelineFaultException;
import java.util.Arrays;
import java.util.regex.Pattern;

/** The colors of classes, as red, green and blue of each, class by class. */
public final class Palette {

    private static final Pattern COLOR = Pattern.compile("#[0-9a-fA-F]{6}");
    private static final int RADIX = 16;
    private static final int CHANNELS = 3;

    private final byte[] colors;

    private Palette(byte[] colors) {
        this.colors = colors;
    }

    /**
     * {@return the 256 colors of PASCAL VOC's label maps: black for class 0, then dark red, green,
     * …; the bits of the class are dealt to the channels, the highest first (VOCdevkit,
     * VOClabelcolormap)}
     */
    public static Palette pascalVoc() {
        byte[] colors = new byte[ClassMap.MAX_CLASSES * CHANNELS];
        for (int classId = 0; classId < ClassMap.MAX_CLASSES; classId++) {
            for (int bit = 0; bit < Byte.SIZE; bit++) {
                int channel = bit % CHANNELS;
                int shift = Byte.SIZE - 1 - bit / CHANNELS;
                colors[classId * CHANNELS + channel] |= (byte) (((classId >> bit) & 1) << shift);
            }
        }
        return new Palette(colors);
    }

    /**
     * {@return the palette of a property}
     *
     * @param text colors such as {@code #ff8000} with commas between, that of class 0 first
     * @throws PipelineFaultException if it is not that, or has more than 256
     */
    public static Palette parse(String text) {
        String[] parts = text.split(",", -1);
        byte[] colors = new byte[parts.length * CHANNELS];
        for (int i = 0; i < parts.length; i++) {
            String color = parts[i].strip();
            if (!COLOR.matcher(color).matches() || parts.length > ClassMap.MAX_CLASSES) {
                throw PipelineFaultException.property(
                        "palette", "at most 256 colors such as #ff8000 with commas between", text);
            }
            int rgb = Integer.parseInt(color.substring(1), RADIX);
            colors[i * CHANNELS] = (byte) (rgb >> (2 * Byte.SIZE));
            colors[i * CHANNELS + 1] = (byte) (rgb >> Byte.SIZE);
            colors[i * CHANNELS + 2] = (byte) rgb;
        }
        return new Palette(colors);
    }

    /** {@return the number of colors} */
    public int size() {
        return colors.length / CHANNELS;
    }

    /** {@return red, green and blue of the first classes} */
    byte[] colors(int classes) {
        return Arrays.copyOf(colors, classes * CHANNELS);
    }
}
