package io.bactrian.pipeline;

import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.NativeMemory;
import io.bactrian.tensor.TensorSpec;
import java.nio.ByteBuffer;
import org.apache.camel.Exchange;
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
public final class AverageTensors extends BranchAggregation {

    @Override
    void add(Exchange sum, Exchange branch) {
        try (NamedTensors.Reference before = ExchangeTensors.read(sum);
                NamedTensors.Reference more = ExchangeTensors.read(branch);
                NamedTensors.Builder added = NamedTensors.builder()) {
            if (!before.names().equals(more.names())) {
                throw new PipelineFaultException(
                        "outputs that differ can't be averaged: "
                                + before.names()
                                + " and "
                                + more.names());
            }
            for (String name : before.names()) {
                added.put(name, add(name, before.select(name), more.select(name)));
            }
            ExchangeTensors.setBody(sum, added.build());
        }
    }

    @Override
    void complete(Exchange sum, int branches) {
        try (NamedTensors.Reference tensors = ExchangeTensors.read(sum);
                NamedTensors.Builder averages = NamedTensors.builder()) {
            for (String name : tensors.names()) {
                averages.put(name, divide(name, tensors.select(name), branches));
            }
            ExchangeTensors.setBody(sum, averages.build());
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
