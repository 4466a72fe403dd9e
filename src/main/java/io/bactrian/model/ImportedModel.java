package io.bactrian.model;

import io.bactrian.model.graph.UnrestoredVariables;
import io.bactrian.tensor.TensorSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.NodeDef;

/**
 * A SavedModel that was imported into TensorFlow, with its variables restored and its signatures
 * validated. It has not run yet.
 *
 * @param file the SavedModel, without what TensorFlow can't import
 * @param signatures all signatures by name, those that can't be run included
 * @param distinct the signatures that can be run
 * @param session runs the graph
 * @param copy what TensorFlow loaded in place of the original, or null
 */
record ImportedModel(
        SavedModelFile file,
        SortedMap<String, Signature> signatures,
        DistinctSignatures distinct,
        GraphSession session,
        @Nullable StrippedCopy copy)
        implements AutoCloseable {

    /**
     * Imports a SavedModel.
     *
     * @throws ModelLoadException if it has no signature that can be run
     */
    static ImportedModel of(SavedModelFile original, TensorFlowConfig config) throws IOException {
        original.checkVariables();
        Map<String, Signature> declared = SignatureValidation.analyzed(original);
        requireRunnable(original.directory(), declared);
        SavedModelFile file = original.importable(tensorsOfRunnable(declared.values()));
        ConfigProto session = GraphSession.configuration(config.toProto(), declared.values());
        // A file that lacks operations of the original exists in memory only.
        SavedModelBundle bundle = file == original ? loadIfAccepted(file, session) : null;
        StrippedCopy copy = null;
        ImportedModel imported = null;
        try {
            if (bundle == null) {
                copy = StrippedCopy.of(file);
                bundle = load(copy.folder(), file, session);
            }
            imported = of(file, declared, bundle, copy);
            return imported;
        } finally {
            if (imported == null) {
                if (bundle != null) {
                    bundle.close();
                }
                if (copy != null) {
                    copy.close();
                }
            }
        }
    }

    private static ImportedModel of(
            SavedModelFile file,
            Map<String, Signature> declared,
            SavedModelBundle bundle,
            @Nullable StrippedCopy copy) {
        UnrestoredVariables variables = UnrestoredVariables.of(file.metaGraph());
        List<NodeDef> uninitialized = CheckpointRestore.fill(variables, bundle, file.directory());
        SortedMap<String, Signature> signatures =
                SignatureValidation.againstGraph(
                        bundle.graph(),
                        SignatureValidation.withoutUninitialized(
                                declared, variables, uninitialized));
        requireRunnable(file.directory(), signatures);
        DistinctSignatures distinct =
                DistinctSignatures.of(
                        file.metaGraph(),
                        signatures.values().stream().filter(Signature::isRunnable).toList());
        return new ImportedModel(
                file, signatures, distinct, new GraphSession(bundle, distinct), copy);
    }

    private static void requireRunnable(Path path, Map<String, Signature> signatures) {
        if (signatures.isEmpty()) {
            throw new ModelLoadException("the SavedModel in " + path + " has no signature to call");
        }
        if (signatures.values().stream().noneMatch(Signature::isRunnable)) {
            throw new ModelLoadException(
                    "no signature of the SavedModel in "
                            + path
                            + " can be run here: "
                            + signatures.values().stream()
                                    .map(each -> "\"" + each.name() + "\": " + each.problem())
                                    .collect(Collectors.joining("; ")));
        }
    }

    private static List<String> tensorsOfRunnable(Collection<Signature> signatures) {
        List<String> tensors = new ArrayList<>();
        for (Signature signature : signatures) {
            if (signature.isRunnable()) {
                tensors.addAll(TensorSpec.tensorNames(signature.inputs()));
                tensors.addAll(TensorSpec.tensorNames(signature.outputs()));
            }
        }
        return tensors;
    }

    /**
     * {@return the loaded bundle; null if TensorFlow Java rejects the SavedModel, as it does if one
     * signature disagrees with the graph}
     */
    private static @Nullable SavedModelBundle loadIfAccepted(
            SavedModelFile file, ConfigProto config) {
        try {
            return load(file.directory(), file, config);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static SavedModelBundle load(Path path, SavedModelFile file, ConfigProto config) {
        return SavedModelBundle.loader(path.toString())
                .withTags(file.tags())
                .withConfigProto(config)
                .load();
    }

    /** {@return the signatures that can be run} */
    List<Signature> runnable() {
        return signatures.values().stream().filter(Signature::isRunnable).toList();
    }

    @Override
    public void close() {
        session.close();
        if (copy != null) {
            copy.close();
        }
    }
}
