package com.example;

import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.SignatureTensors;
import io.bactrian.postprocess.ModelOutput;
import io.bactrian.postprocess.Postprocessor;
import io.bactrian.tensor.NamedTensors;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.spi.Metadata;

/** Answers how unsure a model is, {"entropy": 0.69, "unsure": true}, of float32 [rows, classes]. */
public final class EntropyPostprocessor extends Postprocessor {

    @Metadata(description = "The entropy in nats from which the model counts as unsure")
    private double threshold = 0.5;

    public EntropyPostprocessor() {
        super("entropy");
    }

    public double getThreshold() {
        return threshold;
    }

    public void setThreshold(double threshold) {
        if (!(threshold >= 0)) {
            throw PipelineFaultException.property("threshold", "0 or more", threshold);
        }
        this.threshold = threshold;
    }

    // At start: what the model gives is known.
    @Override
    protected void configure(List<SignatureTensors> outputs) {
        outputs.forEach(each -> each.select(getOutput()));
    }

    // For each request: the outputs can be read until this method returns.
    @Override
    protected Object answer(Exchange exchange, NamedTensors.Reference outputs) {
        ModelOutput scores = read(outputs);
        if (scores.shape().numDimensions() != 2) {
            throw new PipelineFaultException("expected scores [rows, classes], but " + scores);
        }
        int rows = Math.toIntExact(scores.shape().get(0));
        int classes = Math.toIntExact(scores.shape().get(1));
        return perRow(exchange, rows, row -> answer(scores, row * classes, classes));
    }

    private Object answer(ModelOutput scores, int first, int classes) {
        double entropy = 0;
        for (int i = first; i < first + classes; i++) {
            double p = scores.numbers().get(i);
            entropy -= p == 0 ? 0 : p * Math.log(p);
        }
        return Map.of(getField(), entropy, "unsure", entropy >= threshold);
    }
}
