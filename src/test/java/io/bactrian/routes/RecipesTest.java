package io.bactrian.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.cases.CaseResult;
import io.bactrian.cases.GoldenCase;
import io.bactrian.container.ContainerConfig;
import io.bactrian.preprocess.text.SubwordTokenizer;
import io.bactrian.serving.BundledCases;
import io.bactrian.serving.LocalPipelines;
import io.bactrian.tensor.NamedTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The recipes of src/examples/recipes, each with its model: the expected answers are those of the
 * Python in make_recipes.py.
 */
class RecipesTest {

    private static final Path RECIPES = Path.of("src/examples/recipes").toAbsolutePath();

    private static final int TOKENIZERS = SubwordTokenizer.open();

    private static LocalPipelines pipelines;

    @BeforeAll
    static void load() {
        pipelines =
                new LocalPipelines(
                        ContainerConfig.of(Map.of("BACTRIAN_MODEL_DIR", RECIPES.toString()))
                                .serving());
        pipelines.load();
    }

    @AfterAll
    static void close() {
        assertTrue(SubwordTokenizer.open() > TOKENIZERS);
        pipelines.close();
        assertEquals(TOKENIZERS, SubwordTokenizer.open());
    }

    private static List<Path> folders() throws IOException {
        try (Stream<Path> children = Files.list(RECIPES)) {
            // Models that another recipe calls have no code.
            return children.filter(each -> Files.isDirectory(each.resolve("code")))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void everyRecipeIsServed() {
        assertEquals(List.of(), pipelines.loaded().faults());
        assertEquals(List.of(), pipelines.loaded().warnings());
    }

    @TestFactory
    Stream<DynamicTest> answersAreThoseOfPython() {
        return new BundledCases(pipelines)
                .all().stream()
                        .map(each -> DynamicTest.dynamicTest(each.name(), () -> check(each)));
    }

    private static void check(GoldenCase golden) {
        long before = NamedTensors.open();
        CaseResult result = golden.run(pipelines);
        assertEquals(List.of(), result.differences());
        assertTrue(NamedTensors.open() <= before);
    }

    @Test
    void everyRecipeHasTwoCasesOrMore() throws IOException {
        Map<String, Integer> cases = new TreeMap<>();
        for (GoldenCase each : new BundledCases(pipelines).all()) {
            cases.merge(each.name().substring(0, each.name().indexOf('/')), 1, Integer::sum);
        }
        for (Path folder : folders()) {
            int count = cases.getOrDefault(folder.getFileName().toString(), 0);
            assertTrue(count >= 2, () -> folder + " has " + count);
        }
    }
}
