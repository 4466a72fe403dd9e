package io.bactrian.preprocess.audio;

import io.bactrian.limit.Deadline;
import io.bactrian.limit.DeadlineExceededException;
import io.bactrian.tensor.BadInputException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A WAV file of PCM samples of 8, 16, 24 or 32 bits, or of floats of 32 or 64 bits. Its header is
 * checked against its size, so that decoding can't fail but for samples that are no numbers.
 */
final class WavFile implements EncodedAudio {

    private static final int PCM = 1;
    private static final int IEEE_FLOAT = 3;
    private static final int EXTENSIBLE = 0xFFFE;

    private static final int RIFF_HEADER = 12;
    private static final int CHUNK_HEADER = 8;
    private static final int FORMAT_BYTES = 16;
    private static final int EXTENSIBLE_BYTES = 40;

    /** The bytes of WAVE_FORMAT_EXTENSIBLE's GUID after the two of the format's number. */
    private static final byte[] GUID_TAIL = HexFormat.of().parseHex("000000001000800000aa00389b71");

    /** The size that a program declares which writes to a pipe, and so can't know the size. */
    private static final long UNKNOWN_SIZE = 0xFFFFFFFFL;

    /** How many samples are decoded between two looks at the clock. */
    private static final int PART = 1 << 16;

    private final ByteBuffer data;
    private final SampleEncoding encoding;
    private final int channels;
    private final int sampleRate;

    private WavFile(ByteBuffer data, SampleEncoding encoding, int channels, int sampleRate) {
        this.data = data;
        this.encoding = encoding;
        this.channels = channels;
        this.sampleRate = sampleRate;
    }

    /**
     * {@return the file whose header is read}
     *
     * @param bytes a whole file, which starts as a WAV file does
     * @throws BadInputException if the header is wrong or of an unsupported encoding, or the file
     *     is shorter than it says
     */
    static WavFile open(byte[] bytes) {
        ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        checkSize("RIFF", Integer.toUnsignedLong(file.getInt(4)), file.limit() - CHUNK_HEADER);
        ByteBuffer format = null;
        int at = RIFF_HEADER;
        while (file.limit() - at >= CHUNK_HEADER) {
            String name = new String(bytes, at, 4, StandardCharsets.ISO_8859_1);
            long declared = Integer.toUnsignedLong(file.getInt(at + 4));
            at += CHUNK_HEADER;
            int size = checkSize(name, declared, file.limit() - at);
            if (name.equals("fmt ")) {
                format = chunk(file, at, size);
            } else if (name.equals("data")) {
                if (format == null) {
                    throw corrupt("its data comes before its format");
                }
                return of(format, chunk(file, at, size), declared == UNKNOWN_SIZE);
            }
            // A chunk of odd size is followed by a byte of padding.
            at = Math.min(at + size + (size & 1), file.limit());
        }
        throw format == null ? corrupt("it has no chunk \"fmt \"") : truncated("data");
    }

    private static int checkSize(String chunk, long declared, int present) {
        if (declared == UNKNOWN_SIZE && (chunk.equals("RIFF") || chunk.equals("data"))) {
            return present;
        }
        if (declared > present) {
            throw corrupt(
                    "its chunk \""
                            + chunk
                            + "\" declares "
                            + declared
                            + " bytes, but "
                            + present
                            + " follow");
        }
        return (int) declared;
    }

    private static ByteBuffer chunk(ByteBuffer file, int at, int size) {
        return file.slice(at, size).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static WavFile of(ByteBuffer format, ByteBuffer data, boolean streamed) {
        if (format.limit() < FORMAT_BYTES) {
            throw truncated("fmt ");
        }
        int code = Short.toUnsignedInt(format.getShort(0));
        int channels = Short.toUnsignedInt(format.getShort(2));
        long rate = Integer.toUnsignedLong(format.getInt(4));
        int frameBytes = Short.toUnsignedInt(format.getShort(12));
        int bits = Short.toUnsignedInt(format.getShort(14));
        SampleEncoding encoding = encoding(code == EXTENSIBLE ? extended(format) : code, bits);
        if (channels < 1 || channels > MAX_CHANNELS) {
            throw corrupt(channels + " channels, expected 1 to " + MAX_CHANNELS);
        }
        if (rate < MIN_SAMPLE_RATE || rate > MAX_SAMPLE_RATE) {
            throw corrupt(
                    rate
                            + " samples per second, expected "
                            + MIN_SAMPLE_RATE
                            + " to "
                            + MAX_SAMPLE_RATE);
        }
        if (frameBytes != channels * encoding.bytes()) {
            throw corrupt(
                    "it declares "
                            + frameBytes
                            + " bytes for the samples of a moment, but "
                            + channels
                            + " channels of "
                            + bits
                            + " bits take "
                            + channels * encoding.bytes());
        }
        int rest = data.limit() % frameBytes;
        if (rest != 0 && !streamed) {
            throw corrupt(
                    data.limit()
                            + " bytes of data are not a multiple of the "
                            + frameBytes
                            + " that the samples of a moment take");
        }
        if (data.limit() < frameBytes) {
            throw new BadInputException("the WAV audio has no samples");
        }
        return new WavFile(data, encoding, channels, (int) rate);
    }

    private static int extended(ByteBuffer format) {
        if (format.limit() < EXTENSIBLE_BYTES) {
            throw truncated("fmt ");
        }
        byte[] tail = new byte[GUID_TAIL.length];
        format.get(26, tail);
        if (!Arrays.equals(tail, GUID_TAIL)) {
            throw unsupported("an encoding of a vendor");
        }
        return Short.toUnsignedInt(format.getShort(24));
    }

    private static SampleEncoding encoding(int code, int bits) {
        if (code == PCM) {
            return switch (bits) {
                case 8 -> SampleEncoding.UINT8;
                case 16 -> SampleEncoding.INT16;
                case 24 -> SampleEncoding.INT24;
                case 32 -> SampleEncoding.INT32;
                default -> throw unsupported("PCM samples of " + bits + " bits");
            };
        }
        if (code == IEEE_FLOAT) {
            return switch (bits) {
                case 32 -> SampleEncoding.FLOAT32;
                case 64 -> SampleEncoding.FLOAT64;
                default -> throw unsupported("floats of " + bits + " bits");
            };
        }
        String name =
                switch (code) {
                    case 2, 0x11 -> "ADPCM";
                    case 6 -> "A-law";
                    case 7 -> "mu-law";
                    case 0x31 -> "GSM";
                    case 0x55 -> "MP3";
                    default -> "the encoding " + code;
                };
        throw unsupported(name);
    }

    private static BadInputException corrupt(String why) {
        return new BadInputException("the WAV audio has a wrong header: " + why);
    }

    private static BadInputException truncated(String chunk) {
        return new BadInputException(
                "the WAV audio is truncated: its chunk \"" + chunk + "\" is missing or cut off");
    }

    private static BadInputException unsupported(String what) {
        return new BadInputException(
                "the WAV audio is not supported: "
                        + what
                        + "; send PCM samples of 8, 16, 24 or 32 bits, or floats of 32 or 64");
    }

    @Override
    public int sampleRate() {
        return sampleRate;
    }

    @Override
    public int channels() {
        return channels;
    }

    @Override
    public int length() {
        return data.limit() / (channels * encoding.bytes());
    }

    @Override
    public long decodingBytes() {
        return (long) length() * Float.BYTES;
    }

    @Override
    public float[] mono(MixDown mixDown, Deadline deadline) {
        float[] samples = new float[length()];
        int read = mixDown == MixDown.FIRST ? 1 : channels;
        int step = channels * encoding.bytes();
        for (int i = 0; i < samples.length; i++) {
            if (i % PART == 0 && deadline.isPassed()) {
                throw new DeadlineExceededException("deadline exceeded while decoding the audio");
            }
            samples[i] = sample(i * step, read);
            if (!Float.isFinite(samples[i])) {
                throw new BadInputException(
                        "sample " + i + " of the WAV audio is " + samples[i] + ": not a number");
            }
        }
        return samples;
    }

    private float sample(int at, int read) {
        if (read == 1) {
            return encoding.read(data, at);
        }
        double sum = 0;
        for (int channel = 0; channel < read; channel++) {
            sum += encoding.read(data, at + channel * encoding.bytes());
        }
        return (float) (sum / read);
    }
}
