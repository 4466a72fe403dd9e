package io.bactrian.postprocess.image;

import io.bactrian.limit.Deadline;
import io.bactrian.limit.DeadlineExceededException;
import io.bactrian.pipeline.ExchangeDeadline;
import io.bactrian.pipeline.ExchangeMemory;
import io.bactrian.pipeline.PipelineConstants;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.preprocess.image.DecodedImage;
import io.bactrian.preprocess.image.KeptImage;
import java.util.List;
import org.apache.camel.Exchange;

/**
 * The image of a request, decoded anew to draw the answer on it. Lines and letters grow with the
 * image. All positions are pixels of the image, and may be outside of it.
 */
public final class ImageDrawing {

    /** Colors that differ from each other and from most backgrounds. */
    private static final int[] COLORS = {
        0xe6194b, 0x3cb44b, 0x4363d8, 0xffe119, 0xf58231, 0x911eb4, 0x42d4f4, 0xf032e6, 0xbfef45,
        0x469990
    };

    private static final int BLACK = 0;
    private static final int WHITE = 0xffffff;

    /** The shorter side, in pixels, for which letters are as large as the font's. */
    private static final int SIDE_PER_SCALE = 240;

    private static final int RADIUS = 2;

    /** Above this luma, of 255, black letters are read more easily than white ones. */
    private static final double BRIGHT = 140;

    private final Exchange exchange;
    private final Deadline deadline;
    private final RasterImage image;
    private final Canvas canvas;
    private final int scale;

    private ImageDrawing(Exchange exchange, Deadline deadline, RasterImage image) {
        this.exchange = exchange;
        this.deadline = deadline;
        this.image = image;
        canvas = new Canvas(image);
        scale = Math.max(1, Math.min(image.width(), image.height()) / SIDE_PER_SCALE);
    }

    /**
     * {@return the only image of a request}
     *
     * @param exchange the exchange of the request
     * @throws PipelineFaultException if the preprocessor has not kept it
     * @throws DeadlineExceededException if the deadline passed
     */
    @SuppressWarnings("unchecked")
    public static ImageDrawing open(Exchange exchange) {
        List<KeptImage> kept = exchange.getProperty(PipelineConstants.KEPT_IMAGES, List.class);
        if (kept == null || kept.size() != 1) {
            throw new PipelineFaultException(
                    kept == null
                            ? "the request accepts an image, but none was kept to draw on: set"
                                    + " keepImages: true on the ImagePreprocessor"
                            : "the request accepts an image, but has " + kept.size());
        }
        KeptImage only = kept.get(0);
        long raster = (long) only.width() * only.height() * RasterImage.RGB;
        ExchangeMemory.reserve(
                exchange,
                "drawing on the image",
                Math.max(
                                only.decodingBytes(),
                                ImageEncoder.workBytes(
                                        only.width(), only.height(), RasterImage.RGB))
                        + raster);
        Deadline deadline = ExchangeDeadline.of(exchange);
        try (DecodedImage decoded = only.decode(deadline)) {
            return new ImageDrawing(exchange, deadline, color(decoded));
        }
    }

    private static RasterImage color(DecodedImage decoded) {
        RasterImage image = new RasterImage(decoded.width(), decoded.height(), RasterImage.RGB);
        int channels = decoded.channels();
        byte[] row = new byte[decoded.width() * channels];
        int to = 0;
        for (int y = 0; y < decoded.height(); y++) {
            decoded.row(y, row);
            for (int x = 0; x < decoded.width(); x++) {
                for (int c = 0; c < RasterImage.RGB; c++) {
                    image.samples()[to++] = row[x * channels + (channels == 1 ? 0 : c)];
                }
            }
        }
        return image;
    }

    /**
     * Draws a box and its label, above it or, where there is no place, in it.
     *
     * @param xmin its left edge
     * @param ymin its upper edge
     * @param xmax its right edge
     * @param ymax its lower edge
     * @param color boxes of one number have one color
     * @param label the label
     */
    public void box(double xmin, double ymin, double xmax, double ymax, int color, String label) {
        check();
        if (Double.isNaN(xmin + ymin + xmax + ymax)) {
            return;
        }
        int left = column(Math.min(xmin, xmax));
        int top = row(Math.min(ymin, ymax));
        int rgb = COLORS[Math.floorMod(color, COLORS.length)];
        canvas.outline(
                left, top, column(Math.max(xmin, xmax)), row(Math.max(ymin, ymax)), 2 * scale, rgb);
        int above = top - labelHeight();
        label(left, above < 0 ? top : above, label, rgb);
    }

    /**
     * Draws a line.
     *
     * @param fromX the column of one end
     * @param fromY its row
     * @param toX the column of the other end
     * @param toY its row
     * @param color lines of one number have one color
     */
    public void line(double fromX, double fromY, double toX, double toY, int color) {
        check();
        if (!Double.isNaN(fromX + fromY + toX + toY)) {
            canvas.line(
                    column(fromX),
                    row(fromY),
                    column(toX),
                    row(toY),
                    scale,
                    COLORS[Math.floorMod(color, COLORS.length)]);
        }
    }

    /**
     * Draws a point.
     *
     * @param x its column
     * @param y its row
     * @param color points of one number have one color
     */
    public void point(double x, double y, int color) {
        check();
        if (!Double.isNaN(x + y)) {
            canvas.dot(
                    column(x), row(y), RADIUS * scale, COLORS[Math.floorMod(color, COLORS.length)]);
        }
    }

    /**
     * Draws a text in the upper left corner, white on black.
     *
     * @param text the text
     */
    public void caption(String text) {
        check();
        label(0, 0, text, BLACK);
    }

    private int labelHeight() {
        return (BitmapFont.GLYPH_HEIGHT + 2) * scale;
    }

    private void label(int left, int top, String text, int background) {
        String drawable = BitmapFont.drawable(text);
        int width = (drawable.length() * BitmapFont.ADVANCE + 1) * scale;
        canvas.fill(left, top, left + width, top + labelHeight(), background);
        canvas.text(left + scale, top + scale, drawable, scale, ink(background));
    }

    private static int ink(int background) {
        double luma =
                0.299 * (background >> 16 & 0xff)
                        + 0.587 * (background >> 8 & 0xff)
                        + 0.114 * (background & 0xff);
        return luma > BRIGHT ? BLACK : WHITE;
    }

    /** {@return a column that is in the image, or just outside} */
    private int column(double x) {
        return (int) Math.round(Math.max(-1, Math.min(image.width(), x)));
    }

    private int row(double y) {
        return (int) Math.round(Math.max(-1, Math.min(image.height(), y)));
    }

    private void check() {
        if (deadline.isPassed()) {
            throw new DeadlineExceededException("deadline exceeded while the answer was drawn");
        }
    }

    /**
     * {@return the encoded image, whose {@code Content-Type} the message is given}
     *
     * @param type the format
     */
    public byte[] encode(ImageType type) {
        byte[] encoded =
                new ImageEncoder(type, ImageEncoder.DEFAULT_QUALITY).encode(image, deadline);
        exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, type.mediaType());
        return encoded;
    }
}
