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

    /**
     * Creates the cases that come with loaded pipelines.
     *
     * @param pipelines the pipelines, which the cases are sent to
     */
    public BundledCases(LocalPipelines pipelines) {
        this.pipelines = pipelines;
    }

    /**
     * {@return the cases, in the order of the models' names} Where several models have some, their
     * names begin with the model's.
     *
     * @throws CaseException if a file is not what it should be
     */
    public List<GoldenCase> all() {
        List<ModelVersions> models =
                pipelines.repository().files().stream()
                        .filter(model -> Files.isDirectory(casesOf(model)))
                        .toList();
        List<GoldenCase> all = new ArrayList<>();
        for (ModelVersions model : models) {
            String prefix = models.size() == 1 ? "" : model.name() + "/";
            all.addAll(GoldenCases.in(casesOf(model), prefix, pipelineOf(model.name())));
        }
        for (RouteScope scope : pipelines.loaded().scopes()) {
            Path beside = pipelines.config().routes().directory().resolve(GoldenCases.FOLDER);
            if (scope.model() == null && Files.isDirectory(beside)) {
                all.addAll(GoldenCases.in(beside, null));
            }
        }
        return all;
    }

    private static Path casesOf(ModelVersions model) {
        return model.folder().resolve(RouteFiles.CODE).resolve(GoldenCases.FOLDER);
    }

    /**
     * {@return the pipeline of a model's cases that name none: the only one in the model's code
     * folder, else the one of the model's name; null for the default}
     */
    private @Nullable String pipelineOf(String model) {
        for (RouteScope scope : pipelines.loaded().scopes()) {
            if (model.equals(scope.model())) {
                List<String> inCodeFolder =
                        pipelines.pipelines().stream()
                                .map(PipelineConsumer::getEndpoint)
                                .filter(each -> each.getCamelContext() == scope.context())
                                .map(PipelineEndpoint::getName)
                                .toList();
                if (inCodeFolder.size() == 1) {
                    return inCodeFolder.get(0);
                }
            }
        }
        return pipelines.contexts().pipelines().pipeline(model) == null ? null : model;
    }
}
