package io.bactrian.scaffold;

import org.jspecify.annotations.Nullable;

/** A kind of output that a signature can be recognized to have. */
interface OutputGuesser {

    /** {@return the guess; null if the signature has no such output} */
    @Nullable OutputGuess guess(ModelFacts facts);
}
