package io.bactrian.scaffold;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A guess of what requests hold and how it becomes the model's inputs.
 *
 * @param comment what was guessed, if there is no bean that says so
 * @param consumes the media types of requests, with commas between
 * @param unmarshal the data format that reads the body, as YAML has it; null if none does
 * @param bean the preprocessor; null if the data format makes the tensors
 * @param sample a request to try
 */
record InputGuess(
        List<String> comment,
        String consumes,
        @Nullable String unmarshal,
        @Nullable Bean bean,
        SampleRequest sample) {}
