package io.bactrian.preprocess.image;

/**
 * Computes the memory of libwebp's tables for the prefix code groups of a lossless WebP. Each group
 * takes a few kilobytes. A file may have up to 65,536 groups, whose tables take more memory than
 * the pixels: 380 MB for a file of 300 kB. Encoders write a few hundred.
 *
 * <p>It parses the bitstream up to the pixels (RFC 9649, section 3): the transforms and the entropy
 * image, whose greatest value is the index of the last group. Backward references in that image are
 * skipped, since they only repeat values that were read before.
 */
final class Vp8lGroups {

    private static final int HEADER_BYTES = 5;
    private static final int PREDICTOR = 0;
    private static final int COLOR = 1;
    private static final int PALETTE = 3;

    private static final int LENGTH_CODES = 24;
    private static final int DISTANCE_CODES = 40;

    /** The order in which the lengths of the code length code are stored. */
    private static final int[] LENGTH_ORDER = {
        17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    };

    /** Entries of a group's tables in libwebp, except for that of green and the color cache. */
    private static final int TABLE_ENTRIES = 3 * 630 + 410;

    /** Entries of the green table, by the bits of the color cache (libwebp's kTableSize). */
    private static final int[] GREEN_ENTRIES = {
        654, 656, 658, 662, 670, 686, 718, 782, 912, 1168, 1680, 2704
    };

    private static final int ENTRY_BYTES = 4;

    /** The size of libwebp's HTreeGroup. */
    private static final int GROUP_BYTES = 576;

    private final byte[] bytes;
    private final int end;
    private long position;

    private Vp8lGroups(byte[] bytes, int from, int end) {
        this.bytes = bytes;
        this.end = end;
        this.position = 8L * from;
    }

    /** Thrown if the data is truncated or has an invalid prefix code; libwebp refuses it, too. */
    private static final class Malformed extends RuntimeException {

        private static final long serialVersionUID = 1L;

        Malformed() {
            super(null, null, false, false);
        }
    }

    /**
     * {@return the bytes that libwebp allocates for the groups' tables; 0 if the data is malformed}
     *
     * @param from the index of the VP8L chunk's data
     * @param end the index after the data
     */
    static long tableBytes(byte[] bytes, int from, int end, int width, int height) {
        try {
            return new Vp8lGroups(bytes, from + HEADER_BYTES, end).tableBytes(width, height);
        } catch (Malformed e) {
            return 0;
        }
    }

    private long tableBytes(int width, int height) {
        int columns = width;
        boolean[] seen = new boolean[4];
        while (bits(1) != 0) {
            int transform = bits(2);
            if (seen[transform]) {
                throw new Malformed();
            }
            seen[transform] = true;
            if (transform == PREDICTOR || transform == COLOR) {
                int shift = bits(3) + 2;
                readMaxPixel(blocks(columns, shift), blocks(height, shift));
            } else if (transform == PALETTE) {
                int colors = bits(8) + 1;
                readMaxPixel(colors, 1);
                columns = blocks(columns, colors > 16 ? 0 : colors > 4 ? 1 : colors > 2 ? 2 : 3);
            }
        }
        int cacheBits = cacheBits();
        long groups = 1;
        if (bits(1) != 0) {
            int shift = bits(3) + 2;
            groups = 1L + readMaxPixel(blocks(columns, shift), blocks(height, shift));
        }
        long entries = (long) TABLE_ENTRIES + GREEN_ENTRIES[cacheBits];
        return groups * (entries * ENTRY_BYTES + GROUP_BYTES);
    }

    private static int blocks(int size, int shift) {
        return (size + (1 << shift) - 1) >> shift;
    }

    private int cacheBits() {
        int bits = bits(1) != 0 ? bits(4) : 0;
        if (bits >= GREEN_ENTRIES.length) {
            throw new Malformed();
        }
        return bits;
    }

    /**
     * Reads a subresolution image, such as the entropy image.
     *
     * @return the greatest 16-bit number that the red and green of a pixel form
     */
    private int readMaxPixel(int width, int height) {
        int cacheBits = cacheBits();
        int cache = cacheBits > 0 ? 1 << cacheBits : 0;
        PrefixCode green = new PrefixCode(256 + LENGTH_CODES + cache);
        PrefixCode red = new PrefixCode(256);
        PrefixCode blue = new PrefixCode(256);
        PrefixCode alpha = new PrefixCode(256);
        PrefixCode distance = new PrefixCode(DISTANCE_CODES);
        int maxPixel = 0;
        long pixels = (long) width * height;
        for (long done = 0; done < pixels; ) {
            int symbol = green.next();
            if (symbol >= 256 && symbol < 256 + LENGTH_CODES) {
                done += readValue(symbol - 256);
                readValue(distance.next());
                continue;
            }
            done++;
            if (symbol < 256) {
                maxPixel = Math.max(maxPixel, red.next() << 8 | symbol);
                blue.next();
                alpha.next();
            }
        }
        return maxPixel;
    }

    /**
     * {@return a length or distance: the value of its prefix code and the extra bits that follow}
     */
    private int readValue(int code) {
        if (code < 4) {
            return code + 1;
        }
        int extra = (code - 2) >> 1;
        return ((2 + (code & 1)) << extra) + bits(extra) + 1;
    }

    private int bits(int count) {
        int bits = 0;
        for (int i = 0; i < count; i++) {
            bits |= bit() << i;
        }
        return bits;
    }

    private int bit() {
        int at = (int) (position >> 3);
        if (at >= end) {
            throw new Malformed();
        }
        int bit = bytes[at] >> (int) (position & 7) & 1;
        position++;
        return bit;
    }

    /** A canonical prefix code, decoded bit by bit. */
    private final class PrefixCode {

        private static final int MAX_LENGTH = 15;

        /** The number of codes of each length. */
        private final int[] counts = new int[MAX_LENGTH + 1];

        /** The symbols, in the order of their codes. */
        private int[] symbols;

        /** Reads a prefix code. */
        PrefixCode(int alphabetSize) {
            int[] lengths = new int[alphabetSize];
            if (bits(1) != 0) {
                boolean two = bits(1) != 0;
                addSymbol(bits(bits(1) != 0 ? 8 : 1), lengths);
                if (two) {
                    addSymbol(bits(8), lengths);
                }
            } else {
                readLengths(lengths);
            }
            build(lengths);
        }

        private PrefixCode(int[] lengths) {
            build(lengths);
        }

        /** Gives a symbol a code of length 1; like libwebp, ignores symbols beyond the alphabet. */
        private static void addSymbol(int symbol, int[] lengths) {
            if (symbol < lengths.length) {
                lengths[symbol] = 1;
            }
        }

        private void readLengths(int[] lengths) {
            int[] codeLengths = new int[LENGTH_ORDER.length];
            int codeLengthCount = 4 + bits(4);
            for (int i = 0; i < codeLengthCount; i++) {
                codeLengths[LENGTH_ORDER[i]] = bits(3);
            }
            int left = bits(1) == 0 ? lengths.length : 2 + bits(2 + 2 * bits(3));
            PrefixCode code = new PrefixCode(codeLengths);
            int previous = 8;
            for (int symbol = 0; symbol < lengths.length && left > 0; left--) {
                int length = code.next();
                if (length < 16) {
                    lengths[symbol++] = length;
                    previous = length == 0 ? previous : length;
                    continue;
                }
                int repeat =
                        switch (length) {
                            case 16 -> 3 + bits(2);
                            case 17 -> 3 + bits(3);
                            default -> 11 + bits(7);
                        };
                for (; repeat > 0 && symbol < lengths.length; repeat--) {
                    lengths[symbol++] = length == 16 ? previous : 0;
                }
            }
        }

        private void build(int[] lengths) {
            int[] starts = new int[MAX_LENGTH + 2];
            for (int length : lengths) {
                counts[length]++;
            }
            counts[0] = 0;
            for (int i = 1; i <= MAX_LENGTH; i++) {
                starts[i + 1] = starts[i] + counts[i];
            }
            symbols = new int[starts[MAX_LENGTH + 1]];
            for (int symbol = 0; symbol < lengths.length; symbol++) {
                if (lengths[symbol] > 0) {
                    symbols[starts[lengths[symbol]]++] = symbol;
                }
            }
            if (symbols.length == 0) {
                throw new Malformed();
            }
        }

        int next() {
            if (symbols.length == 1) {
                return symbols[0];
            }
            int code = 0;
            int first = 0;
            int index = 0;
            for (int length = 1; length <= MAX_LENGTH; length++) {
                code |= bit();
                int count = counts[length];
                if (code - first < count) {
                    return symbols[index + code - first];
                }
                index += count;
                first = (first + count) << 1;
                code <<= 1;
            }
            throw new Malformed();
        }
    }
}
