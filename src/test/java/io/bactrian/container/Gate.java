package io.bactrian.container;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** A step that waits until a test lets it go on. */
public class Gate implements Processor {

    static volatile CountDownLatch entered = new CountDownLatch(1);
    static volatile CountDownLatch opened = new CountDownLatch(1);

    /** Requests that came to the gate and have not gone on. */
    static final AtomicInteger AT_WORK = new AtomicInteger();

    /** As many as there ever were. */
    static final AtomicInteger MOST = new AtomicInteger();

    static void close() {
        entered = new CountDownLatch(1);
        opened = new CountDownLatch(1);
        MOST.set(0);
    }

    @Override
    public void process(Exchange exchange) throws InterruptedException {
        MOST.accumulateAndGet(AT_WORK.incrementAndGet(), Math::max);
        entered.countDown();
        try {
            if (!opened.await(30, TimeUnit.SECONDS)) {
                throw new IllegalStateException("the test never opened the gate");
            }
        } finally {
            AT_WORK.decrementAndGet();
        }
    }
}
