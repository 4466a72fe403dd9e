package io.bactrian.container;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** A step that records the bodies it receives, with the message of the failure if there is one. */
public class BodyRecorder implements Processor {

    static final BlockingQueue<String> BODIES = new LinkedBlockingQueue<>();

    @Override
    public void process(Exchange exchange) {
        Exception failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
        BODIES.add(
                exchange.getMessage().getBody(String.class)
                        + (failure == null ? "" : ", " + failure.getMessage()));
    }
}
