package io.bactrian.scaffold;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A guess of how the model's outputs become the answer.
 *
 * @param comment what was guessed, if there is no bean that says so
 * @param bean the postprocessor; null if the data format writes the tensors
 * @param marshal the data format that writes the answer, as YAML has it
 */
record OutputGuess(List<String> comment, @Nullable Bean bean, String marshal) {

    /** {@return the guess that a postprocessor makes the answer} */
    static OutputGuess of(Bean bean) {
        return new OutputGuess(List.of(), bean, DataFormats.JSON);
    }
}
