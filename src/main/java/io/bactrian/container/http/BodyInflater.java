package io.bactrian.container.http;

import io.bactrian.tensor.BadInputException;
import java.util.Objects;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * An incremental decompressor of request bodies: gzip, of one or more members, or deflate. It
 * inflates in small steps, so that a decompression bomb exceeds the body's limit before it takes
 * memory.
 *
 * <p>Java's streams would block a thread while they wait for input, and Netty's decoder accepts
 * truncated streams as complete.
 */
final class BodyInflater implements AutoCloseable {

    private static final int OUTPUT_BYTES = 8 * 1024;

    private static final int ID1 = 0x1f;
    private static final int ID2 = 0x8b;
    private static final int DEFLATED = 8;
    private static final int HAS_HEADER_CRC = 2;
    private static final int HAS_EXTRA = 4;
    private static final int HAS_NAME = 8;
    private static final int HAS_COMMENT = 16;
    private static final int RESERVED_FLAGS = 0xe0;

    /** Two magic bytes, method, flags, four bytes of time, extra flags and operating system. */
    private static final int FIXED_HEADER_BYTES = 10;

    /** The part of the format that the next byte belongs to. */
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
    private final byte[] output = new byte[OUTPUT_BYTES];
    private @Nullable Inflater inflater;
    private Part part;

    /** The number of bytes received of the current part. */
    private int count;

    /** The last bytes of the current part as a little-endian number. */
    private long number;

    private int extraLength;
    private int flags;

    /**
     * Creates a decompressor.
     *
     * @param encoding gzip or deflate
     * @param body receives the decompressed bytes
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
     * @throws RuntimeException as {@link BodyBuffer#append(Buffer)} does
     */
    void inflate(byte[] bytes) {
        int i = 0;
        while (i < bytes.length) {
            switch (part) {
                case ZLIB_OR_RAW -> {
                    // The low four bits of zlib's first byte are the compression method, 8, with
                    // which no raw deflate stream begins.
                    inflater = new Inflater((bytes[i] & 0x0f) != DEFLATED);
                    part = Part.DATA;
                }
                case DATA -> i = inflateData(bytes, i);
                case END -> {
                    if (!gzip) {
                        throw corrupt();
                    }
                    // Another member of the gzip file follows.
                    enter(Part.FIXED_HEADER);
                }
                default -> readHeaderOrTrailer(bytes[i++] & 0xff);
            }
        }
    }

    /**
     * Checks that the compressed data is complete.
     *
     * @throws BadInputException if it is truncated
     */
    void finish() {
        if (part != Part.END) {
            throw new BadInputException("the compressed body ends too early");
        }
    }

    private Inflater inflater() {
        return Objects.requireNonNull(inflater, "no part of the data has come");
    }

    private int inflateData(byte[] bytes, int from) {
        Inflater inflater = inflater();
        inflater.setInput(bytes, from, bytes.length - from);
        try {
            int size;
            do {
                size = inflater.inflate(output);
                crc.update(output, 0, size);
                body.append(output, size);
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

    /** Processes a byte of gzip's header or trailer. */
    private void readHeaderOrTrailer(int value) {
        number |= (long) value << (8 * (count & 7));
        count++;
        switch (part) {
            case FIXED_HEADER -> checkFixedHeader(value);
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
                    checkTrailer();
                }
            }
            default -> throw new IllegalStateException(part.toString());
        }
    }

    private void checkFixedHeader(int value) {
        boolean isValid =
                switch (count) {
                    case 1 -> value == ID1;
                    case 2 -> value == ID2;
                    case 3 -> value == DEFLATED;
                    case 4 -> (value & RESERVED_FLAGS) == 0;
                    default -> true;
                };
        if (!isValid) {
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

    private void checkTrailer() {
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

    /** Frees zlib's native memory. */
    @Override
    public void close() {
        if (inflater != null) {
            inflater.end();
        }
    }
}
