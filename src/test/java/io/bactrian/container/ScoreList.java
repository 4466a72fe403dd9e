package io.bactrian.container;

import io.bactrian.pipeline.ExchangeTensors;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.NumericElements;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** A postprocessor that answers with the scores of the only output, highest first. */
public class ScoreList implements Processor {

    @Override
    public void process(Exchange exchange) {
        List<Map<String, Object>> scores = new ArrayList<>();
        try (NamedTensors.Reference outputs = ExchangeTensors.read(exchange)) {
            NumericElements numbers = NumericElements.of(outputs.select(null));
            for (int i = 0; i < numbers.size(); i++) {
                Map<String, Object> score = new LinkedHashMap<>();
                score.put("class_id", i);
                score.put("score", (float) numbers.get(i));
                scores.add(score);
            }
        }
        scores.sort((a, b) -> Float.compare((float) b.get("score"), (float) a.get("score")));
        exchange.getMessage().setBody(Map.of("top", scores));
    }
}
