package io.bactrian.container;

import io.bactrian.model.LoadedModel;
import io.bactrian.model.Signature;
import io.bactrian.pipeline.PipelineConsumer;
import io.bactrian.pipeline.PipelineEndpoint;
import io.bactrian.tensor.TensorSpec;
import java.util.Collection;
import java.util.stream.Collectors;

/** What {@code serve} prints once it is ready: models, pipelines and the address. */
public final class StartReport {

    private StartReport() {}

    /**
     * @param millisSinceStart how long the process took to get here
     */
    public static String of(Container container, long millisSinceStart) {
        StringBuilder report = new StringBuilder();
        report.append("models in ").append(container.repository().directory()).append('\n');
        for (LoadedModel model : container.repository().loaded().values()) {
            report.append("  ").append(model).append('\n');
            for (Signature signature : model.signatures().values()) {
                report.append("    ").append(describe(signature)).append('\n');
            }
        }
        report.append("pipelines\n");
        for (PipelineConsumer pipeline : container.pipelines()) {
            PipelineEndpoint endpoint = pipeline.getEndpoint();
            report.append(
                    String.format(
                            "  %s: %s -> %s   POST /models/%s/invoke%s%n",
                            endpoint.getName(),
                            endpoint.consumed(),
                            endpoint.produced(),
                            endpoint.getName(),
                            endpoint.getName().equals(container.defaultPipeline())
                                    ? " and POST /invocations"
                                    : ""));
        }
        container
                .leftOut()
                .forEach(
                        (pipeline, model) ->
                                report.append("  ")
                                        .append(pipeline)
                                        .append(": not served, there is no model \"")
                                        .append(model)
                                        .append("\"\n"));
        if (container.defaultPipeline() == null) {
            report.append(
                    "  POST /invocations needs BACTRIAN_PIPELINE: there are several pipelines\n");
        }
        return report.append(
                        String.format(
                                "ready on http://%s:%d after %.1f s",
                                container.config().host(),
                                container.port(),
                                millisSinceStart / 1000.0))
                .toString();
    }

    /**
     * @return such as {@code serving_default: "x" float32 [-1] -> "y" float32 [-1]}
     */
    static String describe(Signature signature) {
        return signature.name()
                + ": "
                + describe(signature.inputs().values())
                + " -> "
                + describe(signature.outputs().values())
                + (signature.problem() == null ? "" : "   can't be run: " + signature.problem());
    }

    private static String describe(Collection<TensorSpec> specs) {
        return specs.stream()
                .map(spec -> "\"" + spec.name() + "\" " + spec.describe())
                .collect(Collectors.joining(", "));
    }
}
