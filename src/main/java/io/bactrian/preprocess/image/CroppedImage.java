package io.bactrian.preprocess.image;

/** A rectangle of another image. Closing it closes that image, unless it is a view. */
final class CroppedImage implements DecodedImage {

    private final DecodedImage image;
    private final ImageScaling.Part part;
    private final boolean view;
    private final byte[] row;

    private CroppedImage(DecodedImage image, ImageScaling.Part part, boolean view) {
        this.image = image;
        this.part = part;
        this.view = view;
        this.row = new byte[image.width() * image.channels()];
    }

    /**
     * {@return {@code image} itself if the part is all of it, else a view of the part}
     *
     * @param image closed with the result
     */
    static DecodedImage of(DecodedImage image, ImageScaling.Part part) {
        return part.width() == image.width() && part.height() == image.height()
                ? image
                : new CroppedImage(image, part, false);
    }

    /**
     * {@return a view of a part, which leaves the image open}
     *
     * @param image not closed
     */
    static DecodedImage view(DecodedImage image, ImageScaling.Part part) {
        return new CroppedImage(image, part, true);
    }

    @Override
    public int width() {
        return part.width();
    }

    @Override
    public int height() {
        return part.height();
    }

    @Override
    public int channels() {
        return image.channels();
    }

    @Override
    public void row(int y, byte[] into) {
        image.row(y + part.y(), row);
        System.arraycopy(row, part.x() * channels(), into, 0, part.width() * channels());
    }

    @Override
    public void close() {
        if (!view) {
            image.close();
        }
    }
}
