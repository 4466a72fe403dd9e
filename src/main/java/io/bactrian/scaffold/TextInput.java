package io.bactrian.scaffold;

import io.bactrian.preprocess.TextPreprocessor;
import io.bactrian.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;

/**
 * The guess that the only input is a text: strings that the graph does not decode as something
 * else, of which it computes floating-point numbers.
 */
final class TextInput implements InputGuesser {

    private static final int MAX_RANK = 2;

    /** Prefixes of operations on strings that are no text, such as an image's bytes. */
    private static final List<String> DECODERS =
            List.of("Decode", "ParseExample", "ParseSingle", "ParseSequence", "ParseTensor");

    private static final Set<String> READERS = Set.of("ReadFile", "WholeFileReaderV2");

    private static final String LOWER_CASE = "StringLower";

    @Override
    public @Nullable InputGuess guess(ModelFacts facts) {
        TensorSpec input = facts.onlyInput();
        if (input == null
                || !ModelFacts.isString(input)
                || !isOneText(input)
                || decoder(facts) != null
                || facts.signature().outputs().values().stream().noneMatch(ModelFacts::isFloat)) {
            return null;
        }
        List<String> comment = new ArrayList<>();
        comment.add(
                "Guess: input "
                        + ModelFacts.describe(input)
                        + " is a text, the request's field \"text\". For a body that is the text"
                        + " itself, set field: \"\", remove the unmarshal step, and set consumes:"
                        + " text/plain.");
        String caseFolding =
                facts.traits().operations().contains(LOWER_CASE)
                        ? "The model is given the text as it is: its graph lower-cases itself."
                        : "Guess: the model is given the text as it is. If it was trained on"
                                + " lower-cased text, set LOWER.";
        Bean bean =
                new Bean(
                        "text",
                        TextPreprocessor.class,
                        comment,
                        List.of(new Bean.Property("caseFolding", "NONE", caseFolding)));
        return new InputGuess(
                List.of(),
                "application/json",
                DataFormats.JSON,
                bean,
                SampleRequest.of("application/json", "{\"text\": \"a text\"}"));
    }

    /** {@return whether one text is a tensor of the shape} */
    private static boolean isOneText(TensorSpec input) {
        int rank = ModelFacts.rank(input);
        if (rank > MAX_RANK) {
            return false;
        }
        for (int i = 0; i < rank; i++) {
            long size = input.shape().get(i);
            if (size != 1 && size != Shape.UNKNOWN_SIZE) {
                return false;
            }
        }
        return true;
    }

    /** {@return an operation by which the graph decodes strings; null if there is none} */
    static @Nullable String decoder(ModelFacts facts) {
        return facts.traits().operations().stream()
                .filter(
                        operation ->
                                READERS.contains(operation)
                                        || DECODERS.stream().anyMatch(operation::startsWith))
                .sorted()
                .findFirst()
                .orElse(null);
    }
}
