package io.bactrian.routes;

import io.bactrian.pipeline.ExchangeTensors;
import io.bactrian.tensor.NamedTensors;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.tensorflow.types.TFloat32;

/** A user's processor, which the analysis of routes does not know. */
public class TwoTensors implements Processor {

    @Override
    public void process(Exchange exchange) {
        ExchangeTensors.setBody(
                exchange,
                NamedTensors.builder()
                        .put("a", TFloat32.vectorOf(1, 2))
                        .put("b", TFloat32.vectorOf(3, 4))
                        .build());
    }
}
