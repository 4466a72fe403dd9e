package io.bactrian.scaffold;

import io.bactrian.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** The guess for all other outputs: all of them, in TensorFlow Serving's JSON. */
final class JsonOutput implements OutputGuesser {

    @Override
    public OutputGuess guess(ModelFacts facts) {
        Collection<TensorSpec> outputs = facts.signature().outputs().values();
        List<String> comment = new ArrayList<>();
        comment.add(
                "The answer has "
                        + (outputs.size() == 1 ? "the output" : "all outputs by name")
                        + " in TensorFlow Serving's JSON.");
        for (TensorSpec output : outputs) {
            if (ModelFacts.isFloat(output)
                    && ModelFacts.rank(output) == 2
                    && ModelFacts.lastSize(output) > 1) {
                comment.add(
                        "If "
                                + ModelFacts.describe(output)
                                + " has a score for each class, a step before marshal with a bean of"
                                + " io.bactrian.postprocess.ArgMaxPostprocessor"
                                + (outputs.size() == 1 ? "" : ", output: " + output.name() + ",")
                                + " and marshal: {json: {}} answer the best class.");
                break;
            }
        }
        return new OutputGuess(comment, null, DataFormats.TENSORFLOW_JSON);
    }

    /** {@return whether the outputs can be written in rows, of which each example has one} */
    static boolean hasRows(ModelFacts facts) {
        return facts.signature().outputs().values().stream()
                .allMatch(output -> ModelFacts.rank(output) != 0 && firstFits(output));
    }

    private static boolean firstFits(TensorSpec output) {
        return ModelFacts.rank(output) < 0 || ModelFacts.takesOneExample(output);
    }
}
