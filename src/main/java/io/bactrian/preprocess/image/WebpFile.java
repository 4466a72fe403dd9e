package io.bactrian.preprocess.image;

import com.luciad.imageio.webp.WebPImageReaderSpi;
import com.luciad.imageio.webp.WebPReadParam;
import io.bactrian.limit.Deadline;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * WebP, lossy and lossless, of an animation the first frame on a black canvas. The codec is
 * libwebp, which is Pillow's. The container is read here: libwebp is given a frame's own chunk and
 * no other, so neither alpha nor a color profile comes into play.
 */
final class WebpFile extends EncodedImage {

    private static final int RIFF_HEADER_BYTES = 12;
    private static final int CHUNK_HEADER_BYTES = 8;

    private final ByteReader in;
    private int frameLeft;
    private int frameTop;
    private int frameWidth;
    private int frameHeight;
    private boolean lossless;
    private final int end;
    private int dataAt = -1;
    private int dataEnd;

    WebpFile(byte[] bytes) {
        super(ImageFormat.WEBP, bytes);
        in = new ByteReader(bytes, format(), false);
        boolean sized = false;
        boolean oriented = false;
        long riffBytes = in.u32(4);
        in.check(CHUNK_HEADER_BYTES, riffBytes);
        end = (int) (CHUNK_HEADER_BYTES + riffBytes);
        for (long at = RIFF_HEADER_BYTES; at + CHUNK_HEADER_BYTES <= end; ) {
            long length = in.u32(at + 4);
            long data = at + CHUNK_HEADER_BYTES;
            if (in.has(at, "VP8X")) {
                in.check(data, 10);
                size((in.u32(data + 4) & 0xFFFFFF) + 1, (in.u32(data + 7) & 0xFFFFFF) + 1);
                sized = true;
            } else if (in.has(at, "ANMF") && dataAt < 0) {
                frameLeft = 2 * (int) (in.u32(data) & 0xFFFFFF);
                frameTop = 2 * (int) (in.u32(data + 3) & 0xFFFFFF);
                // the frame's own chunks follow its header
                length = 16;
            } else if ((in.has(at, "VP8 ") || in.has(at, "VP8L")) && dataAt < 0) {
                in.check(data, length);
                dataAt = (int) data;
                dataEnd = (int) (data + length);
                lossless = in.has(at, "VP8L");
                frameSize();
            } else if (in.has(at, "EXIF") && !oriented) {
                oriented = true;
                int from = (int) data + (in.has(data, "Exif\0\0") ? 6 : 0);
                orientation = Exif.orientation(bytes, from, (int) Math.min(data + length, end));
            }
            at = data + length + (length & 1);
        }
        if (dataAt < 0) {
            throw format().truncated();
        }
        if (!sized) {
            size(frameWidth, frameHeight);
        } else if (frameLeft + frameWidth > width || frameTop + frameHeight > height) {
            throw format().corrupt("its frame is larger than its canvas");
        }
    }

    private void frameSize() {
        if (lossless) {
            long packed = in.u32(dataAt + 1);
            if (in.u8(dataAt) != 0x2F) {
                throw format().corrupt();
            }
            frameWidth = (int) (packed & 0x3FFF) + 1;
            frameHeight = (int) (packed >> 14 & 0x3FFF) + 1;
        } else {
            if ((in.u8(dataAt) & 1) != 0) {
                throw format().corrupt("it has no key frame");
            }
            if (in.u8(dataAt + 3) != 0x9D || in.u16(dataAt + 4) != 0x2A01) {
                throw format().corrupt();
            }
            frameWidth = in.u16(dataAt + 6) & 0x3FFF;
            frameHeight = in.u16(dataAt + 8) & 0x3FFF;
        }
    }

    @Override
    int endOfImage() {
        return end;
    }

    /**
     * Three copies of the file on the way to libwebp, and two of its pixels of four bytes: first
     * libwebp's and its result, then that and ImageIO's, then that and ours.
     */
    @Override
    long decodingBytes() {
        long frame = (long) frameWidth * frameHeight * (4 + 4);
        boolean canvas = frameWidth != width || frameHeight != height;
        long tables =
                lossless
                        ? Vp8lGroups.tableBytes(bytes, dataAt, dataEnd, frameWidth, frameHeight)
                        : 0;
        return 3L * (dataEnd - dataAt) + frame + tables + (canvas ? 3L * width * height : 0);
    }

    @Override
    DecodedImage decode(Deadline deadline) {
        if (!WebpLibrary.isLoaded()) {
            throw format().unsupported("this server can't load the library that decodes it");
        }
        DecodedImage frame = ImageIoRasters.image(frame());
        if (frameWidth == width && frameHeight == height) {
            return frame;
        }
        byte[] canvas = new byte[width * height * 3];
        byte[] row = new byte[frameWidth * 3];
        for (int y = 0; y < frameHeight; y++) {
            frame.row(y, row);
            System.arraycopy(row, 0, canvas, ((frameTop + y) * width + frameLeft) * 3, row.length);
        }
        return new InterleavedImage(width, height, 3, canvas);
    }

    /** Decodes the chunk, header and all but without a container, as an animation's frames are. */
    private BufferedImage frame() {
        int from = dataAt - CHUNK_HEADER_BYTES;
        ImageReader reader = new WebPImageReaderSpi().createReaderInstance(null);
        try (MemoryCacheImageInputStream stream =
                new MemoryCacheImageInputStream(
                        new ByteArrayInputStream(bytes, from, dataEnd - from))) {
            reader.setInput(stream, true, true);
            return reader.read(0, Options.DEFAULT);
        } catch (IOException | RuntimeException e) {
            throw format().corrupt();
        } finally {
            reader.dispose();
        }
    }

    /** One for all images, which is only read: each holds native memory that is never freed. */
    private static final class Options {

        static final WebPReadParam DEFAULT = new WebPReadParam();

        private Options() {}
    }
}
