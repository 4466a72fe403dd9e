package io.bactrian.bench.load;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/** Reads one HTTP/1.1 answer after the other from the bytes of a connection. */
final class Reply {

    private static final byte[] END_OF_HEAD = {'\r', '\n', '\r', '\n'};

    private byte[] bytes = new byte[4096];
    private int size;
    private int bodyStart;
    private long contentLength;
    private boolean chunked;
    private boolean headRead;
    private int bodyEnd;
    private int status;
    private boolean closing;

    void clear() {
        size = 0;
        bodyStart = 0;
        bodyEnd = 0;
        headRead = false;
        status = 0;
        closing = false;
        chunked = false;
        contentLength = -1;
    }

    void append(ByteBuffer more) {
        int count = more.remaining();
        if (size + count > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + count));
        }
        more.get(bytes, size, count);
        size += count;
    }

    boolean isEmpty() {
        return size == 0;
    }

    int status() {
        return status;
    }

    /** Whether the connection can't be used again. */
    boolean closing() {
        return closing;
    }

    boolean bodyIs(byte[] expected) {
        return chunked || Arrays.equals(bytes, bodyStart, bodyEnd, expected, 0, expected.length);
    }

    byte[] body() {
        return Arrays.copyOfRange(bytes, bodyStart, bodyEnd);
    }

    /**
     * {@return whether the answer is whole}
     *
     * @param ended whether the other side has closed the connection
     */
    boolean complete(boolean ended) {
        if (!headRead && !readHead()) {
            return false;
        }
        if (chunked) {
            return lastChunkRead();
        }
        if (contentLength < 0) {
            closing = true;
            bodyEnd = size;
            return ended;
        }
        bodyEnd = (int) (bodyStart + contentLength);
        return size >= bodyEnd;
    }

    private boolean readHead() {
        int end = indexOf(END_OF_HEAD, 0);
        if (end < 0) {
            return false;
        }
        String[] lines = new String(bytes, 0, end, StandardCharsets.ISO_8859_1).split("\r\n");
        status = Integer.parseInt(lines[0].substring(9, 12));
        closing = lines[0].startsWith("HTTP/1.0");
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            String name = lines[i].substring(0, colon).toLowerCase(Locale.ROOT);
            String value = lines[i].substring(colon + 1).strip().toLowerCase(Locale.ROOT);
            switch (name) {
                case "content-length" -> contentLength = Long.parseLong(value);
                case "transfer-encoding" -> chunked = value.equals("chunked");
                case "connection" -> closing = value.equals("close");
                default -> {
                    // Means nothing here.
                }
            }
        }
        bodyStart = end + END_OF_HEAD.length;
        headRead = true;
        return true;
    }

    private boolean lastChunkRead() {
        int at = bodyStart;
        while (true) {
            int lineEnd = at;
            while (lineEnd < size && bytes[lineEnd] != '\n') {
                lineEnd++;
            }
            if (lineEnd >= size) {
                return false;
            }
            String length =
                    new String(bytes, at, lineEnd - at, StandardCharsets.ISO_8859_1).strip();
            int chunk = Integer.parseInt(length, 16);
            at = lineEnd + 1 + chunk + 2;
            if (chunk == 0) {
                bodyEnd = size;
                return size >= at;
            }
        }
    }

    private int indexOf(byte[] wanted, int from) {
        for (int i = from; i <= size - wanted.length; i++) {
            if (Arrays.equals(bytes, i, i + wanted.length, wanted, 0, wanted.length)) {
                return i;
            }
        }
        return -1;
    }
}
