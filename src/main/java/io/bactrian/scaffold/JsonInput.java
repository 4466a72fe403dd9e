package io.bactrian.scaffold;

import java.util.ArrayList;
import java.util.List;

/** The guess for all other inputs: TensorFlow Serving's JSON, as for a model without a route. */
final class JsonInput implements InputGuesser {

    @Override
    public InputGuess guess(ModelFacts facts) {
        List<String> comment = new ArrayList<>();
        comment.add(
                "Guess: "
                        + ModelFacts.list(facts.signature().inputs().values())
                        + ": no preprocessor is known to fit, so the request is TensorFlow Serving's"
                        + " JSON, as without this file: {\"instances\": [...]} with a row each, or"
                        + " {\"inputs\": {...}} with each tensor by name.");
        boolean hasStrings =
                facts.signature().inputs().values().stream().anyMatch(ModelFacts::isString);
        String decoder = TextInput.decoder(facts);
        if (hasStrings && decoder != null) {
            comment.add(
                    "The graph decodes bytes ("
                            + decoder
                            + "): in JSON they are {\"b64\": \"...\"} with base64.");
        } else if (facts.signature().inputs().size() == 1) {
            comment.add(
                    "For another request, a bean of io.bactrian.preprocess.JsonArrayPreprocessor"
                            + " takes an array out of any JSON object.");
        } else {
            comment.add(
                    "For a JSON object with a field for each input, use a bean of"
                            + " io.bactrian.preprocess.RecordPreprocessor.");
        }
        return new InputGuess(
                comment,
                "application/json",
                DataFormats.TENSORFLOW_JSON,
                null,
                new JsonSample(List.copyOf(facts.signature().inputs().values())).request());
    }
}
