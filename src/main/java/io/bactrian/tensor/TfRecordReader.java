package io.bactrian.tensor;

import java.io.Closeable;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * The reader of TFRecords, TensorFlow's files of binary records: each is its length in eight bytes,
 * their checksum, its bytes, and their checksum, in little-endian order; checksums are masked
 * CRC-32C (tensorflow/core/lib/io/record_writer.h).
 */
public final class TfRecordReader implements Closeable {

    private static final int HEADER_BYTES = Long.BYTES + Integer.BYTES;
    private static final int CRC_ROTATION = 15;
    private static final int CRC_MASK = 0xa282ead8;

    private final DataInputStream in;
    private long left;

    /**
     * Creates a reader at the first record.
     *
     * @param in the records, which {@link #close} closes
     * @param size their number of bytes
     */
    public TfRecordReader(InputStream in, long size) {
        this.in = new DataInputStream(in);
        this.left = size;
    }

    /**
     * {@return whether the bytes begin with the length of a record and its checksum}
     *
     * @param bytes TFRecords, or something else
     */
    public static boolean isTfRecord(byte[] bytes) {
        return bytes.length >= HEADER_BYTES
                && checksum(bytes, Long.BYTES) == number(bytes, Long.BYTES);
    }

    /** {@return whether there is another record} */
    public boolean hasNext() {
        return left > 0;
    }

    /**
     * Reads the next record.
     *
     * @return its bytes
     * @throws IOException if it is truncated or damaged
     */
    public byte[] next() throws IOException {
        byte[] header = read(HEADER_BYTES);
        check(header, Long.BYTES, number(header, Long.BYTES));
        long size = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).getLong();
        if (size < 0 || size > left - Integer.BYTES) {
            throw new IOException("it is truncated");
        }
        if (size > Integer.MAX_VALUE) {
            throw new IOException("it has a record of " + size + " bytes");
        }
        byte[] record = read((int) size);
        check(record, record.length, number(read(Integer.BYTES), 0));
        return record;
    }

    private byte[] read(int size) throws IOException {
        byte[] bytes = new byte[size];
        try {
            in.readFully(bytes);
        } catch (EOFException e) {
            throw new IOException("it is truncated", e);
        }
        left -= size;
        return bytes;
    }

    private static void check(byte[] bytes, int size, int checksum) throws IOException {
        if (checksum(bytes, size) != checksum) {
            throw new IOException("wrong checksum: it is not a TFRecord file or it is damaged");
        }
    }

    private static int checksum(byte[] bytes, int size) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, size);
        return Integer.rotateRight((int) crc.getValue(), CRC_ROTATION) + CRC_MASK;
    }

    private static int number(byte[] bytes, int start) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(start);
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
