package io.bactrian.route;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FailureReasonTest {

    @Test
    @Timeout(30)
    void causesInACycleAreNamedOnce() {
        Exception outer = new IllegalStateException("outer");
        Exception inner = new IllegalStateException("inner", outer);
        outer.initCause(inner);
        assertEquals("outer: inner", FailureReason.of(outer));
        assertEquals("inner", FailureReason.innermost(outer));
    }

    @ParameterizedTest
    @CsvSource({
        "io.bactrian.postprocess.ArgmaxPostprocessor, io.bactrian.postprocess.ArgMaxPostprocessor",
        "ArgMaxPostprocessor, io.bactrian.postprocess.ArgMaxPostprocessor",
        "io.bactrian.postprocess.ImagePreprocessor, io.bactrian.preprocess.ImagePreprocessor",
        "io.bactrian.RenameTensor, io.bactrian.pipeline.RenameTensors"
    })
    void missingClassOfASimilarNameIsSuggested(String written, String meant) {
        assertEquals(
                "there is no class " + written + "; did you mean '" + meant + "'?",
                FailureReason.of(new ClassNotFoundException(written)));
    }

    @Test
    void otherMissingClassGetsNoSuggestion() {
        assertEquals(
                "there is no class acme.Base",
                FailureReason.of(new NoClassDefFoundError("acme/Base")));
    }
}
