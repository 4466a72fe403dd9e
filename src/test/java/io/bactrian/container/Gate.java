package io.bactrian.container;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** A step that waits until a test lets it go on. */
public class Gate implements Processor {

    static volatile CountDownLatch entered = new CountDownLatch(1);
    static volatile CountDownLatch opened = new CountDownLatch(1);

    static void close() {
        entered = new CountDownLatch(1);
        opened = new CountDownLatch(1);
    }

    @Override
    public void process(Exchange exchange) throws InterruptedException {
        entered.countDown();
        if (!opened.await(30, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the test never opened the gate");
        }
    }
}
