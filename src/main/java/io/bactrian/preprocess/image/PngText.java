package io.bactrian.preprocess.image;

import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * Inflates the compressed texts and profiles of a PNG, only to refuse what Pillow refuses: more
 * than its MAX_TEXT_CHUNK in one, and more than its MAX_TEXT_MEMORY in all.
 */
final class PngText implements AutoCloseable {

    private static final int MAX_TEXT_BYTES = 1 << 20;
    private static final int MAX_ALL_TEXT_BYTES = 64 << 20;
    private static final int SINK_BYTES = 8192;

    private final byte[] bytes;
    private @Nullable Inflater inflater;
    private byte @Nullable [] sink;
    private long all;

    PngText(byte[] bytes) {
        this.bytes = bytes;
    }

    /** A chunk of a keyword, 0, a method and what is compressed: zTXt and iCCP. */
    void compressed(int from, int end) {
        inflate(afterZero(from, end) + 1, end);
    }

    /**
     * A chunk of a keyword, 0, a flag, a method, a language, 0, a translated keyword, 0 and a text,
     * which is compressed where the flag is not 0: iTXt.
     */
    void international(int from, int end) {
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
        } catch (DataFormatException noMatter) {
            // Pillow goes on without the text; what it took to find out counts
        }
        all += inflater.getBytesWritten();
        check(all, MAX_ALL_TEXT_BYTES, "its texts are");
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
