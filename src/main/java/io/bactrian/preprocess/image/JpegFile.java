package io.bactrian.preprocess.image;

import io.bactrian.limit.Deadline;
import io.bactrian.session.SessionRunException;
import io.bactrian.tensor.TensorFlowStatus;
import java.io.ByteArrayOutputStream;

/**
 * A JPEG, decoded by TensorFlow's libjpeg-turbo, except for four-component files (CMYK, YCCK),
 * which {@link CmykJpeg} decodes: TensorFlow rounds their colors differently than Pillow, and
 * inverts only those with an Adobe segment.
 */
final class JpegFile extends EncodedImage {

    private static final int SOI = 0xD8;
    private static final int EOI = 0xD9;
    private static final int SOS = 0xDA;
    private static final int APP0 = 0xE0;
    private static final int APP1 = 0xE1;
    private static final int APP2 = 0xE2;
    private static final int APP14 = 0xEE;

    /** Marker codes below this are reserved and have no length. */
    private static final int MIN_CODE_WITH_LENGTH = 0xC0;

    /** The limit of Skia, and thus of Chrome. Encoders write about 10 scans. */
    private static final int MAX_SCANS = 100;

    /**
     * The maximum scans of an image of any size. A scan can be a few bytes long, but libjpeg
     * processes all blocks of the image for each.
     */
    private static final int MAX_SCANS_OF_ANY_SIZE = 20;

    /**
     * The maximum of pixels × scans × relative cost of a scan, for images of more scans than {@link
     * #MAX_SCANS_OF_ANY_SIZE}.
     */
    private static final long MAX_SCANNED_PIXELS = 1_800_000_000;

    /** The cost of an arithmetic-coded scan: its decoder goes on after the end of the data. */
    private static final int ARITHMETIC_COST = 20;

    /** The cost of a scan of four components: the JDK outputs an image after each. */
    private static final int FOUR_COMPONENTS_COST = 5;

    /** libjpeg's row buffers, in bytes per pixel of the width. */
    private static final int ROW_BYTES_PER_PIXEL = 256;

    /** An Adobe segment without its last byte, the color transform. */
    private static final byte[] ADOBE = {
        (byte) 0xFF, (byte) APP14, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0
    };

    private static final String XMP = "http://ns.adobe.com/xap/1.0/\0";
    private static final String XMP_CONTAINER = "http://ns.google.com/photos/1.0/container/";

    private final ByteReader in;
    private int components;
    private boolean arithmetic;
    private boolean progressive;
    private boolean adobe;
    private int adobeTransform;
    private boolean oriented;
    private boolean multiPicture;
    private int xmpOffset = -1;
    private int xmpEnd;

    /** The blocks of all components, of 64 coefficients each. */
    private long blocks;

    /** The offset of the first scan's header, which starts with its length. */
    private final int scanOffset;

    JpegFile(byte[] bytes) {
        super(ImageFormat.JPEG, bytes);
        in = new ByteReader(bytes, format(), true);
        int at = 2;
        while (true) {
            while (in.u8(at) != 0xFF) {
                at++;
            }
            int marker = in.u8(at + 1);
            if (marker == 0xFF) {
                at++;
                continue;
            }
            at += 2;
            if (marker == 0 || marker == SOI || marker == 1 || isRestart(marker)) {
                continue;
            }
            if (marker == EOI) {
                throw format().corrupt("it has no pixel data");
            }
            if (marker < MIN_CODE_WITH_LENGTH) {
                throw format().corrupt("it has a reserved segment");
            }
            int length = in.u16(at);
            in.check(at, length);
            if (marker == SOS) {
                break;
            }
            readSegment(marker, at, length);
            at += length;
        }
        if (components == 0) {
            throw format().corrupt("it has no frame header");
        }
        scanOffset = at;
    }

    private void readSegment(int marker, int at, int length) {
        if (isFrame(marker)) {
            readFrameHeader(marker, at);
        } else if (marker == APP1 && !oriented && in.has(at + 2, "Exif\0\0")) {
            orientation = Exif.orientation(bytes, at + 8, at + length);
            oriented = true;
        } else if (marker == APP1 && xmpOffset < 0 && in.has(at + 2, XMP)) {
            xmpOffset = at;
            xmpEnd = at + length;
        } else if (marker == APP2 && in.has(at + 2, "MPF\0")) {
            multiPicture = true;
        } else if (marker == APP14 && in.has(at + 2, "Adobe")) {
            adobe = true;
            adobeTransform = length >= 14 ? in.u8(at + 13) : 0;
        }
    }

    private void readFrameHeader(int marker, int at) {
        int bits = in.u8(at + 2);
        if (bits != 8) {
            throw format().unsupported(bits + " bits per sample instead of 8");
        }
        setSize(in.u16(at + 5), in.u16(at + 3));
        components = in.u8(at + 7);
        if (components != 1 && components != 3 && components != 4) {
            throw format().unsupported(components + " color components instead of 1, 3 or 4");
        }
        progressive = marker == 0xC2 || marker == 0xCA;
        arithmetic = marker > 0xC8;
        int maxHorizontal = 1;
        int maxVertical = 1;
        int blocksPerUnit = 0;
        for (int i = 0; i < components; i++) {
            int sampling = in.u8(at + 9 + 3 * i);
            maxHorizontal = Math.max(maxHorizontal, sampling >> 4);
            maxVertical = Math.max(maxVertical, sampling & 15);
            blocksPerUnit += (sampling >> 4) * (sampling & 15);
        }
        long unitsPerRow = (width + 8L * maxHorizontal - 1) / (8L * maxHorizontal);
        blocks =
                unitsPerRow
                        * ((height + 8L * maxVertical - 1) / (8L * maxVertical))
                        * blocksPerUnit;
    }

    private static boolean isRestart(int marker) {
        return marker >= 0xD0 && marker <= 0xD7;
    }

    /** {@return whether the marker starts a frame: C0 to CF except DHT, JPG and DAC} */
    private static boolean isFrame(int marker) {
        return marker >= 0xC0
                && marker <= 0xCF
                && marker != 0xC4
                && marker != 0xC8
                && marker != 0xCC;
    }

    int components() {
        return components;
    }

    boolean isAdobe() {
        return adobe;
    }

    /** {@return the color transform of the Adobe segment, or 0} */
    int adobeTransform() {
        return adobeTransform;
    }

    /**
     * {@return a copy of the file without application segments and comments (profiles, thumbnails
     * and the like), which decoders don't need}
     *
     * @param transform the color transform of an Adobe segment to insert (0 none, 1 YCbCr, 2 YCCK),
     *     or -1 to insert none
     */
    byte[] withoutMetadata(int transform) {
        ByteArrayOutputStream copy = new ByteArrayOutputStream(bytes.length + ADOBE.length);
        copy.write(0xFF);
        copy.write(SOI);
        if (transform >= 0) {
            copy.writeBytes(ADOBE);
            copy.write(transform);
        }
        int at = 2;
        while ((at = afterNextMarker(at)) < scanOffset) {
            int marker = bytes[at - 1] & 0xFF;
            if (marker == 1 || marker == SOI || isRestart(marker)) {
                continue;
            }
            int length = in.u16(at);
            if (marker < APP0) {
                copy.write(bytes, at - 2, 2 + length);
            }
            at += length;
        }
        copy.write(bytes, scanOffset - 2, bytes.length - scanOffset + 2);
        return copy.toByteArray();
    }

    /**
     * Skips the scans as libjpeg does. A marker in a scan's data ends the scan, and libjpeg fills
     * in the missing data, so that even an empty scan is as much work as any other.
     */
    @Override
    int endOfImage() {
        int scans = 1;
        int at = scanOffset + in.u16(scanOffset);
        while ((at = afterNextMarker(at)) >= 0) {
            int marker = bytes[at - 1] & 0xFF;
            if (marker == EOI) {
                break;
            }
            if (marker < MIN_CODE_WITH_LENGTH || isRestart(marker)) {
                continue;
            }
            if (marker == SOI) {
                throw format().corrupt("another image starts before its end");
            }
            if (marker == SOS) {
                scans++;
            }
            at += at + 2 <= bytes.length ? Math.max(in.u16(at), 2) : 2;
        }
        checkWork(scans);
        if (at < 0 && !hasEndMarker()) {
            // libjpeg would detect this too, but only after decoding the data there is
            throw format().truncated();
        }
        return at;
    }

    private void checkWork(int scans) {
        int cost = arithmetic ? ARITHMETIC_COST : components == 4 ? FOUR_COMPONENTS_COST : 1;
        int free = arithmetic ? 1 : MAX_SCANS_OF_ANY_SIZE;
        long work = (long) scans * cost * width * height;
        if (scans > MAX_SCANS || (scans > free && work > MAX_SCANNED_PIXELS)) {
            throw format().unsupported(
                            scans
                                    + " scans of "
                                    + width
                                    + "x"
                                    + height
                                    + " pixels, which take too long to decode");
        }
    }

    /** {@return the offset after the next marker's code, or -1 if there is none} */
    private int afterNextMarker(int from) {
        int at = from;
        while ((at = ByteSearch.indexOfFF(bytes, at)) < bytes.length - 1) {
            at++;
            int code = bytes[at] & 0xFF;
            if (code != 0 && code != 0xFF) {
                return at + 1;
            }
        }
        return -1;
    }

    /**
     * {@return whether there is an end marker after the start of the first scan; a thumbnail in the
     * header has its own}
     */
    private boolean hasEndMarker() {
        for (int i = bytes.length - 2; i >= scanOffset; i--) {
            if ((bytes[i] & 0xFF) == 0xFF && (bytes[i + 1] & 0xFF) == EOI) {
                return true;
            }
        }
        return false;
    }

    /** By a segment of CIPA's Multi-Picture Format, or Google's XMP container of a motion photo. */
    @Override
    boolean announcesMoreImages() {
        return multiPicture
                || (xmpOffset >= 0
                        && ByteSearch.indexOf(bytes, xmpOffset, xmpEnd, XMP_CONTAINER) >= 0);
    }

    /** The coefficients of all blocks are kept if later scans may refine them. */
    @Override
    long decodingBytes() {
        boolean manyScans = progressive || in.u8(scanOffset + 2) < components;
        long coefficients = manyScans ? blocks * 64 * Short.BYTES : 0;
        long pixels = (long) width * height;
        long rows = (long) width * ROW_BYTES_PER_PIXEL;
        return components == 4
                ? 2L * bytes.length + rows + Math.max(coefficients + 4 * pixels, (4 + 3) * pixels)
                : bytes.length + rows + coefficients + components * pixels;
    }

    @Override
    DecodedImage decode(Deadline deadline) {
        if (components == 4) {
            return CmykJpeg.decode(this, deadline);
        }
        NativeDecoder.Codec codec =
                components == 1 ? NativeDecoder.Codec.JPEG_GRAY : NativeDecoder.Codec.JPEG_RGB;
        try {
            return NativeDecoder.decode(codec, bytes).asImage();
        } catch (SessionRunException e) {
            if (e.status() == TensorFlowStatus.INVALID_ARGUMENT) {
                throw format().corrupt();
            }
            throw e;
        }
    }
}
