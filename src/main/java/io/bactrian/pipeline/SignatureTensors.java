package io.bactrian.pipeline;

import io.bactrian.tensor.DType;
import io.bactrian.tensor.TensorSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.Collectors;

/**
 * The inputs or the outputs of a model's signature, as the processor next to the model in a route
 * sees them.
 *
 * @param side which of the two
 * @param model the model's name
 * @param signature the signature's name
 * @param specs by name
 * @param modelFolders where the model's own files may be, the first first
 */
public record SignatureTensors(
        Side side,
        String model,
        String signature,
        SortedMap<String, TensorSpec> specs,
        List<Path> modelFolders) {

    /** Whether tensors go into the model or come out of it. */
    public enum Side {
        INPUT("input"),
        OUTPUT("output");

        private final String word;

        Side(String word) {
            this.word = word;
        }
    }

    /**
     * @param property the value of a processor's property {@code input} or {@code output}; null or
     *     empty for the only one
     * @throws PipelineFaultException if there is none of that name, or several and no name
     */
    public TensorSpec select(String property) {
        boolean named = property != null && !property.isEmpty();
        if (!named && specs.size() == 1) {
            return specs.get(specs.firstKey());
        }
        TensorSpec spec = named ? specs.get(property) : null;
        if (spec == null) {
            throw new PipelineFaultException(
                    named
                            ? side.word + " is \"" + property + "\", but " + list()
                            : "set " + side.word + ": " + list());
        }
        return spec;
    }

    /**
     * The input of a processor that makes one tensor of a fixed dtype.
     *
     * @param property the value of its property {@code input}; null or empty for the only one
     * @param made the dtype it makes
     * @throws PipelineFaultException if the signature needs other tensors too, or has no such
     *     input, or one of another dtype
     */
    public TensorSpec single(String property, DType made) {
        if (specs.size() > 1) {
            throw new PipelineFaultException("makes one tensor, but " + list());
        }
        TensorSpec spec = select(property);
        if (spec.dataType() != made.dataType()) {
            throw new PipelineFaultException("dtype is " + made + ", but " + describe(spec));
        }
        return spec;
    }

    /**
     * Checks that another model's outputs can be these inputs, as they are.
     *
     * @throws PipelineFaultException if their names or dtypes are not the same
     */
    public void checkFedBy(SignatureTensors outputs) {
        for (TensorSpec spec : specs.values()) {
            TensorSpec given = outputs.specs.get(spec.name());
            if (given == null
                    || given.dataType() != spec.dataType()
                    || outputs.specs.size() != specs.size()) {
                throw new PipelineFaultException(
                        list() + ", but " + outputs.list() + ": a step between must make those");
            }
        }
    }

    /**
     * {@return such as {@code input "x" of signature "serving_default" of model "m" is float32 [-1,
     * 96, 96, 3]}}
     */
    public String describe(TensorSpec spec) {
        return side.word + " \"" + spec.name() + "\" of " + owner() + " is " + spec.describe();
    }

    /** {@return such as {@code signature "serving_default" of model "m"}} */
    public String owner() {
        return "signature \"" + signature + "\" of model \"" + model + "\"";
    }

    /**
     * {@return such as {@code signature "serving_default" of model "m" has the inputs "a" float32
     * [-1], "b" float32 [-1]}}
     */
    public String list() {
        return owner()
                + (specs.isEmpty()
                        ? " has no " + side.word + "s"
                        : " has the "
                                + side.word
                                + (specs.size() == 1 ? " " : "s ")
                                + specs.values().stream()
                                        .map(spec -> "\"" + spec.name() + "\" " + spec.describe())
                                        .collect(Collectors.joining(", ")));
    }
}
