package io.bactrian.postprocess;

import io.bactrian.pipeline.PipelineFaultException;

/** Any bytes are labels or are refused. */
public final class LabelsFuzzer {

    private LabelsFuzzer() {}

    public static void fuzzerTestOneInput(byte[] bytes) {
        try {
            new LabelsText("labelsFile").parse(bytes);
        } catch (PipelineFaultException e) {
            // Refused.
        }
    }
}
