package io.bactrian.pipeline;

import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.NativeMemory;
import io.bactrian.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.Processor;
import org.apache.camel.spi.Metadata;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TType;

/**
 * A step at the end of a loop that feeds a model's output back into its window: the oldest steps
 * leave the window {@code [rows, steps, features]}, and the output {@code [rows, features]} or
 * {@code [rows, new steps, features]} becomes its last ones. A window {@code [rows, steps]} is one
 * of a single feature. At the end of the last loop the body is all outputs in their order, {@code
 * [rows, all new steps, features]}, under the output's name.
 *
 * <p>In YAML, where the loop sets the exchange property {@code window} to the model's inputs:
 *
 * <pre>{@code
 * - loop:
 *     constant: 6
 *     steps:
 *       - setProperty: {name: window, simple: "${body}"}
 *       - to: {uri: "tensorflow:self"}
 *       - process: {ref: "#class:io.bactrian.pipeline.FeedBackOutput"}
 * }</pre>
 */
@Metadata(
        label = "bean",
        description =
                "Feeds a model's output back into its window of steps, at the end of a loop around the"
                        + " model: the next inputs, and after the last loop all outputs.",
        annotations = {"interfaceName=org.apache.camel.Processor"})
public final class FeedBackOutput implements Processor, OutputMapping {

    private static final String OUTPUTS = "bactrian.fedBack";

    @Metadata(
            description =
                    "The exchange property that has the model's inputs, which a step before the model"
                            + " sets")
    private String window = "window";

    @Metadata(
            description =
                    "The model's input that is the window. Not needed if the model has one input")
    private @Nullable String input;

    @Metadata(
            description = "The model's output to feed back. Not needed if the model has one output")
    private @Nullable String output;

    @Metadata(description = "The maximum number of loops")
    private int maxLoops = 1000;

    /** {@return the exchange property that has the model's inputs} */
    public String getWindow() {
        return window;
    }

    /**
     * Sets the exchange property that has the model's inputs.
     *
     * @param window {@code window} by default
     */
    public void setWindow(String window) {
        this.window = window;
    }

    /** {@return the model's input that is the window; null if the model has one input} */
    public @Nullable String getInput() {
        return input;
    }

    /**
     * Sets the model's input that is the window.
     *
     * @param input its name; null, as by default, if the model has one input
     */
    public void setInput(@Nullable String input) {
        this.input = input;
    }

    /** {@return the model's output to feed back; null if the model has one output} */
    public @Nullable String getOutput() {
        return output;
    }

    /**
     * Sets the model's output to feed back.
     *
     * @param output its name; null, as by default, if the model has one output
     */
    public void setOutput(@Nullable String output) {
        this.output = output;
    }

    /** {@return the maximum number of loops} */
    public int getMaxLoops() {
        return maxLoops;
    }

    /**
     * Sets the maximum number of loops.
     *
     * @param maxLoops 1000 by default
     * @throws PipelineFaultException below 1
     */
    public void setMaxLoops(int maxLoops) {
        if (maxLoops < 1) {
            throw PipelineFaultException.property("maxLoops", "1 or more", maxLoops);
        }
        this.maxLoops = maxLoops;
    }

    @Override
    public SignatureTensors map(SignatureTensors outputs) {
        TensorSpec declared = outputs.select(output).spec();
        Shape shape = declared.shape();
        SortedMap<String, TensorSpec> all = new TreeMap<>();
        all.put(
                declared.name(),
                new TensorSpec(
                        declared.name(),
                        declared.tensorName(),
                        declared.dataType(),
                        shape.isUnknown() || shape.numDimensions() < 2
                                ? Shape.unknown()
                                : Shape.of(
                                        shape.get(0),
                                        Shape.UNKNOWN_SIZE,
                                        shape.get(shape.numDimensions() - 1))));
        return new SignatureTensors(
                outputs.kind(), outputs.model(), outputs.signature(), all, outputs.modelFolders());
    }

    /**
     * Replaces the body, the model's outputs, by its next inputs, or after the last loop by all
     * outputs.
     *
     * @throws PipelineFaultException if the route has no loop that counts, or no inputs in the
     *     exchange property; or if the output does not fit into the window
     * @throws BadInputException if there are more loops than allowed
     */
    @Override
    public void process(Exchange exchange) {
        Integer index = exchange.getProperty(ExchangePropertyKey.LOOP_INDEX, Integer.class);
        Integer size = exchange.getProperty(ExchangePropertyKey.LOOP_SIZE, Integer.class);
        if (index == null || size == null) {
            throw new PipelineFaultException(
                    "feeds the output back in a loop that counts, as loop: {constant: 6}, but is in"
                            + " none");
        }
        if (size > maxLoops) {
            throw new BadInputException(size + " steps, the maximum is " + maxLoops);
        }
        List<Steps> all = index == 0 ? new ArrayList<>() : outputs(exchange);
        try (NamedTensors.Reference outputs = ExchangeTensors.read(exchange);
                NamedTensors.Reference inputs = inputs(exchange)) {
            TType given = outputs.select(output);
            TType before = inputs.select(input);
            Shape shape = before.shape();
            int features = features(shape);
            Steps next = Steps.of(given, shape, features, describe("the output", given, before));
            all.add(next);
            exchange.setProperty(OUTPUTS, all);
            if (index + 1 == size) {
                exchange.removeProperty(OUTPUTS);
                String name = output == null ? outputs.names().iterator().next() : output;
                ExchangeTensors.setBody(
                        exchange, NamedTensors.of(name, joined(all, before, features)));
            } else {
                ExchangeTensors.setBody(exchange, next(inputs, before, next));
            }
        }
    }

    @SuppressWarnings("unchecked") // Only this class sets the property.
    private static List<Steps> outputs(Exchange exchange) {
        List<Steps> all = exchange.getProperty(OUTPUTS, List.class);
        return all == null ? new ArrayList<>() : all;
    }

    private NamedTensors.Reference inputs(Exchange exchange) {
        if (exchange.getProperty(window) instanceof NamedTensors inputs) {
            return inputs.retain();
        }
        throw new PipelineFaultException(
                "the exchange property \""
                        + window
                        + "\" has no tensors: set it before the model, setProperty: {name: "
                        + window
                        + ", simple: \"${body}\"}");
    }

    private static int features(Shape window) {
        int rank = window.numDimensions();
        if (rank != 2 && rank != 3) {
            throw new PipelineFaultException(
                    "the window is "
                            + TensorSpec.format(window)
                            + ", expected [rows, steps] or [rows, steps, features]");
        }
        return rank == 2 ? 1 : Math.toIntExact(window.get(2));
    }

    private static String describe(String what, TType output, TType window) {
        return what
                + " is "
                + DType.of(output)
                + " "
                + TensorSpec.format(output.shape())
                + ", which does not fit into the window, "
                + DType.of(window)
                + " "
                + TensorSpec.format(window.shape());
    }

    /** New steps of all rows: the bytes of one row after the other. */
    private record Steps(byte[] bytes, int perRow) {

        static Steps of(TType output, Shape window, int features, String mismatch) {
            DType dtype = DType.of(output);
            long rows = window.get(0);
            long elements = output.shape().size();
            int rank = output.shape().numDimensions();
            long last = rank < 2 ? 1 : output.shape().get(rank - 1);
            boolean flat = features == 1 && rank <= 2;
            if (dtype == DType.STRING
                    || rank < 1
                    || rank > 3
                    || output.shape().get(0) != rows
                    || elements == 0
                    || (!flat && last != features)) {
                throw new PipelineFaultException(mismatch);
            }
            ByteBuffer memory = NativeMemory.of(output);
            byte[] bytes = new byte[memory.remaining()];
            memory.get(bytes);
            return new Steps(bytes, Math.toIntExact(elements / rows / features));
        }
    }

    private NamedTensors next(NamedTensors.Reference inputs, TType before, Steps added) {
        DType dtype = DType.of(before);
        int rows = Math.toIntExact(before.shape().get(0));
        int rowBytes = NativeMemory.of(before).remaining() / rows;
        int addedBytes = added.bytes().length / rows;
        if (added.bytes().length % rows != 0 || addedBytes > rowBytes) {
            throw new PipelineFaultException(
                    "the output has "
                            + added.perRow()
                            + " steps, more than the window, "
                            + TensorSpec.format(before.shape()));
        }
        TType window = dtype.allocate(before.shape());
        ByteBuffer source = NativeMemory.of(before);
        ByteBuffer target = NativeMemory.of(window);
        for (int row = 0; row < rows; row++) {
            target.put(
                    source.duplicate()
                            .position(row * rowBytes + addedBytes)
                            .limit((row + 1) * rowBytes));
            target.put(added.bytes(), row * addedBytes, addedBytes);
        }
        try (NamedTensors.Builder all = NamedTensors.builder()) {
            String name = input == null ? inputs.names().iterator().next() : input;
            all.put(name, window);
            for (String other : inputs.names()) {
                if (!other.equals(name)) {
                    all.put(other, copied(other, inputs.select(other)));
                }
            }
            return all.build();
        }
    }

    private static TType copied(String name, TType tensor) {
        if (DType.of(tensor) == DType.STRING) {
            throw new PipelineFaultException(
                    "input \""
                            + name
                            + "\" is of strings, which are not copied to the next inputs");
        }
        return NativeMemory.copy(tensor);
    }

    private static TType joined(List<Steps> all, TType window, int features) {
        int rows = Math.toIntExact(window.shape().get(0));
        int steps = all.stream().mapToInt(Steps::perRow).sum();
        TType joined = DType.of(window).allocate(Shape.of(rows, steps, features));
        ByteBuffer target = NativeMemory.of(joined);
        for (int row = 0; row < rows; row++) {
            for (Steps each : all) {
                int bytes = each.bytes().length / rows;
                target.put(each.bytes(), row * bytes, bytes);
            }
        }
        return joined;
    }
}
