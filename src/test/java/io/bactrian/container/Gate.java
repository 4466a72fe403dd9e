package io.bactrian.container;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** A step that blocks requests until the test opens the gate. */
public class Gate implements Processor {

    static volatile CountDownLatch entered = new CountDownLatch(1);
    static volatile CountDownLatch opened = new CountDownLatch(1);

    /** The number of requests that wait at the gate. */
    static final AtomicInteger WAITING = new AtomicInteger();

    /** The maximum of {@link #WAITING} since the gate was closed. */
    static final AtomicInteger MAX_WAITING = new AtomicInteger();

    static void close() {
        entered = new CountDownLatch(1);
        opened = new CountDownLatch(1);
        MAX_WAITING.set(0);
    }

    @Override
    public void process(Exchange exchange) throws InterruptedException {
        MAX_WAITING.accumulateAndGet(WAITING.incrementAndGet(), Math::max);
        entered.countDown();
        try {
            if (!opened.await(30, TimeUnit.SECONDS)) {
                throw new IllegalStateException("the test never opened the gate");
            }
        } finally {
            WAITING.decrementAndGet();
        }
    }
}
