package io.bactrian.container;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How much may be in the house at once: requests, and bytes of their bodies. What comes beyond it
 * is refused before anything is done for it, so that load the machine can't carry does not slow
 * down the load it can.
 */
final class Admission {

    private final int maxRequests;
    private final long maxBytes;
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();

    /**
     * @param maxRequests requests accepted and not answered yet, at most
     * @param maxBytes bytes of their bodies, at most; one request is taken whatever its size
     */
    Admission(int maxRequests, long maxBytes) {
        this.maxRequests = maxRequests;
        this.maxBytes = maxBytes;
    }

    /**
     * @param size of the request's body in bytes
     * @return whether the request may enter; it must then {@link #leave} with the same size
     */
    boolean enter(long size) {
        int others = requests.getAndIncrement();
        long othersBytes = bytes.getAndAdd(size);
        if (others < maxRequests && (others == 0 || othersBytes + size <= maxBytes)) {
            return true;
        }
        leave(size);
        return false;
    }

    void leave(long size) {
        requests.decrementAndGet();
        bytes.addAndGet(-size);
    }

    /**
     * @return requests that entered and have not left
     */
    int inFlight() {
        return requests.get();
    }
}
