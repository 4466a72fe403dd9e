package io.bactrian.container;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** A step that answers with the number of bytes that the body specifies. */
public class LargeAnswer implements Processor {

    @Override
    public void process(Exchange exchange) {
        int size = Integer.parseInt(exchange.getMessage().getBody(String.class));
        exchange.getMessage().setBody(text(size));
    }

    /** {@return a text of this length without repetitions} */
    static String text(int size) {
        StringBuilder text = new StringBuilder(size);
        for (int i = 0; text.length() < size; i++) {
            text.append(i).append(' ');
        }
        text.setLength(size);
        return text.toString();
    }
}
