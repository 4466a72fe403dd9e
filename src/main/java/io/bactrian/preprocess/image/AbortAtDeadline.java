package io.bactrian.preprocess.image;

import io.bactrian.limit.Deadline;
import javax.imageio.ImageReader;
import javax.imageio.event.IIOReadProgressListener;

/**
 * A progress listener that aborts an ImageIO reader once the deadline has passed. An aborted read
 * returns normally, so the caller must check the deadline itself.
 */
record AbortAtDeadline(Deadline deadline) implements IIOReadProgressListener {

    @Override
    public void imageProgress(ImageReader reader, float percentage) {
        if (deadline.isPassed()) {
            reader.abort();
        }
    }

    @Override
    public void sequenceStarted(ImageReader reader, int minIndex) {}

    @Override
    public void sequenceComplete(ImageReader reader) {}

    @Override
    public void imageStarted(ImageReader reader, int index) {}

    @Override
    public void imageComplete(ImageReader reader) {}

    @Override
    public void thumbnailStarted(ImageReader reader, int index, int thumbnail) {}

    @Override
    public void thumbnailProgress(ImageReader reader, float percentage) {}

    @Override
    public void thumbnailComplete(ImageReader reader) {}

    @Override
    public void readAborted(ImageReader reader) {}
}
