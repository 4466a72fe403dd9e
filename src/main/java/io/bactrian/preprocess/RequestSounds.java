package io.bactrian.preprocess;

import io.bactrian.limit.Deadline;
import io.bactrian.pipeline.ItemErrors;
import io.bactrian.pipeline.RejectedItems;
import io.bactrian.preprocess.audio.AudioBatch;
import io.bactrian.preprocess.audio.AudioPlan;
import io.bactrian.preprocess.audio.EncodedAudio;
import io.bactrian.tensor.BadInputException;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;
import org.tensorflow.types.family.TType;

/**
 * The sounds of a request. Those of a list that are wrong are rejected, when they are opened or
 * decoded.
 */
final class RequestSounds {

    private final RequestFiles files;
    private final AudioPlan plan;
    private final RejectedItems rejected;

    /** The sounds by their headers, null for those that are rejected. */
    private final List<@Nullable EncodedAudio> sounds = new ArrayList<>();

    /** Reads a file's header, and checks what it says. */
    interface Opener {
        /**
         * {@return the sound}
         *
         * @throws BadInputException if it is none, or refused
         */
        EncodedAudio open(RequestFile file);
    }

    /**
     * @throws BadInputException if the sound is wrong, or all of a list are
     */
    RequestSounds(RequestFiles files, AudioPlan plan, ItemErrors itemErrors, Opener opener) {
        this.files = files;
        this.plan = plan;
        this.rejected = files.rejected(itemErrors);
        if (files.list() && !plan.layout().batch()) {
            throw new BadInputException("the model takes one sound a request, not a list");
        }
        for (RequestFile file : files.files()) {
            EncodedAudio sound = null;
            try {
                sound = opener.open(file);
            } catch (BadInputException e) {
                rejected.reject(sounds.size(), e);
            }
            sounds.add(sound);
        }
        rejected.requireOthers(sounds.size());
    }

    /**
     * {@return the most bytes that {@link #tensor} allocates, the tensor included}
     *
     * @throws BadInputException if the tensor is larger than a tensor may be
     */
    long bytes() {
        long tensorBytes = 0;
        long workBytes = 0;
        for (EncodedAudio sound : sounds) {
            if (sound != null) {
                tensorBytes += plan.tensorBytes(sound);
                workBytes = Math.max(workBytes, plan.workBytes(sound));
            }
        }
        if (tensorBytes > Integer.MAX_VALUE) {
            throw new BadInputException(
                    "the sounds make a tensor of " + tensorBytes + " bytes: 2 GiB is the limit");
        }
        return tensorBytes + workBytes;
    }

    /**
     * {@return the tensor of all sounds but those that are rejected, which the exchange keeps}
     *
     * @throws BadInputException if the sound can't be decoded, or none of a list
     */
    TType tensor(Exchange exchange, Deadline deadline) {
        int capacity = Math.toIntExact(sounds.stream().filter(each -> each != null).count());
        try (AudioBatch batch = new AudioBatch(plan, capacity)) {
            for (int i = 0; i < sounds.size(); i++) {
                EncodedAudio sound = sounds.get(i);
                if (sound == null) {
                    continue;
                }
                try {
                    batch.add(sound, deadline);
                } catch (BadInputException e) {
                    rejected.reject(i, files.files().get(i).named(e));
                }
            }
            rejected.keep(exchange, sounds.size());
            return batch.tensor();
        }
    }

    @Override
    public String toString() {
        return sounds.size() == 1 ? "the audio" : sounds.size() + " sounds";
    }
}
