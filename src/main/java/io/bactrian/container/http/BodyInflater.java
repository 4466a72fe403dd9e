package io.bactrian.container.http;

import io.bactrian.tensor.BadInputException;
import java.util.Objects;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * Inflates a body while it arrives: gzip, of one or more members, or deflate. It goes in small
 * steps, so that a bomb comes to the body's limit before it has taken memory.
 *
 * <p>Java's own streams pull, and would hold a thread while bytes are awaited; Netty's decoder
 * takes a stream without its end for complete.
 */
final class BodyInflater implements AutoCloseable {

    private static final int STEP_BYTES = 8 * 1024;

    private static final int ID1 = 0x1f;
    private static final int ID2 = 0x8b;
    private static final int DEFLATED = 8;
    private static final int HAS_HEADER_CRC = 2;
    private static final int HAS_EXTRA = 4;
    private static final int HAS_NAME = 8;
    private static final int HAS_COMMENT = 16;
    private static final int RESERVED_FLAGS = 0xe0;

    /** The method, the flags, the time, and what kind of compression and system there was. */
    private static final int FIXED_HEADER_BYTES = 10;

    /** What the next byte belongs to. */
    private enum Part {
        FIXED_HEADER,
        EXTRA_LENGTH,
        EXTRA,
        NAME,
        COMMENT,
        HEADER_CRC,
        ZLIB_OR_RAW,
        DATA,
        TRAILER,
        END
    }

    private final boolean gzip;
    private final BodyBuffer body;
    private final CRC32 crc = new CRC32();
    private final byte[] step = new byte[STEP_BYTES];
    private @Nullable Inflater inflater;
    private Part part;

    /** Bytes of the part that have come, and as a number with the first byte lowest. */
    private int count;

    private long number;
    private int extraLength;
    private int flags;

    /**
     * @param encoding gzip or deflate
     * @param body takes what is inflated
     */
    BodyInflater(ContentEncoding encoding, BodyBuffer body) {
        this.gzip = encoding == ContentEncoding.GZIP;
        this.body = body;
        this.part = gzip ? Part.FIXED_HEADER : Part.ZLIB_OR_RAW;
    }

    /**
     * Inflates the next bytes.
     *
     * @throws BadInputException if they are corrupt
     * @throws RuntimeException as {@link BodyBuffer#append}
     */
    void inflate(byte[] bytes) {
        int i = 0;
        while (i < bytes.length) {
            switch (part) {
                case ZLIB_OR_RAW -> {
                    // The low four bits of zlib's first byte are the method, and no raw deflate
                    // begins with this one.
                    inflater = new Inflater((bytes[i] & 0x0f) != DEFLATED);
                    part = Part.DATA;
                }
                case DATA -> i = data(bytes, i);
                case END -> {
                    if (!gzip) {
                        throw corrupt();
                    }
                    // Another member.
                    enter(Part.FIXED_HEADER);
                }
                default -> frame(bytes[i++] & 0xff);
            }
        }
    }

    /**
     * @throws BadInputException if the end is missing
     */
    void finish() {
        if (part != Part.END) {
            throw new BadInputException("the compressed body ends too early");
        }
    }

    private Inflater inflater() {
        return Objects.requireNonNull(inflater, "no part of the data has come");
    }

    private int data(byte[] bytes, int from) {
        Inflater inflater = inflater();
        inflater.setInput(bytes, from, bytes.length - from);
        try {
            int size;
            do {
                size = inflater.inflate(step);
                crc.update(step, 0, size);
                body.append(step, size);
            } while (size > 0);
            if (inflater.needsDictionary()) {
                throw corrupt();
            }
        } catch (DataFormatException e) {
            throw corrupt();
        }
        int next = bytes.length - inflater.getRemaining();
        if (inflater.finished()) {
            enter(gzip ? Part.TRAILER : Part.END);
        }
        return next;
    }

    /** A byte of gzip's header or trailer. */
    private void frame(int value) {
        number |= (long) value << (8 * (count & 7));
        count++;
        switch (part) {
            case FIXED_HEADER -> fixedHeader(value);
            case EXTRA_LENGTH -> {
                if (count == 2) {
                    extraLength = (int) number;
                    enter(extraLength == 0 ? afterExtra() : Part.EXTRA);
                }
            }
            case EXTRA -> {
                if (count == extraLength) {
                    enter(afterExtra());
                }
            }
            case NAME -> {
                if (value == 0) {
                    enter(afterName());
                }
            }
            case COMMENT -> {
                if (value == 0) {
                    enter(afterComment());
                }
            }
            case HEADER_CRC -> {
                if (count == 2) {
                    enter(Part.DATA);
                }
            }
            case TRAILER -> {
                if (count == 8) {
                    trailer();
                }
            }
            default -> throw new IllegalStateException(part.toString());
        }
    }

    private void fixedHeader(int value) {
        boolean isRight =
                switch (count) {
                    case 1 -> value == ID1;
                    case 2 -> value == ID2;
                    case 3 -> value == DEFLATED;
                    case 4 -> (value & RESERVED_FLAGS) == 0;
                    default -> true;
                };
        if (!isRight) {
            throw corrupt();
        }
        if (count == 4) {
            flags = value;
        }
        if (count == FIXED_HEADER_BYTES) {
            enter((flags & HAS_EXTRA) != 0 ? Part.EXTRA_LENGTH : afterExtra());
        }
    }

    private Part afterExtra() {
        return (flags & HAS_NAME) != 0 ? Part.NAME : afterName();
    }

    private Part afterName() {
        return (flags & HAS_COMMENT) != 0 ? Part.COMMENT : afterComment();
    }

    private Part afterComment() {
        return (flags & HAS_HEADER_CRC) != 0 ? Part.HEADER_CRC : Part.DATA;
    }

    private void trailer() {
        long expectedCrc = number & 0xffffffffL;
        long expectedSize = number >>> 32;
        if (crc.getValue() != expectedCrc
                || (inflater().getBytesWritten() & 0xffffffffL) != expectedSize) {
            throw corrupt();
        }
        enter(Part.END);
    }

    private void enter(Part next) {
        part = next;
        count = 0;
        number = 0;
        if (next == Part.DATA) {
            if (inflater == null) {
                inflater = new Inflater(true);
            } else {
                inflater.reset();
            }
            crc.reset();
        }
    }

    private static BadInputException corrupt() {
        return new BadInputException("the compressed body is corrupt");
    }

    /** Frees zlib's memory, which is native. */
    @Override
    public void close() {
        if (inflater != null) {
            inflater.end();
        }
    }
}
