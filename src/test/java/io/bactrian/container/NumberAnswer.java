package io.bactrian.container;

import io.bactrian.pipeline.ExchangeTensors;
import io.bactrian.tensor.NamedTensors;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.tensorflow.types.TFloat32;

/** A postprocessor that answers with the first number of the only output. */
public class NumberAnswer implements Processor {

    @Override
    public void process(Exchange exchange) {
        try (NamedTensors.Reference outputs = ExchangeTensors.read(exchange)) {
            float number = ((TFloat32) outputs.select(null)).getFloat(0);
            exchange.getMessage().setBody(Float.toString(number));
        }
    }
}
