package io.bactrian.preprocess.image;

import io.bactrian.limit.Deadline;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A GIF, of which only the first frame is decoded. As in Pillow, the canvas around a smaller frame
 * is filled with the frame's transparent color, or else color 0, and transparency is dropped
 * (src/PIL/GifImagePlugin.py).
 */
final class GifFile extends EncodedImage {

    private static final int MAX_CODES = 4096;
    private static final int MAX_CODE_BITS = 12;

    /** LZW codes between two checks of the deadline. */
    private static final int CODES_BEFORE_CHECK = 1 << 14;

    /** The first row and the row step of each pass of an interlaced frame. */
    private static final int[][] PASSES = {{0, 8}, {4, 8}, {2, 4}, {1, 2}};

    private final ByteReader in;
    private final int left;
    private final int top;
    private final int frameWidth;
    private final int frameHeight;
    private final boolean interlaced;
    private final int dataOffset;
    private final byte @Nullable [] palette;
    private final int background;

    GifFile(byte[] bytes) {
        super(ImageFormat.GIF, bytes);
        in = new ByteReader(bytes, format(), false);
        int canvasWidth = in.u16(6);
        int canvasHeight = in.u16(8);
        int flags = in.u8(10);
        int at = 13;
        byte[] colors = null;
        if ((flags & 0x80) != 0) {
            int length = 3 << ((flags & 7) + 1);
            colors = palette(at, length);
            at += length;
        }
        int transparent = 0;
        while (in.u8(at) != ',') {
            if (in.u8(at) == ';') {
                throw format().corrupt("it has no frame");
            }
            if (in.u8(at) != '!') {
                at++;
                continue;
            }
            if (in.u8(at + 1) == 0xF9 && in.u8(at + 2) >= 4 && (in.u8(at + 3) & 1) != 0) {
                transparent = in.u8(at + 6);
            }
            at += 2;
            while (in.u8(at) != 0) {
                at += 1 + in.u8(at);
            }
            at++;
        }
        left = in.u16(at + 1);
        top = in.u16(at + 3);
        frameWidth = in.u16(at + 5);
        frameHeight = in.u16(at + 7);
        int frameFlags = in.u8(at + 9);
        interlaced = (frameFlags & 0x40) != 0;
        at += 10;
        if ((frameFlags & 0x80) != 0) {
            int length = 3 << ((frameFlags & 7) + 1);
            colors = palette(at, length);
            at += length;
        }
        dataOffset = at;
        palette = colors;
        background = transparent;
        setSize(
                Math.max(canvasWidth, left + frameWidth),
                Math.max(canvasHeight, top + frameHeight));
    }

    /** {@return the RGB palette at {@code at}, padded to 256 entries} */
    private byte[] palette(int at, int length) {
        return Arrays.copyOf(Arrays.copyOfRange(bytes, in.check(at, length), at + length), 3 * 256);
    }

    /** Skips the data of all frames. */
    @Override
    int endOfImage() {
        long at = skipBlocks(dataOffset + 1L);
        while (in.has(at, ",") || in.has(at, "!")) {
            if (in.has(at, "!")) {
                at = skipBlocks(at + 2);
                continue;
            }
            if (at + 10 > in.length()) {
                return -1;
            }
            int flags = in.u8(at + 9);
            at += 10 + ((flags & 0x80) != 0 ? 3 << ((flags & 7) + 1) : 0);
            at = skipBlocks(at + 1);
        }
        return in.has(at, ";") ? (int) at + 1 : -1;
    }

    /**
     * {@return the offset after a sequence of data sub-blocks and their terminator; past the end of
     * the file if the sequence is truncated}
     */
    private long skipBlocks(long from) {
        long at = from;
        while (at < in.length()) {
            int size = in.u8(at);
            at += 1 + size;
            if (size == 0) {
                break;
            }
        }
        return at;
    }

    @Override
    long decodingBytes() {
        return (long) width * height + 8 * MAX_CODES;
    }

    @Override
    DecodedImage decode(Deadline deadline) {
        byte[] pixels = new byte[width * height];
        if (background != 0) {
            Arrays.fill(pixels, (byte) background);
        }
        new Frame(pixels).decode(deadline);
        return palette == null
                ? new InterleavedImage(width, height, 1, pixels)
                : new PaletteImage(width, height, pixels, palette);
    }

    /** The LZW decoder of the first frame, which writes to the frame's position on the canvas. */
    private final class Frame {

        private final byte[] canvas;
        private final short[] prefix = new short[MAX_CODES];
        private final byte[] suffix = new byte[MAX_CODES];
        private final byte[] stack = new byte[MAX_CODES + 1];

        private int block;
        private int blockEnd;
        private int bits;
        private int bitCount;

        private int x;
        private int y;
        private int pass;
        private long left;

        Frame(byte[] canvas) {
            this.canvas = canvas;
            this.left = (long) frameWidth * frameHeight;
            this.block = dataOffset + 1;
            this.blockEnd = block;
        }

        void decode(Deadline deadline) {
            int rootBits = in.u8(dataOffset);
            if (rootBits < 1 || rootBits > 8) {
                throw format().corrupt();
            }
            int clear = 1 << rootBits;
            int end = clear + 1;
            int next = clear + 2;
            int codeBits = rootBits + 1;
            int last = -1;
            int first = 0;
            for (int codes = 0; left > 0; codes++) {
                if (codes % CODES_BEFORE_CHECK == 0) {
                    check(deadline);
                }
                int code = code(codeBits);
                if (code == clear) {
                    next = clear + 2;
                    codeBits = rootBits + 1;
                    last = -1;
                    continue;
                }
                if (code == end) {
                    throw format().truncated();
                }
                int depth = 0;
                int at = code;
                if (last < 0) {
                    if (code > clear) {
                        throw format().corrupt();
                    }
                } else if (code >= next) {
                    if (code > next) {
                        throw format().corrupt();
                    }
                    stack[depth++] = (byte) first;
                    at = last;
                }
                while (at > end) {
                    stack[depth++] = suffix[at];
                    at = prefix[at];
                }
                first = at;
                put((byte) first);
                while (depth > 0) {
                    put(stack[--depth]);
                }
                if (last >= 0 && next < MAX_CODES) {
                    prefix[next] = (short) last;
                    suffix[next] = (byte) first;
                    next++;
                    if (next == 1 << codeBits && codeBits < MAX_CODE_BITS) {
                        codeBits++;
                    }
                }
                last = code;
            }
        }

        private int code(int length) {
            while (bitCount < length) {
                if (block == blockEnd) {
                    int size = in.u8(block);
                    if (size == 0) {
                        throw format().truncated();
                    }
                    in.check(block + 1, size);
                    block++;
                    blockEnd = block + size;
                }
                bits |= (bytes[block++] & 0xFF) << bitCount;
                bitCount += 8;
            }
            int code = bits & (1 << length) - 1;
            bits >>>= length;
            bitCount -= length;
            return code;
        }

        private void put(byte index) {
            if (left == 0) {
                return;
            }
            canvas[(top + y) * width + GifFile.this.left + x] = index;
            left--;
            if (++x == frameWidth) {
                x = 0;
                nextRow();
            }
        }

        private void nextRow() {
            if (!interlaced) {
                y++;
                return;
            }
            y += PASSES[pass][1];
            while (y >= frameHeight && pass < PASSES.length - 1) {
                pass++;
                y = PASSES[pass][0];
            }
        }
    }
}
