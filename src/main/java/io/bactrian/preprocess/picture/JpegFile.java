package io.bactrian.preprocess.picture;

import org.tensorflow.exceptions.TFInvalidArgumentException;

/**
 * JPEG by libjpeg-turbo. Four-component files (CMYK, YCCK) go through {@link CmykJpeg}: TensorFlow
 * makes RGB of them with other roundings than Pillow and only inverts Adobe's.
 */
final class JpegFile extends PictureFile {

    private static final int SOI = 0xD8;
    private static final int EOI = 0xD9;
    private static final int SOS = 0xDA;
    private static final int APP1 = 0xE1;
    private static final int APP14 = 0xEE;

    private final int components;
    private final boolean ycck;
    private final int scanAt;

    JpegFile(byte[] bytes) {
        super(PictureFormat.JPEG, bytes);
        ByteReader in = new ByteReader(bytes, format(), true);
        int found = 0;
        boolean oriented = false;
        int adobeTransform = 0;
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
            int length = in.u16(at);
            in.check(at, length);
            if (isFrame(marker)) {
                int bits = in.u8(at + 2);
                if (bits != 8) {
                    throw format().unsupported(bits + " bits a sample, only 8 are");
                }
                size(in.u16(at + 5), in.u16(at + 3));
                found = in.u8(at + 7);
                if (found != 1 && found != 3 && found != 4) {
                    throw format().unsupported(found + " colour components, only 1, 3 and 4 are");
                }
            } else if (marker == APP1 && !oriented && in.has(at + 2, "Exif\0\0")) {
                orientation = Exif.orientation(bytes, at + 8, at + length);
                oriented = true;
            } else if (marker == APP14 && in.has(at + 2, "Adobe")) {
                adobeTransform = length >= 14 ? in.u8(at + 13) : 0;
            } else if (marker == SOS) {
                break;
            }
            at += length;
        }
        if (found == 0) {
            throw format().corrupt("it has no frame header");
        }
        components = found;
        ycck = adobeTransform != 0;
        scanAt = at;
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

    @Override
    Picture decode() {
        // libjpeg would find out too, after decoding what there is
        if (!hasEnd()) {
            throw format().truncated();
        }
        if (components == 4) {
            return CmykJpeg.decode(bytes, width, height, ycck);
        }
        NativeDecoder.Codec codec =
                components == 1 ? NativeDecoder.Codec.JPEG_GREY : NativeDecoder.Codec.JPEG_RGB;
        try {
            return NativeDecoder.decode(codec, bytes).asPicture();
        } catch (TFInvalidArgumentException e) {
            throw format().corrupt();
        }
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
}
