package io.bactrian.container;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** A step that tells a test which body it has got, and of which failure. */
public class Noted implements Processor {

    static final BlockingQueue<String> BODIES = new LinkedBlockingQueue<>();

    @Override
    public void process(Exchange exchange) {
        Exception failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
        BODIES.add(
                exchange.getMessage().getBody(String.class)
                        + (failure == null ? "" : ", " + failure.getMessage()));
    }
}
