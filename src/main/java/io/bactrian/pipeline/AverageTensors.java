package io.bactrian.pipeline;

import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.NativeMemory;
import io.bactrian.tensor.TensorSpec;
import java.nio.ByteBuffer;
import org.apache.camel.AggregationStrategy;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.spi.Metadata;
import org.tensorflow.types.family.TType;

/**
 * The aggregation strategy of an ensemble: it averages the outputs of several models, element by
 * element, as {@code numpy.mean(numpy.stack(outputs), axis=0)} does. The models' outputs must have
 * the same names, dtypes (float32 or float64) and shapes.
 */
@Metadata(
        label = "bean",
        description =
                "Averages the outputs of several models, element by element, as the"
                        + " aggregationStrategy of a multicast. The outputs must have the same names,"
                        + " shapes and dtypes, float32 or float64.",
        annotations = {"interfaceName=org.apache.camel.AggregationStrategy"})
public final class AverageTensors implements AggregationStrategy {

    private static final String COUNT = "bactrian.averaged";
    private static final String EXPECTED = "bactrian.toAverage";

    /**
     * Adds a model's outputs to the sum. If one model fails, the whole fails.
     *
     * @throws PipelineFaultException if a body is not tensors, or the tensors of two models differ
     */
    @Override
    public Exchange aggregate(Exchange oldExchange, Exchange newExchange) {
        if (oldExchange != null && oldExchange.isFailed()) {
            return oldExchange;
        }
        if (oldExchange == null || newExchange.isFailed()) {
            newExchange.setProperty(COUNT, 1);
            expect(newExchange, newExchange);
            return newExchange;
        }
        try (NamedTensors.Reference sum = ExchangeTensors.read(oldExchange);
                NamedTensors.Reference more = ExchangeTensors.read(newExchange);
                NamedTensors.Builder added = NamedTensors.builder()) {
            if (!sum.names().equals(more.names())) {
                throw new PipelineFaultException(
                        "outputs that differ can't be averaged: "
                                + sum.names()
                                + " and "
                                + more.names());
            }
            for (String name : sum.names()) {
                added.put(name, add(name, sum.select(name), more.select(name)));
            }
            ExchangeTensors.setBody(oldExchange, added.build());
        }
        oldExchange.setProperty(COUNT, oldExchange.getProperty(COUNT, Integer.class) + 1);
        expect(oldExchange, newExchange);
        return oldExchange;
    }

    /** Keeps the number of branches, which Camel sets on the last one. */
    private static void expect(Exchange sum, Exchange branch) {
        if (branch.getProperty(ExchangePropertyKey.MULTICAST_COMPLETE, false, Boolean.class)) {
            int last = branch.getProperty(ExchangePropertyKey.MULTICAST_INDEX, Integer.class);
            sum.setProperty(EXPECTED, last + 1);
        }
    }

    /**
     * Divides the sums by the number of models. The exchange fails if one is missing: in a parallel
     * multicast, Camel 4.18.0 occasionally does not wait for the last branch.
     */
    @Override
    public void onCompletion(Exchange exchange) {
        Object count = exchange.removeProperty(COUNT);
        Object expected = exchange.removeProperty(EXPECTED);
        if (exchange.isFailed() || !(count instanceof Integer models)) {
            return;
        }
        if (!count.equals(expected)) {
            exchange.setException(
                    new IllegalStateException(
                            "Camel has aggregated only " + count + " of the models to average"));
            return;
        }
        try (NamedTensors.Reference sum = ExchangeTensors.read(exchange);
                NamedTensors.Builder averages = NamedTensors.builder()) {
            for (String name : sum.names()) {
                averages.put(name, divide(name, sum.select(name), models));
            }
            ExchangeTensors.setBody(exchange, averages.build());
        }
    }

    private static TType add(String name, TType one, TType other) {
        DType dtype = floats(name, one);
        if (DType.of(other) != dtype || !one.shape().equals(other.shape())) {
            throw new PipelineFaultException(
                    "outputs that differ can't be averaged: \""
                            + name
                            + "\" is "
                            + describe(one)
                            + " and "
                            + describe(other));
        }
        TType sum = dtype.allocate(one.shape());
        ByteBuffer a = NativeMemory.of(one);
        ByteBuffer b = NativeMemory.of(other);
        ByteBuffer target = NativeMemory.of(sum);
        while (target.hasRemaining()) {
            if (dtype == DType.FLOAT32) {
                target.putFloat(a.getFloat() + b.getFloat());
            } else {
                target.putDouble(a.getDouble() + b.getDouble());
            }
        }
        return sum;
    }

    private static TType divide(String name, TType sum, int count) {
        DType dtype = floats(name, sum);
        TType average = dtype.allocate(sum.shape());
        ByteBuffer source = NativeMemory.of(sum);
        ByteBuffer target = NativeMemory.of(average);
        while (target.hasRemaining()) {
            if (dtype == DType.FLOAT32) {
                target.putFloat(source.getFloat() / count);
            } else {
                target.putDouble(source.getDouble() / count);
            }
        }
        return average;
    }

    private static DType floats(String name, TType tensor) {
        DType dtype = DType.of(tensor);
        if (dtype != DType.FLOAT32 && dtype != DType.FLOAT64) {
            throw new PipelineFaultException(
                    "output \""
                            + name
                            + "\" is "
                            + describe(tensor)
                            + ", expected float32 or float64");
        }
        return dtype;
    }

    private static String describe(TType tensor) {
        return DType.of(tensor) + " " + TensorSpec.format(tensor.shape());
    }
}
