package io.bactrian.scaffold;

import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.SignatureTensors;
import io.bactrian.preprocess.TokenizerPreprocessor;
import io.bactrian.preprocess.text.TokenizerInputs;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.TensorSpec;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The guess that the inputs are a tokenizer's ids, with their mask and type ids if there are
 * several: whole numbers, and a tokenizer's file is there.
 */
final class TokenizerInput implements InputGuesser {

    private static final String TOKENIZER = "tokenizer.json";

    /** BERT's file. With a single input it may be the words of another vocabulary. */
    private static final String VOCABULARY = "vocab.txt";

    @Override
    public @Nullable InputGuess guess(ModelFacts facts) {
        Collection<TensorSpec> inputs = facts.signature().inputs().values();
        String file = facts.files().named(TOKENIZER);
        if (file == null && inputs.size() > 1) {
            file = facts.files().named(VOCABULARY);
        }
        if (file == null
                || !inputs.stream().allMatch(TokenizerInput::isIntegersOfOneExample)
                || !areOfATokenizer(facts)) {
            return null;
        }
        Bean bean =
                new Bean(
                        "tokenizer",
                        TokenizerPreprocessor.class,
                        List.of(
                                "Guess: "
                                        + ModelFacts.list(inputs)
                                        + (inputs.size() == 1 ? " is" : " are")
                                        + " made by a tokenizer of a text, the request's field"
                                        + " \"text\", or of a list of texts. For pairs of texts set"
                                        + " pairField. For ids in JSON instead, remove this bean and"
                                        + " its step, and begin with unmarshal: {custom: {ref:"
                                        + " tensorflow-json}}."),
                        List.of(
                                new Bean.Property(
                                        "tokenizerFile",
                                        YamlText.scalar(file),
                                        file.endsWith(VOCABULARY)
                                                ? "Guess: BERT's vocabulary, of lower-case words. If"
                                                        + " it is of words as they are, set"
                                                        + " lowerCase: false."
                                                : "Guess: this file is the model's tokenizer.")));
        return new InputGuess(
                List.of(),
                "application/json",
                DataFormats.JSON,
                bean,
                SampleRequest.of("application/json", "{\"text\": \"a text\"}"));
    }

    private static boolean isIntegersOfOneExample(TensorSpec input) {
        return (input.dtype() == DType.INT32 || input.dtype() == DType.INT64)
                && ModelFacts.rank(input) == 2
                && ModelFacts.takesOneExample(input);
    }

    /** {@return whether the preprocessor finds its inputs by their names} */
    private static boolean areOfATokenizer(ModelFacts facts) {
        SignatureTensors inputs =
                new SignatureTensors(
                        SignatureTensors.Kind.INPUT,
                        facts.model(),
                        facts.signature().name(),
                        facts.signature().inputs(),
                        List.of());
        try {
            TokenizerInputs.of(List.of(inputs), null, null, null);
            return true;
        } catch (PipelineFaultException e) {
            return false;
        }
    }
}
