package io.bactrian.scaffold;

import org.jspecify.annotations.Nullable;

/** A kind of input that a signature can be recognized to have. */
interface InputGuesser {

    /** {@return the guess; null if the signature has no such input} */
    @Nullable InputGuess guess(ModelFacts facts);
}
