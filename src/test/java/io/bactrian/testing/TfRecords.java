package io.bactrian.testing;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/** Makes TFRecords: a record's length and its checksum, the record and its checksum. */
public final class TfRecords {

    private TfRecords() {}

    public static byte[] of(byte[]... records) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] record : records) {
            byte[] size =
                    ByteBuffer.allocate(8)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .putLong(0, record.length)
                            .array();
            out.writeBytes(size);
            out.writeBytes(checksum(size));
            out.writeBytes(record);
            out.writeBytes(checksum(record));
        }
        return out.toByteArray();
    }

    private static byte[] checksum(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        int value = (int) crc.getValue();
        int masked = (value >>> 15 | value << 17) + 0xa282ead8;
        return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(0, masked).array();
    }
}
