package io.bactrian.container;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** A step that answers with the number of bytes of its body. */
public class BodySize implements Processor {

    @Override
    public void process(Exchange exchange) {
        byte[] body = exchange.getMessage().getBody(byte[].class);
        exchange.getMessage().setBody(String.valueOf(body.length));
    }
}
