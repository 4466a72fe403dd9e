package io.bactrian.scaffold;

import io.bactrian.postprocess.BoxesPostprocessor;
import io.bactrian.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The guess that the only output is boxes of one image: rows of six numbers. */
final class BoxesOutput implements OutputGuesser {

    private static final int COLUMNS = 6;

    @Override
    public @Nullable OutputGuess guess(ModelFacts facts) {
        TensorSpec output = facts.onlyOutput();
        if (output == null
                || !ModelFacts.isFloat(output)
                || ModelFacts.lastSize(output) != COLUMNS
                || !isBoxes(output)) {
            return null;
        }
        List<Bean.Property> properties = new ArrayList<>();
        properties.add(DetectionApiOutput.threshold());
        properties.addAll(LabelsProperty.of(facts.files().labels(-1)));
        return OutputGuess.of(
                new Bean(
                        "boxes",
                        BoxesPostprocessor.class,
                        List.of(
                                "Guess: output "
                                        + ModelFacts.describe(output)
                                        + " is boxes, each class_id, confidence, xmin, ymin, xmax,"
                                        + " ymax. If the columns are others, remove this bean and"
                                        + " its step, and end with marshal: {custom: {ref:"
                                        + " tensorflow-json}}."),
                        properties));
    }

    /** Rows of six numbers in rank 2 are boxes only if there are several for the one image. */
    private static boolean isBoxes(TensorSpec output) {
        int rank = ModelFacts.rank(output);
        return (rank == 3 && ModelFacts.takesOneExample(output))
                || (rank == 2 && output.shape().get(0) > 1);
    }
}
