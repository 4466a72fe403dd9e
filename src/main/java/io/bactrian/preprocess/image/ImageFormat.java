package io.bactrian.preprocess.image;

import io.bactrian.tensor.BadInputException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An image format that can be read, recognized by its first bytes, never by a file name. A new
 * format is a constant here and a subclass of {@link EncodedImage}.
 */
@SuppressWarnings("ImmutableEnumChecker") // An opener has no state.
public enum ImageFormat {
    /** JPEG with 8-bit samples. */
    JPEG("JPEG", JpegFile::new, "\u00FF\u00D8\u00FF"),
    /** Portable Network Graphics. */
    PNG("PNG", PngFile::new, "\u0089PNG\r\n\u001A\n"),
    /** Graphics Interchange Format. */
    GIF("GIF", GifFile::new, "GIF87a", "GIF89a"),
    // The length of the shortest header, and the high byte of the header's declared length.
    /** Windows bitmap. */
    BMP("BMP", BmpFile::new, "BM?????????????\0???"),
    /** Tagged Image File Format, but not BigTIFF. */
    TIFF("TIFF", TiffFile::new, "II*\0", "MM\0*"),
    /** WebP, lossy and lossless. */
    WEBP("WebP", WebpFile::new, "RIFF????WEBP");

    private static final ImageFormat[] ALL = values();

    private static final String READABLE =
            Arrays.stream(values()).map(format -> format.label).collect(Collectors.joining(", "));

    private final String label;
    private final Opener opener;

    /** The byte sequences that files of this format start with, as Latin-1; ? is any byte. */
    private final String[] signatures;

    ImageFormat(String label, Opener opener, String... signatures) {
        this.label = label;
        this.opener = opener;
        this.signatures = signatures;
    }

    /** A reader of a format's header. */
    private interface Opener {
        EncodedImage open(byte[] bytes);
    }

    /** {@return the format's usual name, such as {@code WebP}} */
    @Override
    public String toString() {
        return label;
    }

    EncodedImage open(byte[] bytes) {
        return opener.open(bytes);
    }

    /**
     * {@return the format of a file, by its first bytes}
     *
     * @param bytes a whole file
     * @throws BadInputException if the bytes are empty or not an image of a supported format; the
     *     message says what they look like
     */
    public static ImageFormat sniff(byte[] bytes) {
        if (bytes.length == 0) {
            throw new BadInputException("the body is empty: expected an image");
        }
        ImageFormat format = signature(bytes, 0);
        if (format != null) {
            return format;
        }
        String unsupported = unsupportedFormat(bytes);
        if (unsupported != null) {
            throw new BadInputException(
                    "the image is of an unsupported format, "
                            + unsupported
                            + ": send one of "
                            + READABLE);
        }
        throw new BadInputException(
                "the body is not an image, it looks like "
                        + describe(bytes)
                        + ": send one of "
                        + READABLE);
    }

    /** {@return the format whose signature is at index {@code at}, or null} */
    static @Nullable ImageFormat signature(byte[] bytes, int at) {
        for (ImageFormat format : ALL) {
            for (String signature : format.signatures) {
                if (startsWith(bytes, at, signature)) {
                    return format;
                }
            }
        }
        return null;
    }

    BadInputException truncated() {
        return new BadInputException("the " + label + " image is truncated");
    }

    BadInputException corrupt() {
        return corrupt("its data can't be decoded");
    }

    BadInputException corrupt(String why) {
        return new BadInputException("the " + label + " image is corrupt: " + why);
    }

    BadInputException unsupported(String what) {
        return new BadInputException("the " + label + " image is not supported: " + what);
    }

    private static @Nullable String unsupportedFormat(byte[] bytes) {
        if (startsWith(bytes, 4, "ftyp")) {
            for (String brand : new String[] {"avif", "avis"}) {
                if (startsWith(bytes, 8, brand)) {
                    return "AVIF";
                }
            }
            for (String brand : new String[] {"heic", "heix", "hevc", "heif", "mif1", "msf1"}) {
                if (startsWith(bytes, 8, brand)) {
                    return "HEIF or AVIF";
                }
            }
            return null;
        }
        if (startsWith(bytes, 4, "jP  \r\n") || startsWith(bytes, 0, "\u00FFO\u00FFQ")) {
            return "JPEG 2000";
        }
        if (startsWith(bytes, 4, "JXL \r\n") || startsWith(bytes, 0, "\u00FF\n")) {
            return "JPEG XL";
        }
        if (startsWith(bytes, 0, "II+\0") || startsWith(bytes, 0, "MM\0+")) {
            return "BigTIFF";
        }
        if (startsWith(bytes, 0, "8BPS")) {
            return "Photoshop";
        }
        if (startsWith(bytes, 0, "\0\0\1\0") || startsWith(bytes, 0, "\0\0\2\0")) {
            return "Windows icon";
        }
        if (bytes.length > 2 && bytes[0] == 'P' && bytes[1] >= '1' && bytes[1] <= '7') {
            return bytes[2] == '\n' || bytes[2] == ' ' ? "Netpbm" : null;
        }
        return null;
    }

    private static String describe(byte[] bytes) {
        if (startsWith(bytes, 0, "%PDF")) {
            return "PDF";
        }
        if (startsWith(bytes, 0, "PK\3\4")) {
            return "a zip archive";
        }
        if (startsWith(bytes, 0, "\u001F\u008B")) {
            return "gzip data";
        }
        int head = Math.min(bytes.length, 512);
        for (int i = 0; i < head; i++) {
            int b = bytes[i] & 0xFF;
            if (b < ' ' && b != '\n' && b != '\r' && b != '\t' && b != '\f') {
                return "unknown binary data";
            }
            if (b == 0x7F) {
                return "unknown binary data";
            }
        }
        String text =
                new String(bytes, 0, head, StandardCharsets.ISO_8859_1)
                        .strip()
                        .toLowerCase(Locale.ROOT);
        if (text.startsWith("<!doctype html") || text.contains("<html")) {
            return "HTML";
        }
        if (text.contains("<svg")) {
            return "SVG";
        }
        if (text.startsWith("<")) {
            return "XML";
        }
        if (text.startsWith("{") || text.startsWith("[")) {
            return "JSON";
        }
        if (text.startsWith("data:image/")) {
            return "a data URL, which must be decoded from base64 first";
        }
        String packed = text.replaceAll("\\s", "");
        return packed.length() >= 64 && packed.matches("[a-z0-9+/_=-]+")
                ? "base64, which must be decoded first"
                : "text";
    }

    private static boolean startsWith(byte[] bytes, int at, String magic) {
        if (bytes.length < at + magic.length()) {
            return false;
        }
        for (int i = 0; i < magic.length(); i++) {
            if (magic.charAt(i) != '?' && (bytes[at + i] & 0xFF) != magic.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
