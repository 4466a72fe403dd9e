package io.bactrian.preprocess.image;

import io.bactrian.limit.Deadline;
import io.bactrian.session.SessionRunException;
import io.bactrian.tensor.TensorFlowStatus;
import java.io.ByteArrayOutputStream;

/**
 * JPEG by libjpeg-turbo. Four-component files (CMYK, YCCK) go through {@link CmykJpeg}: TensorFlow
 * makes RGB of them with other roundings than Pillow and only inverts Adobe's.
 */
final class JpegFile extends EncodedImage {

    private static final int SOI = 0xD8;
    private static final int EOI = 0xD9;
    private static final int SOS = 0xDA;
    private static final int APP0 = 0xE0;
    private static final int APP1 = 0xE1;
    private static final int APP2 = 0xE2;
    private static final int APP14 = 0xEE;

    /** The marker segments of reserved codes below have no length. */
    private static final int FIRST_WITH_LENGTH = 0xC0;

    /** The limit of Skia, and so of Chrome. Encoders make about 10. */
    private static final int MAX_SCANS = 100;

    /**
     * Scans that an image of any size may have. They cost next to no bytes, but each takes libjpeg
     * over all blocks of the image.
     */
    private static final int FREE_SCANS = 20;

    /** Beyond {@link #FREE_SCANS}, pixels times scans times what a scan costs. */
    private static final long MAX_SCANNED_PIXELS = 1_800_000_000;

    /** What a scan costs of arithmetic coding, whose decoder goes on where there is no data. */
    private static final int ARITHMETIC_COST = 20;

    /** What a scan costs of four components: the JDK makes an image after each. */
    private static final int FOUR_COMPONENTS_COST = 5;

    /** Memory of libjpeg's for rows under way, a pixel of the width. */
    private static final int ROW_BYTES = 256;

    /** An Adobe segment, but for the transform at its end. */
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
    private int xmpAt = -1;
    private int xmpEnd;

    /** All blocks of all components; 64 coefficients each. */
    private long blocks;

    /** Where the first scan's header is, its length first. */
    private final int scanAt;

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
                throw format().corrupt("it ends before its pixels");
            }
            if (marker < FIRST_WITH_LENGTH) {
                throw format().corrupt("it has a segment that JPEG does not have");
            }
            int length = in.u16(at);
            in.check(at, length);
            if (marker == SOS) {
                break;
            }
            segment(marker, at, length);
            at += length;
        }
        if (components == 0) {
            throw format().corrupt("it has no frame header");
        }
        scanAt = at;
    }

    private void segment(int marker, int at, int length) {
        if (isFrame(marker)) {
            frame(marker, at);
        } else if (marker == APP1 && !oriented && in.has(at + 2, "Exif\0\0")) {
            orientation = Exif.orientation(bytes, at + 8, at + length);
            oriented = true;
        } else if (marker == APP1 && xmpAt < 0 && in.has(at + 2, XMP)) {
            xmpAt = at;
            xmpEnd = at + length;
        } else if (marker == APP2 && in.has(at + 2, "MPF\0")) {
            multiPicture = true;
        } else if (marker == APP14 && in.has(at + 2, "Adobe")) {
            adobe = true;
            adobeTransform = length >= 14 ? in.u8(at + 13) : 0;
        }
    }

    private void frame(int marker, int at) {
        int bits = in.u8(at + 2);
        if (bits != 8) {
            throw format().unsupported(bits + " bits a sample, only 8 are");
        }
        size(in.u16(at + 5), in.u16(at + 3));
        components = in.u8(at + 7);
        if (components != 1 && components != 3 && components != 4) {
            throw format().unsupported(components + " color components, only 1, 3 and 4 are");
        }
        progressive = marker == 0xC2 || marker == 0xCA;
        arithmetic = marker > 0xC8;
        int across = 1;
        int down = 1;
        int samples = 0;
        for (int i = 0; i < components; i++) {
            int sampling = in.u8(at + 9 + 3 * i);
            across = Math.max(across, sampling >> 4);
            down = Math.max(down, sampling & 15);
            samples += (sampling >> 4) * (sampling & 15);
        }
        long units = (width + 8L * across - 1) / (8L * across);
        blocks = units * ((height + 8L * down - 1) / (8L * down)) * samples;
    }

    private static boolean isRestart(int marker) {
        return marker >= 0xD0 && marker <= 0xD7;
    }

    /** The start of a frame: C0 to CF but for the tables DHT, JPG and DAC. */
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

    /** {@return the color transform that the Adobe segment says, or 0} */
    int adobeTransform() {
        return adobeTransform;
    }

    /**
     * Copies the file without what applications put in it (profiles, thumbnails, comments), which
     * no decoder needs to see.
     *
     * @param transform of the Adobe segment to put in: 0 none, 1 YCbCr, 2 YCCK; or -1 for no
     *     segment
     */
    byte[] bare(int transform) {
        ByteArrayOutputStream bare = new ByteArrayOutputStream(bytes.length + ADOBE.length);
        bare.write(0xFF);
        bare.write(SOI);
        if (transform >= 0) {
            bare.writeBytes(ADOBE);
            bare.write(transform);
        }
        int at = 2;
        while ((at = marker(at)) < scanAt) {
            int marker = bytes[at - 1] & 0xFF;
            if (marker == 1 || marker == SOI || isRestart(marker)) {
                continue;
            }
            int length = in.u16(at);
            if (marker < APP0) {
                bare.write(bytes, at - 2, 2 + length);
            }
            at += length;
        }
        bare.write(bytes, scanAt - 2, bytes.length - scanAt + 2);
        return bare.toByteArray();
    }

    /**
     * Walks over the scans as libjpeg does. A marker in the middle of a scan's data ends the scan,
     * and libjpeg makes up what is missing, so that a scan of no bytes is as much work as any.
     */
    @Override
    int endOfImage() {
        int scans = 1;
        int at = scanAt + in.u16(scanAt);
        while ((at = marker(at)) >= 0) {
            int marker = bytes[at - 1] & 0xFF;
            if (marker == EOI) {
                break;
            }
            if (marker < FIRST_WITH_LENGTH || isRestart(marker)) {
                continue;
            }
            if (marker == SOI) {
                throw format().corrupt("another starts before its end");
            }
            if (marker == SOS) {
                scans++;
            }
            at += at + 2 <= bytes.length ? Math.max(in.u16(at), 2) : 2;
        }
        checkWork(scans);
        if (at < 0 && !hasEnd()) {
            // libjpeg would find out too, after decoding what there is
            throw format().truncated();
        }
        return at;
    }

    private void checkWork(int scans) {
        int cost = arithmetic ? ARITHMETIC_COST : components == 4 ? FOUR_COMPONENTS_COST : 1;
        int free = arithmetic ? 1 : FREE_SCANS;
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

    /** {@return the place after the next marker's code, or -1 if there is no more} */
    private int marker(int from) {
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
     * Whether there is an end marker after the start of the first scan (a thumbnail has its own).
     */
    private boolean hasEnd() {
        for (int i = bytes.length - 2; i >= scanAt; i--) {
            if ((bytes[i] & 0xFF) == 0xFF && (bytes[i + 1] & 0xFF) == EOI) {
                return true;
            }
        }
        return false;
    }

    /** As CIPA's Multi-Picture Format says it, or Google's container of a motion photo. */
    @Override
    boolean announcesMoreImages() {
        return multiPicture
                || (xmpAt >= 0 && ByteSearch.indexOf(bytes, xmpAt, xmpEnd, XMP_CONTAINER) >= 0);
    }

    /** Coefficients of the whole image are kept where a later scan may add to them. */
    @Override
    long decodingBytes() {
        boolean manyScans = progressive || in.u8(scanAt + 2) < components;
        long coefficients = manyScans ? blocks * 64 * Short.BYTES : 0;
        long pixels = (long) width * height;
        long rows = (long) width * ROW_BYTES;
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
