package io.bactrian.model;

import io.bactrian.model.graph.SignatureTraits;
import io.bactrian.tensor.TensorSpec;
import java.nio.file.Path;

/** The traits of a SavedModel's signatures, found in its graph without loading it. */
public final class SavedModelTraits {

    private SavedModelTraits() {}

    /**
     * {@return the traits of a signature}
     *
     * @param directory the folder with {@code saved_model.pb}
     * @param signature a runnable signature of the model that was loaded from there
     * @throws ModelLoadException if the file is missing or damaged, or has no graph to serve
     */
    public static SignatureTraits of(Path directory, Signature signature) {
        SavedModelFile file = SavedModelFile.read(directory);
        return new SignatureTraits.Analysis(file.metaGraph().getGraphDef())
                .of(
                        TensorSpec.tensorNames(signature.inputs()),
                        TensorSpec.tensorNames(signature.outputs()));
    }
}
