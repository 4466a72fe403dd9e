package io.bactrian.testing;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Makes WAV files of 16-bit samples, one channel, 8000 per second. */
public final class WavFiles {

    /** The bytes before the samples. */
    public static final int HEADER = 44;

    private WavFiles() {}

    public static byte[] of(int... samples) {
        ByteBuffer file =
                ByteBuffer.allocate(HEADER + 2 * samples.length).order(ByteOrder.LITTLE_ENDIAN);
        file.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(36 + 2 * samples.length);
        file.put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII)).putInt(16);
        file.putShort((short) 1).putShort((short) 1).putInt(8000).putInt(16000);
        file.putShort((short) 2).putShort((short) 16);
        file.put("data".getBytes(StandardCharsets.US_ASCII)).putInt(2 * samples.length);
        Arrays.stream(samples).forEach(sample -> file.putShort((short) sample));
        return file.array();
    }
}
