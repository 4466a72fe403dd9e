package io.bactrian.pipeline;

import io.bactrian.tensor.TensorSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The inputs or the outputs of a model's signature, to which the steps of a route next to the model
 * are bound.
 *
 * @param kind inputs or outputs
 * @param model the model's name
 * @param signature the signature's name
 * @param specs the tensors by name
 * @param modelFolders the folders that may hold files of the model, such as its labels, in the
 *     order to search them
 */
public record SignatureTensors(
        Kind kind,
        String model,
        String signature,
        SortedMap<String, TensorSpec> specs,
        List<Path> modelFolders) {

    /** Whether a model takes or gives a tensor. */
    public enum Kind {
        /** The model takes it. */
        INPUT,
        /** The model gives it. */
        OUTPUT;

        /** {@return {@code input} or {@code output}, also the property that selects one} */
        @Override
        public String toString() {
            return this == INPUT ? "input" : "output";
        }
    }

    /**
     * {@return the folders that may hold files of the models, each once, in order}
     *
     * @param signatures the tensors of the models' signatures
     */
    public static List<Path> modelFolders(List<SignatureTensors> signatures) {
        return signatures.stream()
                .flatMap(each -> each.modelFolders().stream())
                .distinct()
                .toList();
    }

    /**
     * {@return the tensor that a step's property {@code input} or {@code output} selects}
     *
     * @param name the property's value; null or empty for the only tensor
     * @throws PipelineFaultException if there is no tensor of that name, or several and no name
     */
    public ModelTensor select(@Nullable String name) {
        boolean named = name != null && !name.isEmpty();
        if (!named && specs.size() == 1) {
            return new ModelTensor(this, specs.values().iterator().next());
        }
        TensorSpec spec = named ? specs.get(name) : null;
        if (spec == null) {
            throw new PipelineFaultException(
                    named
                            ? kind + " is \"" + name + "\", but " + list()
                            : "set " + kind + ": " + list());
        }
        return new ModelTensor(this, spec);
    }

    /**
     * {@return the only tensor of a signature, for a step that makes one}
     *
     * @param name the step's property {@code input}; null or empty if it is not set
     * @throws PipelineFaultException if the signature has several tensors, or none of that name
     */
    public ModelTensor only(@Nullable String name) {
        if (specs.size() > 1) {
            throw new PipelineFaultException("makes one tensor, but " + list());
        }
        return select(name);
    }

    /**
     * Checks that another model's outputs can be these inputs, unchanged.
     *
     * @param outputs the outputs of the model before this one
     * @throws PipelineFaultException if names or dtypes differ
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
     * {@return whether another signature has tensors of the same names, dtypes and shapes, so that
     * one step can serve both}
     *
     * @param other the inputs or outputs of another signature
     */
    public boolean isInterchangeableWith(SignatureTensors other) {
        if (specs.size() != other.specs.size()) {
            return false;
        }
        for (TensorSpec spec : specs.values()) {
            TensorSpec same = other.specs.get(spec.name());
            if (same == null || !spec.isInterchangeableWith(same)) {
                return false;
            }
        }
        return true;
    }

    /** {@return such as {@code signature "serving_default" of model "m"}} */
    public String owner() {
        return "signature \"" + signature + "\" of model \"" + model + "\"";
    }

    /**
     * {@return all tensors, such as {@code signature "serving_default" of model "m" has the inputs
     * "a" float32 [-1], "b" float32 [-1]}}
     */
    public String list() {
        return owner()
                + (specs.isEmpty()
                        ? " has no " + kind + "s"
                        : " has the "
                                + kind
                                + (specs.size() == 1 ? " " : "s ")
                                + specs.values().stream()
                                        .map(spec -> "\"" + spec.name() + "\" " + spec.describe())
                                        .collect(Collectors.joining(", ")));
    }
}
