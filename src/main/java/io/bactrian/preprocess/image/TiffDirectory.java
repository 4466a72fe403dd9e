package io.bactrian.preprocess.image;

/** The tags of one image in a TIFF, an image file directory. All reads are checked. */
final class TiffDirectory {

    static final int ENTRY_BYTES = 12;

    static final int BYTE = 1;
    static final int SHORT = 3;
    static final int LONG = 4;
    static final int DIRECTORY = 13;

    /** Bytes a value, by type from 0, which is none. */
    private static final int[] TYPE_BYTES = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4};

    private final ByteReader in;
    private final ImageFormat format;
    private final long at;
    private final int entries;

    TiffDirectory(ByteReader in, ImageFormat format, long at) {
        this.in = in;
        this.format = format;
        this.at = at;
        entries = in.u16(at);
        in.check(at, 2 + (long) entries * ENTRY_BYTES);
    }

    int entries() {
        return entries;
    }

    /** {@return the place after the entries, where the next directory's may be} */
    long end() {
        return at + 2 + (long) entries * ENTRY_BYTES;
    }

    /** {@return the place of an entry: its tag, type, count, and value or where that is} */
    long entry(int index) {
        return at + 2 + (long) index * ENTRY_BYTES;
    }

    /** {@return the place of a tag's entry, or -1} */
    long find(int tag) {
        for (int i = 0; i < entries; i++) {
            long entry = entry(i);
            if (in.u16(entry) == tag) {
                return entry;
            }
        }
        return -1;
    }

    /** {@return how many values a tag has, 0 if it is not there} */
    long count(int tag) {
        long entry = find(tag);
        return entry < 0 ? 0 : in.u32(entry + 4);
    }

    /** {@return a tag's first value, or {@code otherwise} if there is none} */
    long first(int tag, long otherwise) {
        long entry = find(tag);
        return entry < 0 || in.u32(entry + 4) == 0 ? otherwise : value(entry, 0);
    }

    /**
     * @param count how many of a tag's values, at most all
     */
    long[] values(int tag, int count) {
        long entry = find(tag);
        if (entry < 0 || in.u32(entry + 4) < count) {
            throw format.corrupt("tag " + tag + " has less than " + count + " values");
        }
        if (count > 0) {
            // before memory is taken for them
            value(entry, count - 1);
        }
        long[] values = new long[count];
        for (int i = 0; i < count; i++) {
            values[i] = value(entry, i);
        }
        return values;
    }

    /** A value of an entry of bytes, shorts or longs, which lie in the entry if they fit. */
    private long value(long entry, long index) {
        int type = in.u16(entry + 2);
        long from = data(entry) + index * bytes(type);
        return switch (type) {
            case BYTE -> in.u8(from);
            case SHORT -> in.u16(from);
            case LONG, DIRECTORY -> in.u32(from);
            default -> throw format.corrupt("a tag has type " + type);
        };
    }

    /** {@return all that an entry's values are} */
    byte[] bytes(long entry) {
        return in.bytes(data(entry), dataBytes(entry));
    }

    /** {@return where an entry's values are} */
    long data(long entry) {
        return dataBytes(entry) <= 4 ? entry + 8 : in.u32(entry + 8);
    }

    /** {@return how many bytes an entry's values have; 0 for types that there are not} */
    long dataBytes(long entry) {
        return in.u32(entry + 4) * bytes(in.u16(entry + 2));
    }

    private static int bytes(int type) {
        return type < TYPE_BYTES.length ? TYPE_BYTES[type] : 0;
    }
}
