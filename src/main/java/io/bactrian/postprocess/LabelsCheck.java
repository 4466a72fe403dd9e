package io.bactrian.postprocess;

import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.ProcessorFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The check whether a file can be the {@code labelsFile} of a postprocessor. */
public final class LabelsCheck {

    /** Far more than the names of any model's classes take. */
    private static final long MAX_BYTES = 16 << 20;

    private LabelsCheck() {}

    /**
     * {@return whether the file holds the names of a model's classes}
     *
     * @param file the file
     * @param classes how many classes the model has; -1 if that is not known
     */
    public static boolean fits(Path file, long classes) {
        try {
            if (Files.size(file) > MAX_BYTES || classes > Integer.MAX_VALUE) {
                return false;
            }
            String location = file.toString();
            Labels labels =
                    LabelledPostprocessor.parse(
                            new ProcessorFile(null, "labelsFile", location),
                            location,
                            Files.readAllBytes(file));
            if (classes >= 0) {
                labels.checkCount((int) classes, "");
            }
            return true;
        } catch (IOException | PipelineFaultException e) {
            return false;
        }
    }
}
