package io.bactrian.preprocess.audio;

import io.bactrian.tensor.BadInputException;

/**
 * An audio format that is recognized by its first bytes, never by a file name. Those without a
 * reader are refused by name.
 */
@SuppressWarnings("ImmutableEnumChecker") // The array is never written.
enum AudioFormat {
    WAV("WAV", "RIFF????WAVE"),
    BIG_ENDIAN_WAV("big-endian WAV", "RIFX????WAVE"),
    RF64("RF64", "RF64????WAVE", "BW64????WAVE"),
    FLAC("FLAC", "fLaC"),
    OGG("Ogg", "OggS"),
    MP3("MP3", "ID3", "\u00FF\u00FB", "\u00FF\u00FA", "\u00FF\u00F3", "\u00FF\u00F2"),
    AAC("AAC", "\u00FF\u00F1", "\u00FF\u00F9", "ADIF"),
    MP4("MP4", "????ftyp"),
    WEBM("WebM or Matroska", "\u001AE\u00DF\u00A3"),
    AIFF("AIFF", "FORM????AIF"),
    AU("AU", ".snd"),
    AMR("AMR", "#!AMR"),
    CAF("CAF", "caff"),
    WMA("WMA", "0&\u00B2u");

    /** The formats that have a reader, for messages. */
    private static final String READABLE = "WAV";

    private final String label;

    /** The byte sequences that files of this format start with, as Latin-1; ? is any byte. */
    private final String[] signatures;

    AudioFormat(String label, String... signatures) {
        this.label = label;
        this.signatures = signatures;
    }

    /** {@return the format's usual name, such as {@code MP3}} */
    @Override
    public String toString() {
        return label;
    }

    BadInputException unsupported() {
        return new BadInputException(
                "the audio is of an unsupported format, " + label + ": send " + READABLE);
    }

    /**
     * {@return the format of a file}
     *
     * @throws BadInputException if the bytes are empty or no audio that is known
     */
    static AudioFormat of(byte[] bytes) {
        if (bytes.length == 0) {
            throw new BadInputException("the body is empty: expected audio");
        }
        for (AudioFormat format : values()) {
            for (String signature : format.signatures) {
                if (startsWith(bytes, signature)) {
                    return format;
                }
            }
        }
        throw new BadInputException("the body is not audio of a known format: send " + READABLE);
    }

    private static boolean startsWith(byte[] bytes, String signature) {
        boolean same = bytes.length >= signature.length();
        for (int i = 0; same && i < signature.length(); i++) {
            same = signature.charAt(i) == '?' || signature.charAt(i) == (bytes[i] & 0xFF);
        }
        return same;
    }
}
