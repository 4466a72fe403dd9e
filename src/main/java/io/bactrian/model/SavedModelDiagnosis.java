package io.bactrian.model;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A diagnosis of a folder that holds no SavedModel: what it holds instead, and how to fix it. */
final class SavedModelDiagnosis {

    /** The depth of folders in which a misplaced SavedModel is searched for. */
    private static final int MAX_DEPTH = 3;

    /** What a file is and the remedy, by file name suffix. The first match applies. */
    private static final Map<String, String> KINDS = new LinkedHashMap<>();

    static {
        KINDS.put(
                "saved_model.pbtxt",
                "is a SavedModel in text form: save it again, which writes saved_model.pb");
        KINDS.put(
                ".weights.h5",
                "holds the weights of a Keras model only: build the model in Python, load_weights,"
                        + " and write a SavedModel with model.export(\"1\")");
        for (String keras : List.of(".keras", ".h5", ".hdf5")) {
            KINDS.put(
                    keras,
                    "is a Keras file, not a SavedModel: in Python,"
                            + " keras.models.load_model(file).export(\"1\") writes one");
        }
        KINDS.put(
                ".tflite",
                "is a TensorFlow Lite model, which can't be turned back: export the model that it"
                        + " was made from as a SavedModel");
        // Files that belong to a SavedModel, which is incomplete without its saved_model.pb.
        for (String part : List.of("fingerprint.pb", "keras_metadata.pb")) {
            KINDS.put(
                    part,
                    "belongs to a SavedModel without saved_model.pb: copy the whole SavedModel");
        }
        KINDS.put(
                ".pb",
                "is a frozen graph, not a SavedModel: import it in Python with"
                        + " tf.graph_util.import_graph_def and save it with"
                        + " tf.compat.v1.saved_model.simple_save");
        KINDS.put(
                ".onnx", "is an ONNX model: convert it to a SavedModel, with onnx2tf for example");
        for (String torch : List.of(".pt", ".pth", ".safetensors", "pytorch_model.bin")) {
            KINDS.put(torch, "is a PyTorch model; only TensorFlow SavedModels are served");
        }
        for (String checkpoint : List.of(".ckpt", ".ckpt.index", "checkpoint")) {
            KINDS.put(
                    checkpoint,
                    "belongs to a checkpoint, which has no graph: build the model in Python,"
                            + " restore the checkpoint, and write a SavedModel with"
                            + " tf.saved_model.save");
        }
        for (String archive : List.of(".tar.gz", ".tgz", ".tar", ".zip")) {
            KINDS.put(archive, "is not unpacked: unpack it there");
        }
    }

    private SavedModelDiagnosis() {}

    /**
     * {@return what {@code folder} and its subfolders hold in place of a SavedModel; null if
     * nothing looks like a model}
     */
    static @Nullable String explain(Path folder) throws IOException {
        Path deeper = savedModelBelow(folder, MAX_DEPTH);
        if (deeper != null) {
            return deeper
                    + " is a SavedModel in too deep a folder: move "
                    + (ModelDirectory.isVersion(deeper) ? "it" : "its files")
                    + " to "
                    + folder;
        }
        return explainFiles(folder);
    }

    /**
     * {@return what {@code folder} itself holds in place of a SavedModel; null if nothing looks
     * like a model}
     */
    static @Nullable String explainFiles(Path folder) throws IOException {
        List<Path> files = filesIn(folder);
        for (Map.Entry<String, String> kind : KINDS.entrySet()) {
            for (Path file : files) {
                String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
                if (name.endsWith(kind.getKey())) {
                    return file + " " + kind.getValue();
                }
            }
        }
        if (Files.isRegularFile(folder.resolve("variables").resolve("variables.index"))) {
            return folder + " has variables but no saved_model.pb: copy the whole SavedModel";
        }
        return null;
    }

    private static @Nullable Path savedModelBelow(Path folder, int depth) throws IOException {
        if (depth == 0) {
            return null;
        }
        for (Path child : ModelDirectory.foldersIn(folder)) {
            if (ModelDirectory.isFile(child.resolve(ModelDirectory.SAVED_MODEL))) {
                return child;
            }
            Path deeper = savedModelBelow(child, depth - 1);
            if (deeper != null) {
                return deeper;
            }
        }
        return null;
    }

    private static List<Path> filesIn(Path folder) throws IOException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> children = Files.newDirectoryStream(folder)) {
            for (Path child : children) {
                if (!child.getFileName().toString().startsWith(".") && Files.isRegularFile(child)) {
                    files.add(child);
                }
            }
        }
        files.sort(null);
        return files;
    }
}
