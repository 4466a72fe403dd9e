package io.bactrian.fuzz.http;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;

/** Changes bytes without knowing what they mean. */
final class ByteMutator {

    private static final int MAX_CHANGES = 6;
    private static final int MAX_BLOCK = 64;

    /** Values at which counters, sizes and offsets overflow or end. */
    private static final long[] EXTREMES = {
        0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fff_ffffL, 0x8000_0000L, 0xffff_ffffL
    };

    private final Random random;

    ByteMutator(Random random) {
        this.random = random;
    }

    byte[] mutate(byte[] bytes) {
        byte[] mutated = bytes;
        int changes = 1 + random.nextInt(MAX_CHANGES);
        for (int i = 0; i < changes; i++) {
            mutated = change(mutated);
        }
        return mutated;
    }

    private byte[] change(byte[] bytes) {
        if (bytes.length == 0) {
            return block();
        }
        int at = position(bytes.length);
        switch (random.nextInt(9)) {
            case 0:
                return set(bytes, at, (byte) (bytes[at] ^ 1 << random.nextInt(8)));
            case 1:
                return set(bytes, at, (byte) random.nextInt(256));
            case 2:
                return extreme(bytes, at);
            case 3:
                return splice(bytes, at, at, block());
            case 4:
                return splice(bytes, at, end(bytes, at), new byte[0]);
            case 5:
                return splice(bytes, at, at, Arrays.copyOfRange(bytes, at, end(bytes, at)));
            case 6:
                return splice(bytes, at, end(bytes, at), block());
            case 7:
                return Arrays.copyOf(bytes, at);
            default:
                return swap(bytes, at, position(bytes.length));
        }
    }

    /** Mostly near the start, where files have their headers. */
    private int position(int length) {
        int range = random.nextInt(3) == 0 ? length : Math.min(length, 256);
        return random.nextInt(range);
    }

    private int end(byte[] bytes, int at) {
        return Math.min(bytes.length, at + 1 + random.nextInt(MAX_BLOCK));
    }

    private byte[] block() {
        byte[] block = new byte[1 + random.nextInt(MAX_BLOCK)];
        if (random.nextBoolean()) {
            random.nextBytes(block);
        } else {
            Arrays.fill(block, (byte) random.nextInt(256));
        }
        return block;
    }

    private byte[] extreme(byte[] bytes, int at) {
        byte[] changed = bytes.clone();
        long value = EXTREMES[random.nextInt(EXTREMES.length)];
        int size = 1 << random.nextInt(3);
        boolean bigEndian = random.nextBoolean();
        for (int i = 0; i < size && at + i < changed.length; i++) {
            int shift = 8 * (bigEndian ? size - 1 - i : i);
            changed[at + i] = (byte) (value >>> shift);
        }
        return changed;
    }

    private static byte[] set(byte[] bytes, int at, byte value) {
        byte[] changed = bytes.clone();
        changed[at] = value;
        return changed;
    }

    private static byte[] swap(byte[] bytes, int a, int b) {
        byte[] changed = bytes.clone();
        changed[a] = bytes[b];
        changed[b] = bytes[a];
        return changed;
    }

    static byte[] splice(byte[] bytes, int from, int to, byte[] replacement) {
        byte[] result = new byte[bytes.length - (to - from) + replacement.length];
        System.arraycopy(bytes, 0, result, 0, from);
        System.arraycopy(replacement, 0, result, from, replacement.length);
        System.arraycopy(bytes, to, result, from + replacement.length, bytes.length - to);
        return result;
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
