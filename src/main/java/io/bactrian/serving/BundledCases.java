package io.bactrian.serving;

import io.bactrian.cases.CaseException;
import io.bactrian.cases.GoldenCase;
import io.bactrian.cases.GoldenCases;
import io.bactrian.model.ModelVersions;
import io.bactrian.pipeline.PipelineConsumer;
import io.bactrian.pipeline.PipelineEndpoint;
import io.bactrian.route.RouteFiles;
import io.bactrian.route.RouteScope;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The golden cases that come with models, in {@code code/cases}, and with the routes directory, in
 * {@code cases}.
 */
public final class BundledCases {

    private final LocalPipelines pipelines;

    public BundledCases(LocalPipelines pipelines) {
        this.pipelines = pipelines;
    }

    /**
     * {@return the cases, in the order of the models' names}
     *
     * @throws CaseException if a file is not what it should be
     */
    public List<GoldenCase> all() {
        List<GoldenCase> all = new ArrayList<>();
        for (ModelVersions model : pipelines.repository().files()) {
            Path folder = model.folder().resolve(RouteFiles.CODE);
            all.addAll(in(folder, pipelineOf(model.name())));
        }
        for (RouteScope scope : pipelines.loaded().scopes()) {
            if (scope.model() == null) {
                all.addAll(in(pipelines.config().routes().directory(), null));
            }
        }
        return all;
    }

    private static List<GoldenCase> in(Path code, @Nullable String pipeline) {
        Path folder = code.resolve(GoldenCases.FOLDER);
        return Files.isDirectory(folder) ? GoldenCases.in(folder, pipeline) : List.of();
    }

    /**
     * {@return the pipeline that cases of a model are for which name none: the only one that the
     * model brought, else that of its name; null for the default}
     */
    private @Nullable String pipelineOf(String model) {
        for (RouteScope scope : pipelines.loaded().scopes()) {
            if (model.equals(scope.model())) {
                List<String> brought =
                        pipelines.pipelines().stream()
                                .map(PipelineConsumer::getEndpoint)
                                .filter(each -> each.getCamelContext() == scope.context())
                                .map(PipelineEndpoint::getName)
                                .toList();
                if (brought.size() == 1) {
                    return brought.get(0);
                }
            }
        }
        return pipelines.contexts().pipelines().pipeline(model) == null ? null : model;
    }
}
