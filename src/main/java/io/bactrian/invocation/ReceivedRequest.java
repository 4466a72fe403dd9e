package io.bactrian.invocation;

import io.bactrian.limit.Deadline;

/** A request whose body is there, ready to be worked on. */
public interface ReceivedRequest {

    /**
     * Works on the request, on the calling thread.
     *
     * @param deadline when the request's time is over
     * @return the answer
     * @throws Exception what the request failed with, for {@link ErrorAnswers}
     */
    Answer invoke(Deadline deadline) throws Exception;
}
