package io.bactrian.scaffold;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The property {@code labelsFile} of a postprocessor. */
final class LabelsProperty {

    private LabelsProperty() {}

    /**
     * {@return the property; none without a file}
     *
     * @param location the file, or null
     */
    static List<Bean.Property> of(@Nullable String location) {
        return location == null
                ? List.of()
                : List.of(
                        new Bean.Property(
                                "labelsFile",
                                YamlText.scalar(location),
                                "Guess: this file has the names of the classes."));
    }

    /** How to name classes where there is no file. */
    static final String HINT =
            "For names of the classes put a labels.txt into this folder, a name per line, and set"
                    + " labelsFile: labels.txt.";
}
