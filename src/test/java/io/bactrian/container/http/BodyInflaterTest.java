package io.bactrian.container.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.invocation.BodyTooLargeException;
import io.bactrian.limit.InsufficientMemoryException;
import io.bactrian.limit.MemoryBudget;
import io.bactrian.limit.OverloadedException;
import io.bactrian.tensor.BadInputException;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** Decompression of bodies that arrive in parts. */
class BodyInflaterTest {

    private static final int MAX_BYTES = 1 << 20;

    private final MemoryBudget budget = new MemoryBudget(4 << 20);

    private static byte[] gzip(byte[] bytes) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        }
        return out.toByteArray();
    }

    private static byte[] deflate(byte[] bytes, boolean raw) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (DeflaterOutputStream deflate = new DeflaterOutputStream(out, new Deflater(1, raw))) {
            deflate.write(bytes);
        }
        return out.toByteArray();
    }

    private byte[] inflate(ContentEncoding encoding, byte[] compressed, int step) {
        try (MemoryBudget.Reservation memory = budget.open()) {
            BodyBuffer body = new BodyBuffer(MAX_BYTES, -1, budget, memory);
            try (BodyInflater inflater = new BodyInflater(encoding, body)) {
                for (int i = 0; i < compressed.length; i += step) {
                    inflater.inflate(
                            Arrays.copyOfRange(
                                    compressed, i, Math.min(i + step, compressed.length)));
                }
                inflater.finish();
            }
            return body.toByteArray();
        } finally {
            assertEquals(0, budget.reserved());
        }
    }

    private static byte[] noise(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    @Test
    void bodyInPartsOfAnySizeIsInflated() throws Exception {
        for (int size : new int[] {0, 1, 100, 100_000}) {
            byte[] bytes = noise(size);
            for (int step : new int[] {1, 2, 7, 8192, 1 << 20}) {
                assertArrayEquals(bytes, inflate(ContentEncoding.GZIP, gzip(bytes), step));
                assertArrayEquals(
                        bytes, inflate(ContentEncoding.DEFLATE, deflate(bytes, false), step));
                assertArrayEquals(
                        bytes, inflate(ContentEncoding.DEFLATE, deflate(bytes, true), step));
            }
        }
    }

    @Test
    void allMembersOfAGzipBodyAreInflated() throws Exception {
        byte[] members =
                (new String(gzip("ab".getBytes()), "ISO-8859-1")
                                + new String(gzip(new byte[0]), "ISO-8859-1")
                                + new String(gzip("cde".getBytes()), "ISO-8859-1"))
                        .getBytes("ISO-8859-1");
        for (int step : new int[] {1, 5, 1000}) {
            assertEquals("abcde", new String(inflate(ContentEncoding.GZIP, members, step)));
        }
    }

    /** A header with all optional fields of RFC 1952. */
    @Test
    void optionalFieldsOfTheGzipHeaderAreSkipped() throws Exception {
        byte[] plain = "what is compressed".getBytes();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(new byte[] {0x1f, (byte) 0x8b, 8, 2 | 4 | 8 | 16, 1, 2, 3, 4, 0, 3});
        out.write(new byte[] {3, 0, 'x', 'y', 'z'});
        out.write("name\0comment\0".getBytes());
        out.write(new byte[] {0, 0});
        out.write(deflate(plain, true));
        CRC32 crc = new CRC32();
        crc.update(plain);
        for (long number : new long[] {crc.getValue(), plain.length}) {
            for (int i = 0; i < 4; i++) {
                out.write((int) (number >> 8 * i));
            }
        }
        for (int step : new int[] {1, 3, 1000}) {
            assertArrayEquals(plain, inflate(ContentEncoding.GZIP, out.toByteArray(), step));
        }
    }

    @Test
    void truncatedBodyIsRejected() throws Exception {
        byte[] gzip = gzip("what is compressed".getBytes());
        for (int length = 0; length < gzip.length; length++) {
            byte[] cut = Arrays.copyOf(gzip, length);
            assertThrows(BadInputException.class, () -> inflate(ContentEncoding.GZIP, cut, 4));
        }
        byte[] zlib = deflate("what is compressed".getBytes(), false);
        for (int length = 0; length < zlib.length; length++) {
            byte[] cut = Arrays.copyOf(zlib, length);
            assertThrows(BadInputException.class, () -> inflate(ContentEncoding.DEFLATE, cut, 4));
        }
    }

    /** Each changed bit is detected or has no effect. */
    @Test
    void corruptedGzipBodyIsDetected() throws Exception {
        byte[] plain = "what is compressed".getBytes();
        byte[] gzip = gzip(plain);
        int detected = 0;
        for (int i = 0; i < gzip.length; i++) {
            for (int bit = 0; bit < 8; bit++) {
                byte[] changed = gzip.clone();
                changed[i] ^= (byte) (1 << bit);
                try {
                    assertArrayEquals(plain, inflate(ContentEncoding.GZIP, changed, 1000));
                } catch (BadInputException e) {
                    detected++;
                }
            }
        }
        // The time, the extra flags and the operating system are not checked.
        assertTrue(detected > 8 * (gzip.length - 7), "found: " + detected);
    }

    @Test
    void bytesAfterTheEndOfADeflateBodyAreRejected() throws Exception {
        byte[] zlib = deflate("ab".getBytes(), false);
        assertThrows(
                BadInputException.class,
                () -> inflate(ContentEncoding.DEFLATE, Arrays.copyOf(zlib, zlib.length + 1), 1000));
    }

    @Test
    void decompressionBombIsRejectedBeforeItTakesMemory() throws Exception {
        byte[] bomb = gzip(new byte[64 << 20]);
        try (MemoryBudget.Reservation memory = budget.open()) {
            BodyBuffer body = new BodyBuffer(MAX_BYTES, -1, budget, memory);
            try (BodyInflater inflater = new BodyInflater(ContentEncoding.GZIP, body)) {
                assertThrows(BodyTooLargeException.class, () -> inflater.inflate(bomb));
            }
            assertTrue(memory.bytes() <= MAX_BYTES);
        }
    }

    @Test
    void inflatedBytesAreReservedFromTheBudget() throws Exception {
        byte[] compressed = gzip(new byte[MAX_BYTES]);
        MemoryBudget.Reservation other = budget.reserve("another", budget.limit() - 1000);
        assertThrows(OverloadedException.class, () -> inflateBeside(other, compressed));
        other.close();
        budget.setLimit(1000);
        assertThrows(
                InsufficientMemoryException.class,
                () -> inflate(ContentEncoding.GZIP, compressed, 1000));
    }

    private void inflateBeside(MemoryBudget.Reservation other, byte[] compressed) {
        try (MemoryBudget.Reservation memory = budget.open()) {
            BodyBuffer body = new BodyBuffer(MAX_BYTES, -1, budget, memory);
            try (BodyInflater inflater = new BodyInflater(ContentEncoding.GZIP, body)) {
                inflater.inflate(compressed);
            }
        } finally {
            assertEquals(other.bytes(), budget.reserved());
        }
    }
}
