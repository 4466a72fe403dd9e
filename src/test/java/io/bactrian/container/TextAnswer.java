package io.bactrian.container;

import io.bactrian.pipeline.ExchangeTensors;
import io.bactrian.tensor.NamedTensors;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.tensorflow.types.TString;

/** A postprocessor that answers with the first string of the only output. */
public class TextAnswer implements Processor {

    @Override
    public void process(Exchange exchange) {
        try (NamedTensors.Reference outputs = ExchangeTensors.read(exchange)) {
            exchange.getMessage().setBody(((TString) outputs.select(null)).getObject(0));
        }
    }
}
