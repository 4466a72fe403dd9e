package io.bactrian.preprocess.image;

/** An image file directory (IFD) of a TIFF: the tags of one image. All reads are bounds-checked. */
final class TiffDirectory {

    static final int ENTRY_BYTES = 12;

    static final int BYTE = 1;
    static final int SHORT = 3;
    static final int LONG = 4;
    static final int DIRECTORY = 13;

    /** Bytes per value, by type; type 0 is undefined. */
    private static final int[] TYPE_BYTES = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4};

    private final ByteReader in;
    private final ImageFormat format;
    private final long offset;
    private final int entries;

    TiffDirectory(ByteReader in, ImageFormat format, long offset) {
        this.in = in;
        this.format = format;
        this.offset = offset;
        entries = in.u16(offset);
        in.check(offset, 2 + (long) entries * ENTRY_BYTES);
    }

    int entries() {
        return entries;
    }

    /** {@return the offset after the entries, where the next directory's offset is stored} */
    long end() {
        return offset + 2 + (long) entries * ENTRY_BYTES;
    }

    /** {@return the offset of an entry: its tag, type, count, and values or their offset} */
    long entry(int index) {
        return offset + 2 + (long) index * ENTRY_BYTES;
    }

    /** {@return the offset of a tag's entry, or -1} */
    long find(int tag) {
        for (int i = 0; i < entries; i++) {
            long entry = entry(i);
            if (in.u16(entry) == tag) {
                return entry;
            }
        }
        return -1;
    }

    /** {@return the number of a tag's values, 0 if it is absent} */
    long count(int tag) {
        long entry = find(tag);
        return entry < 0 ? 0 : in.u32(entry + 4);
    }

    /** {@return a tag's first value, or {@code defaultValue} if there is none} */
    long first(int tag, long defaultValue) {
        long entry = find(tag);
        return entry < 0 || in.u32(entry + 4) == 0 ? defaultValue : value(entry, 0);
    }

    /** {@return a tag's first {@code count} values} */
    long[] values(int tag, int count) {
        long entry = find(tag);
        if (entry < 0 || in.u32(entry + 4) < count) {
            throw format.corrupt("tag " + tag + " has less than " + count + " values");
        }
        if (count > 0) {
            // checks that the last value is in the file before allocating memory for all
            value(entry, count - 1);
        }
        long[] values = new long[count];
        for (int i = 0; i < count; i++) {
            values[i] = value(entry, i);
        }
        return values;
    }

    /** {@return a value of an entry of type BYTE, SHORT, LONG or IFD} */
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

    /** {@return the encoded values of an entry} */
    byte[] bytes(long entry) {
        return in.bytes(data(entry), dataBytes(entry));
    }

    /** {@return the offset of an entry's values, which are in the entry itself if they fit} */
    long data(long entry) {
        return dataBytes(entry) <= 4 ? entry + 8 : in.u32(entry + 8);
    }

    /** {@return the size of an entry's values in bytes; 0 for undefined types} */
    long dataBytes(long entry) {
        return in.u32(entry + 4) * bytes(in.u16(entry + 2));
    }

    private static int bytes(int type) {
        return type < TYPE_BYTES.length ? TYPE_BYTES[type] : 0;
    }
}
