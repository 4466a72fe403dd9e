package io.bactrian.test;

import io.bactrian.cases.CaseResult;
import io.bactrian.cases.GoldenCase;
import io.bactrian.cases.GoldenCases;
import io.bactrian.container.Container;
import io.bactrian.pipeline.PipelineConsumer;
import io.bactrian.route.RouteCoverage;
import io.bactrian.serving.LocalPipelines;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.opentest4j.AssertionFailedError;

/** The started pipelines of a test class. */
public final class Pipelines {

    /** The system property that has golden cases recorded anew, set to {@code update}. */
    public static final String GOLDEN = "bactrian.golden";

    private final LocalPipelines local;
    private final RouteCoverage coverage;
    private final boolean checksTensors;
    private final Callable<Container> server;

    /**
     * @param checksTensors whether tensors that are not freed after a test make it fail
     * @param server starts a container with the same pipelines
     */
    Pipelines(
            LocalPipelines local,
            RouteCoverage coverage,
            boolean checksTensors,
            Callable<Container> server) {
        this.checksTensors = checksTensors;
        this.local = local;
        this.server = server;
        this.coverage = coverage;
    }

    /**
     * {@return a pipeline}
     *
     * @param name the pipeline's name
     * @throws IllegalArgumentException if there is none of that name
     */
    public Pipeline get(String name) {
        return new Pipeline(local, consumer(name));
    }

    /**
     * {@return the only pipeline}
     *
     * @throws IllegalArgumentException if there are several
     */
    public Pipeline only() {
        List<String> names = names();
        if (names.size() != 1) {
            throw new IllegalArgumentException(
                    "there are several pipelines, "
                            + String.join(", ", names)
                            + ": say which by @Named");
        }
        return get(names.get(0));
    }

    /**
     * {@return the names of the pipelines that somebody wrote, in alphabetical order; if there are
     * none, of the models, which have a built-in pipeline each}
     */
    public List<String> names() {
        List<String> written = local.loaded().defined();
        return local.pipelines().stream()
                .map(pipeline -> pipeline.getEndpoint().getName())
                .filter(name -> written.isEmpty() || written.contains(name))
                .sorted()
                .toList();
    }

    /**
     * {@return the Camel context of a pipeline's routes, for mocks and AdviceWith}
     *
     * @param pipeline the pipeline's name
     */
    public CamelContext context(String pipeline) {
        return consumer(pipeline).getEndpoint().getCamelContext();
    }

    private PipelineConsumer consumer(String name) {
        return local.pipelines().stream()
                .filter(pipeline -> pipeline.getEndpoint().getName().equals(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "there is no pipeline \""
                                                + name
                                                + "\", only "
                                                + String.join(", ", names())));
    }

    /**
     * {@return a test for each golden case of a folder} With the system property {@value #GOLDEN}
     * set to {@code update}, the answers are recorded as the expected ones.
     *
     * @param folder such as {@code src/test/cases}; the cases in a subfolder are for the pipeline
     *     of its name
     */
    public Stream<DynamicTest> goldenCases(Path folder) {
        return cases(folder).stream()
                .map(each -> DynamicTest.dynamicTest(each.name(), () -> check(each)));
    }

    private void check(GoldenCase golden) {
        boolean update = "update".equals(System.getProperty(GOLDEN));
        CaseResult result = update ? golden.update(local) : golden.run(local);
        if (!result.isPassed()) {
            throw new AssertionFailedError(result.describe());
        }
    }

    /**
     * {@return the {@linkplain PipelineContract contract checks} of each pipeline that a golden
     * case expects to succeed, with the request of the first such case}
     *
     * @param folder the folder with the cases
     */
    public Stream<DynamicContainer> contract(Path folder) {
        return served(folder).entrySet().stream()
                .map(each -> contract(get(each.getKey()), each.getValue()));
    }

    private DynamicContainer contract(Pipeline pipeline, GoldenCase valid) {
        return DynamicContainer.dynamicContainer(
                pipeline.name(), new PipelineContract(pipeline, valid, checksTensors).tests());
    }

    /**
     * {@return checks of the container with these pipelines, over HTTP on a free port of 127.0.0.1:
     * see {@link ServerContract}}
     *
     * @param folder the folder with the golden cases, whose requests are sent
     */
    public Stream<DynamicTest> serverContract(Path folder) {
        return new ServerContract(server, List.copyOf(served(folder).values())).tests();
    }

    /** The first case of each pipeline that is expected to succeed, by pipeline. */
    private Map<String, GoldenCase> served(Path folder) {
        Map<String, GoldenCase> served = new LinkedHashMap<>();
        for (GoldenCase each : cases(folder)) {
            if (each.expectsSuccess()) {
                String name = local.selector().select(each.pipeline()).getEndpoint().getName();
                served.putIfAbsent(name, each);
            }
        }
        return served;
    }

    private List<GoldenCase> cases(Path folder) {
        return GoldenCases.atLeastOneIn(folder, names().size() == 1 ? names().get(0) : null);
    }

    /** {@return which steps of the routes have run so far} */
    public RouteCoverage coverage() {
        return coverage;
    }
}
