package io.bactrian.preprocess.image;

import io.bactrian.limit.Deadline;

/**
 * An image of a request that is kept for what draws on it, or cuts boxes out of it, after the
 * model.
 *
 * @param file the image
 * @param plan how it was decoded for the model
 */
public record KeptImage(EncodedImage file, ImagePlan plan) {

    /** {@return pixels per row, as the file has them: turning swaps them with the rows} */
    public int width() {
        return file.width();
    }

    /** {@return rows, as the file has them} */
    public int height() {
        return file.height();
    }

    /** {@return the size of the file} */
    public int fileBytes() {
        return file.bytes.length;
    }

    /** {@return about the most bytes that {@link #decode} allocates} */
    public long decodingBytes() {
        return plan.decodingBytes(file);
    }

    /**
     * {@return the image, turned as for the model, in color unless the file is gray; the caller
     * must close it}
     *
     * @param deadline checked between steps of the work
     */
    public DecodedImage decode(Deadline deadline) {
        return plan.decodeInColor(file, deadline);
    }
}
