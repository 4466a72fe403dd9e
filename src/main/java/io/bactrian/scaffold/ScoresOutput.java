package io.bactrian.scaffold;

import io.bactrian.postprocess.ArgMaxPostprocessor;
import io.bactrian.postprocess.TopKPostprocessor;
import io.bactrian.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The guess that the only output has a score for each of several classes. */
final class ScoresOutput implements OutputGuesser {

    private static final int MAX_ANSWERED = 5;

    @Override
    public @Nullable OutputGuess guess(ModelFacts facts) {
        TensorSpec output = facts.onlyOutput();
        if (output == null
                || !ModelFacts.isFloat(output)
                || ModelFacts.rank(output) != 2
                || ModelFacts.lastSize(output) < 2
                || !ModelFacts.takesOneExample(output)) {
            return null;
        }
        long classes = ModelFacts.lastSize(output);
        String operation = String.valueOf(facts.operationOf(output));
        String labels = facts.files().labels(classes);
        List<String> comment = new ArrayList<>();
        comment.add(
                "Guess: output "
                        + ModelFacts.describe(output)
                        + " has a score for each of "
                        + classes
                        + " classes"
                        + reason(operation)
                        + ". If it is something else, such as an embedding, remove this bean and its"
                        + " step, and end with marshal: {custom: {ref: tensorflow-json}}.");
        if (labels != null || operation.equals("Sigmoid")) {
            if (labels == null) {
                comment.add(LabelsProperty.HINT);
            }
            return OutputGuess.of(
                    new Bean("topClasses", TopKPostprocessor.class, comment, top(classes, labels)));
        }
        comment.add(
                "The answer is the class with the highest score. For several with their scores use"
                        + " io.bactrian.postprocess.TopKPostprocessor. "
                        + LabelsProperty.HINT);
        return OutputGuess.of(new Bean("bestClass", ArgMaxPostprocessor.class, comment, List.of()));
    }

    private static String reason(String operation) {
        return switch (operation) {
            case "Softmax" -> ", since the graph ends with a softmax";
            case "Sigmoid" ->
                    ", and several can hold at once, since the graph ends with a sigmoid of each";
            default -> "; they may be logits, since the graph ends with no softmax";
        };
    }

    private static List<Bean.Property> top(long classes, @Nullable String labels) {
        List<Bean.Property> properties = new ArrayList<>();
        properties.add(
                new Bean.Property(
                        "k",
                        String.valueOf(Math.min(classes, MAX_ANSWERED)),
                        "The number of classes in the answer, those with the highest scores."));
        properties.addAll(LabelsProperty.of(labels));
        return properties;
    }
}
