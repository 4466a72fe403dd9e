package io.bactrian.preprocess.image;

/**
 * Counts the groups of prefix codes of a lossless WebP, each of which libwebp makes tables of some
 * thousand bytes for. A file may have 65,536 in as many pixels as that, which is more memory than
 * anything else in it: 380 MB for 300 kB. Encoders make a few hundred.
 *
 * <p>It reads what comes before the pixels, as the specification of the lossless bitstream says
 * (RFC 9649, section 3): the transforms and the image of the groups' numbers, whose greatest tells
 * how many there are. Copies of pixels need not be made for that, since the numbers in them have
 * been read before.
 */
final class Vp8lGroups {

    private static final int HEADER_BYTES = 5;
    private static final int PREDICTOR = 0;
    private static final int COLOR = 1;
    private static final int PALETTE = 3;

    private static final int LENGTH_CODES = 24;
    private static final int DISTANCE_CODES = 40;

    /** In which order the lengths of the codes for code lengths come. */
    private static final int[] LENGTH_ORDER = {
        17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    };

    /** Entries of libwebp's tables of a group, but for those of green and the color cache. */
    private static final int TABLE_ENTRIES = 3 * 630 + 410;

    /** Entries of the table of green, by the bits of the color cache (libwebp's kTableSize). */
    private static final int[] GREEN_ENTRIES = {
        654, 656, 658, 662, 670, 686, 718, 782, 912, 1168, 1680, 2704
    };

    private static final int ENTRY_BYTES = 4;

    /** libwebp's HTreeGroup. */
    private static final int GROUP_BYTES = 576;

    private final byte[] bytes;
    private final int end;
    private long position;

    private Vp8lGroups(byte[] bytes, int from, int end) {
        this.bytes = bytes;
        this.end = end;
        this.position = 8L * from;
    }

    /** The bits end in the middle, or make no codes: libwebp will find out, too. */
    private static final class Malformed extends RuntimeException {

        private static final long serialVersionUID = 1L;

        Malformed() {
            super(null, null, false, false);
        }
    }

    /**
     * {@return bytes of memory that libwebp takes for the groups' tables; 0 if the data is
     * malformed}
     *
     * @param from where the data of the VP8L chunk starts
     * @param end where it ends
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
                greatest(blocks(columns, shift), blocks(height, shift));
            } else if (transform == PALETTE) {
                int colors = bits(8) + 1;
                greatest(colors, 1);
                columns = blocks(columns, colors > 16 ? 0 : colors > 4 ? 1 : colors > 2 ? 2 : 3);
            }
        }
        int cacheBits = cacheBits();
        long groups = 1;
        if (bits(1) != 0) {
            int shift = bits(3) + 2;
            groups = 1L + greatest(blocks(columns, shift), blocks(height, shift));
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
     * Reads over an image that is part of another.
     *
     * @return the greatest number that its pixels' red and green make
     */
    private int greatest(int width, int height) {
        int cacheBits = cacheBits();
        int cache = cacheBits > 0 ? 1 << cacheBits : 0;
        PrefixCode green = new PrefixCode(256 + LENGTH_CODES + cache);
        PrefixCode red = new PrefixCode(256);
        PrefixCode blue = new PrefixCode(256);
        PrefixCode alpha = new PrefixCode(256);
        PrefixCode distance = new PrefixCode(DISTANCE_CODES);
        int greatest = 0;
        long pixels = (long) width * height;
        for (long done = 0; done < pixels; ) {
            int symbol = green.next();
            if (symbol >= 256 && symbol < 256 + LENGTH_CODES) {
                done += number(symbol - 256);
                number(distance.next());
                continue;
            }
            done++;
            if (symbol < 256) {
                greatest = Math.max(greatest, red.next() << 8 | symbol);
                blue.next();
                alpha.next();
            }
        }
        return greatest;
    }

    /** A length or distance: a code for its size, and its lower bits. */
    private int number(int code) {
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

    /** A canonical prefix code, read bit by bit. */
    private final class PrefixCode {

        private static final int MAX_LENGTH = 15;

        /** How many codes there are of a length. */
        private final int[] counts = new int[MAX_LENGTH + 1];

        /** In the order of their codes. */
        private int[] symbols;

        /** Reads the code of an alphabet. */
        PrefixCode(int alphabet) {
            int[] lengths = new int[alphabet];
            if (bits(1) != 0) {
                boolean two = bits(1) != 0;
                use(bits(bits(1) != 0 ? 8 : 1), lengths);
                if (two) {
                    use(bits(8), lengths);
                }
            } else {
                readLengths(lengths);
            }
            set(lengths);
        }

        private PrefixCode(int[] lengths) {
            set(lengths);
        }

        /** As libwebp does, which sees no symbol beyond the alphabet. */
        private static void use(int symbol, int[] lengths) {
            if (symbol < lengths.length) {
                lengths[symbol] = 1;
            }
        }

        private void readLengths(int[] lengths) {
            int[] ofLengths = new int[LENGTH_ORDER.length];
            int given = 4 + bits(4);
            for (int i = 0; i < given; i++) {
                ofLengths[LENGTH_ORDER[i]] = bits(3);
            }
            int left = bits(1) == 0 ? lengths.length : 2 + bits(2 + 2 * bits(3));
            PrefixCode code = new PrefixCode(ofLengths);
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

        private void set(int[] lengths) {
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
