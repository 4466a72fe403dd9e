package io.bactrian;

import io.bactrian.model.LoadedModel;
import io.bactrian.model.ModelDirectory;
import io.bactrian.model.ModelLoadException;
import io.bactrian.model.ModelLoader;
import io.bactrian.model.ModelVersions;
import io.bactrian.model.Signature;
import io.bactrian.tensor.TensorSpec;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** {@code inspect}: what a folder's SavedModels take and give, and whether they can be run here. */
final class InspectCommand {

    private InspectCommand() {}

    /** {@return whether every model can be served} */
    static boolean print(Path directory, PrintStream out) {
        List<ModelVersions> models = ModelDirectory.read(directory).models();
        if (models.isEmpty()) {
            throw ModelLoadException.noneIn(directory);
        }
        boolean good = true;
        for (ModelVersions model : models) {
            for (Map.Entry<Long, Path> version : model.versions().entrySet()) {
                out.printf(
                        "%s version %d%s, %s%n",
                        model.name(),
                        version.getKey(),
                        version.getKey() == model.latest() ? " (served)" : "",
                        version.getValue());
                good &= print(model.name(), version.getKey(), version.getValue(), out);
            }
        }
        return good;
    }

    private static boolean print(String name, long version, Path path, PrintStream out) {
        try (LoadedModel model = ModelLoader.inspect(name, version, path)) {
            model.signatures().values().forEach(signature -> print(signature, out));
            model.remarks().forEach(remark -> out.println("  " + remark));
            return true;
        } catch (ModelLoadException e) {
            out.println("  can't be served: " + e.getMessage());
            return false;
        }
    }

    private static void print(Signature signature, PrintStream out) {
        out.printf(
                "  signature \"%s\"%s%s%n",
                signature.name(),
                signature.methodName().isEmpty() ? "" : ", method " + signature.methodName(),
                signature.problem() == null
                        ? ""
                        : "\n    can't be run here: " + signature.problem());
        signature.inputs().values().forEach(spec -> print("input ", spec, out));
        signature.outputs().values().forEach(spec -> print("output", spec, out));
    }

    private static void print(String kind, TensorSpec spec, PrintStream out) {
        out.printf(
                "    %s \"%s\" %s (%s)%n", kind, spec.name(), spec.describe(), spec.tensorName());
    }
}
