package io.bactrian.preprocess.image;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;

/** Mutates encoded images in ways that reveal defects of decoders, reproducibly for a seed. */
final class ImageMutator {

    /** Counts, sizes and offsets whose checks are often missing. */
    private static final int[] BOUNDARY_VALUES = {
        0,
        1,
        2,
        3,
        4,
        7,
        8,
        16,
        127,
        128,
        255,
        256,
        1000,
        32767,
        32768,
        65535,
        65536,
        -1,
        -2,
        -12,
        0x7FFFFFFF,
        0x80000000,
        0x40000000,
        0x00FFFFFF
    };

    private static final int MAX_BYTES = 200_000;

    private final List<byte[]> files;
    private final Random random;

    ImageMutator(List<byte[]> files, long seed) {
        this.files = files;
        this.random = new Random(seed);
    }

    /**
     * {@return a copy of a file with one to six mutations; of a PNG mostly with valid checksums}
     */
    byte[] mutant(byte[] file) {
        byte[] mutant = file;
        for (int mutations = 1 + random.nextInt(6); mutations > 0; mutations--) {
            mutant = mutateOnce(mutant);
        }
        mutant = mutant.length > MAX_BYTES ? Arrays.copyOf(mutant, MAX_BYTES) : mutant;
        return random.nextInt(8) > 0 ? withChecksums(mutant) : mutant;
    }

    private byte[] mutateOnce(byte[] file) {
        if (file.length == 0) {
            return new byte[] {(byte) random.nextInt()};
        }
        byte[] copy = file.clone();
        int at = offset(file.length);
        int length = Math.min(1 + random.nextInt(1 << random.nextInt(10)), file.length - at);
        switch (random.nextInt(12)) {
            case 0 -> copy[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> copy[at] = (byte) random.nextInt();
            case 2 -> copy[at] += (byte) (random.nextBoolean() ? 1 : -1);
            case 3, 4 -> writeBoundaryValue(copy, at);
            case 5 -> Arrays.fill(copy, at, at + length, (byte) (random.nextBoolean() ? 0 : -1));
            case 6 -> {
                byte[] noise = new byte[length];
                random.nextBytes(noise);
                System.arraycopy(noise, 0, copy, at, length);
            }
            case 7 -> {
                return Arrays.copyOf(file, at);
            }
            case 8 -> {
                // remove a range
                return join(file, at, file, at + length, file.length);
            }
            case 9 -> {
                // repeat a range
                byte[] again = file;
                for (int times = 1 + random.nextInt(8); times > 0; times--) {
                    again = join(again, at + length, again, at, again.length);
                }
                return again;
            }
            case 10 -> {
                // overwrite a range with another one of the same file
                System.arraycopy(file, random.nextInt(file.length - length + 1), copy, at, length);
            }
            default -> {
                byte[] other = files.get(random.nextInt(files.size()));
                int from = other.length == 0 ? 0 : random.nextInt(other.length);
                return join(file, at, other, from, other.length);
            }
        }
        return copy;
    }

    /** {@return a random offset, half of the time in the first bytes, where the header is} */
    private int offset(int length) {
        return random.nextInt(random.nextBoolean() ? length : Math.min(length, 120));
    }

    private void writeBoundaryValue(byte[] copy, int at) {
        int writeBoundaryValue = BOUNDARY_VALUES[random.nextInt(BOUNDARY_VALUES.length)];
        int bytes = random.nextBoolean() ? 4 : 2;
        boolean bigEndian = random.nextBoolean();
        for (int i = 0; i < bytes && at + i < copy.length; i++) {
            copy[at + i] = (byte) (writeBoundaryValue >> 8 * (bigEndian ? bytes - 1 - i : i));
        }
    }

    private static byte[] join(byte[] head, int headEnd, byte[] tail, int from, int to) {
        byte[] join = Arrays.copyOf(head, headEnd + to - from);
        System.arraycopy(tail, from, join, headEnd, to - from);
        return join;
    }

    /**
     * Corrects the checksums of a PNG, without which nearly all mutants would be rejected early.
     */
    private static byte[] withChecksums(byte[] file) {
        if (file.length < 8 || file[1] != 'P' || file[2] != 'N' || file[3] != 'G') {
            return file;
        }
        byte[] copy = file.clone();
        ByteBuffer png = ByteBuffer.wrap(copy);
        CRC32 sum = new CRC32();
        long at = 8;
        while (at + 12 <= copy.length) {
            long length = png.getInt((int) at) & 0xFFFFFFFFL;
            if (at + 12 + length > copy.length) {
                break;
            }
            sum.reset();
            sum.update(copy, (int) at + 4, (int) length + 4);
            png.putInt((int) (at + 8 + length), (int) sum.getValue());
            at += 12 + length;
        }
        return copy;
    }
}
