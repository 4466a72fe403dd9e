package io.bactrian.preprocess.image;

import com.twelvemonkeys.imageio.metadata.tiff.TIFF;
import io.bactrian.tensor.BadInputException;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;

/**
 * Finds the end of a TIFF, which nothing in it says: the last byte that any of its directories, of
 * all pages, points to.
 */
final class TiffExtent {

    /** More than any file has; a walk over as many ends soon. */
    private static final int MAX_VALUES = 1 << 20;

    private static final int[] DIRECTORY_TAGS = {
        TIFF.TAG_SUB_IFD, TIFF.TAG_EXIF_IFD, TIFF.TAG_GPS_IFD, TIFF.TAG_INTEROP_IFD
    };
    private static final int[][] DATA_TAGS = {
        {TIFF.TAG_STRIP_OFFSETS, TIFF.TAG_STRIP_BYTE_COUNTS},
        {TIFF.TAG_TILE_OFFSETS, TIFF.TAG_TILE_BYTE_COUNTS},
        {TIFF.TAG_JPEG_INTERCHANGE_FORMAT, TIFF.TAG_JPEG_INTERCHANGE_FORMAT_LENGTH}
    };

    private final ByteReader in;
    private final Queue<Long> waiting = new ArrayDeque<>();
    private final Set<Long> seen = new HashSet<>();
    private long end = 8;
    private int values;

    private TiffExtent(ByteReader in) {
        this.in = in;
    }

    /**
     * {@return where the first byte after the file is, or -1 if it has something that can't be
     * understood}
     */
    static int end(ByteReader in) {
        try {
            TiffExtent extent = new TiffExtent(in);
            extent.later(in.u32(4));
            while (!extent.waiting.isEmpty()) {
                extent.directory(new TiffDirectory(in, ImageFormat.TIFF, extent.waiting.remove()));
            }
            return extent.values > MAX_VALUES ? -1 : (int) extent.end;
        } catch (BadInputException e) {
            return -1;
        }
    }

    private void later(long directory) {
        if (directory != 0 && seen.add(directory)) {
            waiting.add(directory);
        }
    }

    private void directory(TiffDirectory directory) {
        values += 1 + directory.entries();
        if (values > MAX_VALUES) {
            waiting.clear();
            return;
        }
        include(directory.end(), 4);
        later(in.u32(directory.end()));
        for (int i = 0; i < directory.entries(); i++) {
            long entry = directory.entry(i);
            include(directory.data(entry), directory.dataBytes(entry));
        }
        for (int tag : DIRECTORY_TAGS) {
            for (long pointer : all(directory, tag)) {
                later(pointer);
            }
        }
        for (int[] tags : DATA_TAGS) {
            long[] offsets = all(directory, tags[0]);
            long[] counts = all(directory, tags[1]);
            for (int i = 0; i < Math.min(offsets.length, counts.length); i++) {
                include(offsets[i], counts[i]);
            }
        }
    }

    private long[] all(TiffDirectory directory, int tag) {
        long count = directory.count(tag);
        if (count > MAX_VALUES - values) {
            values = MAX_VALUES + 1;
            return new long[0];
        }
        values += (int) count;
        return count == 0 ? new long[0] : directory.values(tag, (int) count);
    }

    private void include(long from, long length) {
        in.check(from, length);
        end = Math.max(end, from + length);
    }
}
