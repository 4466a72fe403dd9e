package io.bactrian.preprocess.image;

import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * Pillow's limits on the compressed texts and profiles of a PNG: MAX_TEXT_CHUNK for one, and
 * MAX_TEXT_MEMORY for all together. They are inflated only to check these limits.
 */
final class PngText implements AutoCloseable {

    private static final int MAX_TEXT_BYTES = 1 << 20;
    private static final int MAX_TOTAL_BYTES = 64 << 20;
    private static final int SINK_BYTES = 8192;

    private final byte[] bytes;
    private @Nullable Inflater inflater;
    private byte @Nullable [] sink;
    private long total;

    PngText(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Checks a zTXt or iCCP chunk: a keyword, 0, the compression method, and compressed data. */
    void checkCompressed(int from, int end) {
        inflate(afterZero(from, end) + 1, end);
    }

    /**
     * Checks an iTXt chunk: a keyword, 0, a compression flag and method, a language, 0, a
     * translated keyword, 0, and a text, which is compressed if the flag is not 0.
     */
    void checkInternational(int from, int end) {
        int flag = afterZero(from, end);
        if (flag < end && bytes[flag] != 0) {
            inflate(afterZero(afterZero(flag + 2, end), end), end);
        }
    }

    private int afterZero(int from, int end) {
        int at = from;
        while (at < end && bytes[at] != 0) {
            at++;
        }
        return Math.min(at + 1, end);
    }

    private void inflate(int from, int end) {
        if (from >= end) {
            return;
        }
        if (inflater == null) {
            inflater = new Inflater();
            sink = new byte[SINK_BYTES];
        }
        inflater.reset();
        inflater.setInput(bytes, from, end - from);
        try {
            while (inflater.inflate(sink) > 0) {
                check(inflater.getBytesWritten(), MAX_TEXT_BYTES, "a text in it is");
            }
        } catch (DataFormatException ignored) {
            // Pillow ignores the text; the bytes inflated so far count
        }
        total += inflater.getBytesWritten();
        check(total, MAX_TOTAL_BYTES, "its texts are");
    }

    private static void check(long inflated, int limit, String what) {
        if (inflated > limit) {
            throw ImageFormat.PNG.corrupt(what + " larger than " + limit + " bytes");
        }
    }

    @Override
    public void close() {
        if (inflater != null) {
            inflater.end();
        }
    }
}
