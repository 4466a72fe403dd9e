package io.bactrian.serving;

import io.bactrian.cases.CaseException;
import io.bactrian.cases.CaseResult;
import io.bactrian.cases.GoldenCase;
import io.bactrian.cases.GoldenCases;
import io.bactrian.model.ModelVersions;
import io.bactrian.pipeline.PipelineConsumer;
import io.bactrian.pipeline.PipelineEndpoint;
import io.bactrian.route.RouteFiles;
import io.bactrian.route.RouteScope;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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

    /**
     * Sends the requests that are expected to be served, so that the first callers do not pay for
     * what is done once: compiling, allocating, measuring.
     *
     * @param limit how long this may take; the cases that are left then are not sent
     * @return what is wrong, each in a sentence: a case with another answer than the expected one,
     *     or files that can't be read
     */
    public List<String> warmUp(Duration limit) {
        List<String> problems = new ArrayList<>();
        try {
            long end = System.nanoTime() + limit.toNanos();
            for (GoldenCase each : all()) {
                if (!each.expectsSuccess()) {
                    continue;
                }
                if (System.nanoTime() > end) {
                    problems.add(
                            "warm-up was ended after "
                                    + limit.toSeconds()
                                    + " s, before golden case "
                                    + each.name());
                    break;
                }
                CaseResult result = each.run(pipelines);
                if (!result.isPassed()) {
                    problems.add("golden case " + each.name() + ": " + result.differences().get(0));
                }
            }
        } catch (CaseException e) {
            problems.add(String.valueOf(e.getMessage()));
        }
        return problems;
    }
}
