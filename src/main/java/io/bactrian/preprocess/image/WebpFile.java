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
 * A WebP image, lossy or lossless. Of an animation the first frame is decoded, on a black canvas.
 * The codec is libwebp, as in Pillow. The container is parsed here and libwebp gets only the
 * frame's own chunk, so that alpha and color profiles are ignored.
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
    private int dataOffset = -1;
    private int dataEnd;

    WebpFile(byte[] bytes) {
        super(ImageFormat.WEBP, bytes);
        in = new ByteReader(bytes, format(), false);
        boolean hasCanvasSize = false;
        boolean hasExif = false;
        long riffBytes = in.u32(4);
        in.check(CHUNK_HEADER_BYTES, riffBytes);
        end = (int) (CHUNK_HEADER_BYTES + riffBytes);
        for (long at = RIFF_HEADER_BYTES; at + CHUNK_HEADER_BYTES <= end; ) {
            long length = in.u32(at + 4);
            long data = at + CHUNK_HEADER_BYTES;
            if (in.has(at, "VP8X")) {
                in.check(data, 10);
                setSize((in.u32(data + 4) & 0xFFFFFF) + 1, (in.u32(data + 7) & 0xFFFFFF) + 1);
                hasCanvasSize = true;
            } else if (in.has(at, "ANMF") && dataOffset < 0) {
                frameLeft = 2 * (int) (in.u32(data) & 0xFFFFFF);
                frameTop = 2 * (int) (in.u32(data + 3) & 0xFFFFFF);
                // the frame's own chunks follow its header
                length = 16;
            } else if ((in.has(at, "VP8 ") || in.has(at, "VP8L")) && dataOffset < 0) {
                in.check(data, length);
                dataOffset = (int) data;
                dataEnd = (int) (data + length);
                lossless = in.has(at, "VP8L");
                readFrameSize();
            } else if (in.has(at, "EXIF") && !hasExif) {
                hasExif = true;
                int from = (int) data + (in.has(data, "Exif\0\0") ? 6 : 0);
                orientation = Exif.orientation(bytes, from, (int) Math.min(data + length, end));
            }
            at = data + length + (length & 1);
        }
        if (dataOffset < 0) {
            throw format().truncated();
        }
        if (!hasCanvasSize) {
            setSize(frameWidth, frameHeight);
        } else if (frameLeft + frameWidth > width || frameTop + frameHeight > height) {
            throw format().corrupt("its frame is larger than its canvas");
        }
    }

    private void readFrameSize() {
        if (lossless) {
            long packed = in.u32(dataOffset + 1);
            if (in.u8(dataOffset) != 0x2F) {
                throw format().corrupt();
            }
            frameWidth = (int) (packed & 0x3FFF) + 1;
            frameHeight = (int) (packed >> 14 & 0x3FFF) + 1;
        } else {
            if ((in.u8(dataOffset) & 1) != 0) {
                throw format().corrupt("it has no key frame");
            }
            if (in.u8(dataOffset + 3) != 0x9D || in.u16(dataOffset + 4) != 0x2A01) {
                throw format().corrupt();
            }
            frameWidth = in.u16(dataOffset + 6) & 0x3FFF;
            frameHeight = in.u16(dataOffset + 8) & 0x3FFF;
        }
    }

    @Override
    int endOfImage() {
        return end;
    }

    /**
     * Three copies of the encoded data on its way to libwebp, and at any time two copies of the
     * decoded pixels, of four bytes each: libwebp's buffer and its result, then the result and
     * ImageIO's image, then that image and the {@link DecodedImage}.
     */
    @Override
    long decodingBytes() {
        long frame = (long) frameWidth * frameHeight * (4 + 4);
        boolean canvas = frameWidth != width || frameHeight != height;
        long tables =
                lossless
                        ? Vp8lGroups.tableBytes(bytes, dataOffset, dataEnd, frameWidth, frameHeight)
                        : 0;
        return 3L * (dataEnd - dataOffset) + frame + tables + (canvas ? 3L * width * height : 0);
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

    /** Decodes the frame's chunk, including its header but without a RIFF container. */
    private BufferedImage frame() {
        int from = dataOffset - CHUNK_HEADER_BYTES;
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

    /** The shared, read-only decoder options: each instance leaks native memory. */
    private static final class Options {

        static final WebPReadParam DEFAULT = new WebPReadParam();

        private Options() {}
    }
}
