package io.bactrian.postprocess.image;

import io.bactrian.limit.Deadline;
import javax.imageio.ImageWriter;
import javax.imageio.event.IIOWriteProgressListener;

/**
 * A progress listener that aborts an ImageIO writer once the deadline has passed. An aborted write
 * returns normally, so the caller must check the deadline itself.
 */
record AbortWritingAtDeadline(Deadline deadline) implements IIOWriteProgressListener {

    @Override
    public void imageProgress(ImageWriter writer, float percentage) {
        if (deadline.isPassed()) {
            writer.abort();
        }
    }

    @Override
    public void imageStarted(ImageWriter writer, int index) {}

    @Override
    public void imageComplete(ImageWriter writer) {}

    @Override
    public void thumbnailStarted(ImageWriter writer, int index, int thumbnail) {}

    @Override
    public void thumbnailProgress(ImageWriter writer, float percentage) {}

    @Override
    public void thumbnailComplete(ImageWriter writer) {}

    @Override
    public void writeAborted(ImageWriter writer) {}
}
