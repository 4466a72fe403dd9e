package io.bactrian.command;

import io.bactrian.command.Inspection.Model;
import io.bactrian.command.Inspection.ModelSignature;
import io.bactrian.command.Inspection.ModelTensor;
import io.bactrian.command.Inspection.Version;
import java.io.PrintWriter;

/** The text that {@code inspect} prints for people. */
final class InspectionText {

    private final PrintWriter out;

    InspectionText(PrintWriter out) {
        this.out = out;
    }

    void print(Model model) {
        if (model.problem() != null) {
            out.printf("%s can't be served: %s%n", model.name(), model.problem());
        }
        for (Version version : model.versions()) {
            out.printf(
                    "%s version %d%s, %s%n",
                    model.name(),
                    version.version(),
                    version.served() ? " (served)" : "",
                    version.path());
            if (version.problem() != null) {
                out.println("  can't be served: " + version.problem());
            }
            version.signatures().forEach(this::print);
            version.remarks().forEach(remark -> out.println("  " + remark));
            if (version.optimization() != null) {
                out.println("  " + version.optimization().describe());
            }
        }
        out.flush();
    }

    private void print(ModelSignature signature) {
        out.printf(
                "  signature \"%s\"%s%n",
                signature.name(),
                signature.method() == null ? "" : ", method " + signature.method());
        if (signature.problem() != null) {
            out.println("    can't be run here: " + signature.problem());
        }
        signature.inputs().forEach(tensor -> print("input ", tensor));
        signature.outputs().forEach(tensor -> print("output", tensor));
        if (signature.batching() != null && !signature.batching().rowsIndependent()) {
            out.println("    requests do not share runs: " + signature.batching().reason());
        }
    }

    private void print(String kind, ModelTensor tensor) {
        out.printf(
                "    %s \"%s\" %s %s (%s)%n",
                kind,
                tensor.name(),
                tensor.dtype(),
                tensor.shape() == null ? "unknown" : tensor.shape(),
                tensor.tensor());
        if (tensor.scaling() != null) {
            out.println("      scaled by the graph itself: " + tensor.scaling());
        }
    }

    void printWarning(String warning) {
        out.println("warning: " + warning);
    }
}
