package io.bactrian.scaffold;

import io.bactrian.postprocess.BinaryPostprocessor;
import io.bactrian.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The guess that the only output is the probability of one class: a sigmoid per row. */
final class BinaryOutput implements OutputGuesser {

    private static final String SIGMOID = "Sigmoid";
    private static final int CLASSES = 2;

    @Override
    public @Nullable OutputGuess guess(ModelFacts facts) {
        TensorSpec output = facts.onlyOutput();
        if (output == null
                || !ModelFacts.isFloat(output)
                || !isOnePerRow(output)
                || !SIGMOID.equals(facts.operationOf(output))) {
            return null;
        }
        List<Bean.Property> properties = new ArrayList<>();
        properties.add(
                new Bean.Property(
                        "threshold", "0.5", "Guess: the least probability that is true."));
        String labels = facts.files().labels(CLASSES);
        properties.addAll(LabelsProperty.of(labels));
        List<String> comment = new ArrayList<>();
        comment.add(
                "Guess: output "
                        + ModelFacts.describe(output)
                        + " is a probability, since the graph ends with a sigmoid. The answer is"
                        + " whether it reaches the threshold, and the score.");
        if (labels == null) {
            comment.add("For names of the classes set labels, such as labels: \"no, yes\".");
        }
        return OutputGuess.of(new Bean("decision", BinaryPostprocessor.class, comment, properties));
    }

    private static boolean isOnePerRow(TensorSpec output) {
        int rank = ModelFacts.rank(output);
        return (rank == 1 || (rank == 2 && ModelFacts.lastSize(output) == 1))
                && ModelFacts.takesOneExample(output);
    }
}
