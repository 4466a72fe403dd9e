package io.bactrian.container;

import io.bactrian.container.http.RequestTarget;
import io.bactrian.log.LogText;
import io.bactrian.model.LoadedModel;
import io.bactrian.model.ModelLoadException;
import io.bactrian.model.ServedModel;
import io.bactrian.model.Signature;
import io.bactrian.pipeline.PipelineConsumer;
import io.bactrian.pipeline.PipelineEndpoint;
import io.bactrian.route.LoadFault;
import io.bactrian.route.LoadedPipelines;
import io.bactrian.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/** The report that {@code serve} prints when it has started: models, pipelines and the address. */
public final class StartupReport {

    private StartupReport() {}

    /**
     * {@return the report of a started container}
     *
     * @param container the container
     * @param millisSinceStart milliseconds since the start of the process
     */
    public static String of(Container container, long millisSinceStart) {
        StringBuilder report = new StringBuilder();
        models(container, report);
        pipelines(container, report);
        List<String> warnings = new ArrayList<>(container.config().warnings());
        warnings.addAll(container.pipelines().loaded().warnings());
        warnings.addAll(container.pipelines().warmUpProblems());
        if (!warnings.isEmpty()) {
            report.append("warnings\n");
            warnings.forEach(warning -> line(report, "  ", warning));
        }
        String where = "http://" + container.config().host() + ":" + container.port();
        String notReady = container.pipelines().selector().notReadyReason();
        return report.append(
                        String.format(
                                notReady == null
                                        ? "ready on %s after %.1f s"
                                        : "NOT READY on %s after %.1f s: GET /ping answers 503",
                                where,
                                millisSinceStart / 1000.0))
                .append(notReady == null ? "" : ", since " + LogText.of(notReady))
                .toString();
    }

    private static void models(Container container, StringBuilder report) {
        report.append("models in ")
                .append(container.pipelines().repository().directory())
                .append('\n');
        for (ServedModel served : container.pipelines().repository().served()) {
            LoadedModel model = served.model();
            line(report, "  ", model.toString());
            for (Signature signature : model.signatures().values()) {
                line(report, "    ", describe(signature));
            }
            served.remarks().forEach(remark -> line(report, "    ", remark));
        }
        container
                .pipelines()
                .repository()
                .failures()
                .forEach(
                        (name, reason) ->
                                line(report, "  ", name + ": can't be served: " + reason));
        if (container.pipelines().repository().files().isEmpty()) {
            line(
                    report,
                    "  ",
                    ModelLoadException.noneIn(container.pipelines().repository().directory())
                            .getMessage());
        }
    }

    private static void pipelines(Container container, StringBuilder report) {
        LoadedPipelines loaded = container.pipelines().loaded();
        report.append("pipelines\n");
        for (PipelineConsumer pipeline : container.pipelines().pipelines()) {
            PipelineEndpoint endpoint = pipeline.getEndpoint();
            line(
                    report,
                    "  ",
                    String.format(
                            "%s: %s -> %s   POST /models/%s/invoke%s",
                            endpoint.getName(),
                            endpoint.consumed(),
                            endpoint.produced(),
                            RequestTarget.escape(endpoint.getName()),
                            endpoint.getName()
                                            .equals(
                                                    container
                                                            .pipelines()
                                                            .selector()
                                                            .defaultPipeline())
                                    ? " and POST /invocations"
                                    : ""));
        }
        loaded.skipped()
                .forEach(
                        (pipeline, reason) ->
                                line(report, "  ", pipeline + ": not served, " + reason));
        loaded.broken().entrySet().stream()
                .filter(broken -> !loaded.skipped().containsKey(broken.getKey()))
                .filter(
                        broken ->
                                !container
                                        .pipelines()
                                        .repository()
                                        .failures()
                                        .containsKey(broken.getKey()))
                .forEach(
                        broken ->
                                line(
                                        report,
                                        "  ",
                                        broken.getKey()
                                                + ": can't be served: "
                                                + broken.getValue()));
        // The faults of routes that are not pipelines.
        loaded.faults().stream()
                .filter(LoadFault::isOfOtherRoute)
                .forEach(fault -> line(report, "  ", fault.message()));
        if (container.pipelines().selector().defaultPipeline() == null
                && !container.pipelines().pipelines().isEmpty()) {
            line(
                    report,
                    "  ",
                    "POST /invocations needs BACTRIAN_PIPELINE: there are several pipelines");
        }
    }

    private static void line(StringBuilder report, String indentation, String text) {
        report.append(indentation).append(LogText.of(text)).append('\n');
    }

    /** {@return a signature as {@code serving_default: "x" float32 [-1] -> "y" float32 [-1]}} */
    static String describe(Signature signature) {
        return signature.name()
                + ": "
                + describe(signature.inputs().values())
                + " -> "
                + describe(signature.outputs().values())
                + (signature.problem() == null
                        ? ""
                        : "   can't be run here: " + signature.problem());
    }

    private static String describe(Collection<TensorSpec> specs) {
        return specs.stream()
                .map(spec -> "\"" + spec.name() + "\" " + spec.describe())
                .collect(Collectors.joining(", "));
    }
}
