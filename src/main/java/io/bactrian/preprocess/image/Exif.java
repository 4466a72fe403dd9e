package io.bactrian.preprocess.image;

import io.bactrian.tensor.BadInputException;

/** A reader of the EXIF orientation tag. */
final class Exif {

    private static final int ORIENTATION_TAG = 0x0112;
    private static final int ENTRY_BYTES = 12;

    private Exif() {}

    /**
     * {@return the orientation, 1 to 8; 1 if the EXIF block has none or is malformed, which is no
     * reason to refuse an image}
     *
     * @param from the index of the EXIF block's TIFF header ({@code II*} or {@code MM*})
     * @param end the index after the block
     */
    static int orientation(byte[] bytes, int from, int end) {
        if (from < 0 || end > bytes.length || end - from < 8) {
            return Orientation.UPRIGHT;
        }
        boolean bigEndian = bytes[from] == 'M';
        ByteReader in = new ByteReader(bytes, from, end, ImageFormat.TIFF, bigEndian);
        try {
            long directory = in.u32(4);
            int entries = in.u16(directory);
            for (int i = 0; i < entries; i++) {
                long entry = directory + 2 + (long) i * ENTRY_BYTES;
                if (in.u16(entry) == ORIENTATION_TAG) {
                    int value = in.u16(entry + 8);
                    return value >= 1 && value <= 8 ? value : Orientation.UPRIGHT;
                }
            }
        } catch (BadInputException malformed) {
            return Orientation.UPRIGHT;
        }
        return Orientation.UPRIGHT;
    }
}
