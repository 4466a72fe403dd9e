package io.bactrian.test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.TensorValues;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.opentest4j.AssertionFailedError;

/** The messages of failed tests. */
class KitFailuresTest {

    private static final String ROUTE =
            """
            - beans:
                - name: text
                  type: io.bactrian.preprocess.TextPreprocessor
                  properties: {input: text}
                - name: best
                  type: io.bactrian.postprocess.TopKPostprocessor
                  properties: {k: 1, labelsFile: labels.txt}
            - route:
                id: spam
                from:
                  uri: pipeline:spam
                  parameters: {consumes: application/json, produces: application/json}
                  steps:
                    - unmarshal: {json: {}}
                    - process: {ref: text}
                    - to: {uri: "tensorflow:spam"}
                    - process: {ref: best}
                    - marshal: {json: {}}
            """;

    private static final Path WORK = Path.of("target", "kit-failures");

    @BeforeAll
    static void write() throws IOException {
        write("routes/spam.camel.yaml", ROUTE);
        write("routes/labels.txt", "ham\nspam\n");
        write("cases/a.request.json", "{\"text\": \"a\"}");
        write(
                "cases/a.expected.json",
                "{\"predictions\": [{\"class_id\": 0, \"label\": \"ham\", \"score\": 0.9}]}");
        write("wrong-labels/spam.camel.yaml", ROUTE);
        write("wrong-labels/labels.txt", "ham\nspam\neggs\n");
        write(
                "leaking/spam.camel.yaml",
                ROUTE.replace(
                        "- marshal",
                        "- process: {ref: \"#class:"
                                + Leak.class.getName()
                                + "\"}\n        - marshal"));
        write("leaking/labels.txt", "ham\nspam\n");
    }

    private static void write(String name, String content) throws IOException {
        Path file = WORK.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    @AfterAll
    static void free() {
        Leak.free();
    }

    private static StubModel model(String input) {
        return StubModel.named("spam")
                .input(input, "string", -1)
                .output("scores", "float32", -1, 2)
                .answer("scores", new float[][] {{0.25f, 0.75f}});
    }

    /** A processor that forgets a tensor. */
    public static final class Leak implements Processor {

        private static final List<NamedTensors> LEAKED =
                Collections.synchronizedList(new ArrayList<>());

        @Override
        public void process(Exchange exchange) {
            leak();
        }

        static void leak() {
            LEAKED.add(NamedTensors.of("x", TensorValues.toTensor(List.of(1), DType.FLOAT32, "x")));
        }

        static void free() {
            LEAKED.forEach(NamedTensors::close);
            LEAKED.clear();
        }
    }

    @BactrianTest(routes = "target/kit-failures/routes")
    static class BrokenCase {
        static final StubModel MODEL = model("text");

        @TestFactory
        Stream<? extends DynamicNode> cases(Pipelines pipelines) {
            return pipelines.goldenCases(WORK.resolve("cases"));
        }
    }

    @BactrianTest(routes = "target/kit-failures/wrong-labels")
    static class WrongLabels {
        static final StubModel MODEL = model("text");

        @Test
        void test() {}
    }

    @BactrianTest(routes = "target/kit-failures/routes")
    static class RenamedInput {
        static final StubModel MODEL = model("language");

        @Test
        void test() {}
    }

    @BactrianTest(routes = "target/kit-failures/leaking")
    static class Leaking {
        static final StubModel MODEL = model("text");

        Pipeline pipeline;

        @Test
        void test() {
            pipeline.send("{\"text\": \"a\"}", "application/json").expectStatus(200);
        }
    }

    @BactrianTest(routes = "target/kit-failures/leaking")
    static class LeakingAndWrong {
        static final StubModel MODEL = model("text");

        Pipeline pipeline;

        @Test
        void test() {
            pipeline.send("{\"text\": \"a\"}", "application/json").expectStatus(400);
        }
    }

    @BactrianTest(routes = "target/kit-failures/leaking", checkTensors = false)
    static class LeakingUnchecked {
        static final StubModel MODEL = model("text");

        Pipelines pipelines;

        @TestFactory
        Stream<? extends DynamicNode> contract() {
            return pipelines.contract(WORK.resolve("cases"));
        }
    }

    @BactrianTest(routes = "target/kit-failures/routes")
    static class Assertions {
        static final StubModel MODEL = model("text");

        Pipeline pipeline;

        @Test
        void status() {
            pipeline.send("{}", "application/json").expectStatus(200);
        }

        @Test
        void json() {
            pipeline.send("{\"text\": \"a\"}", "application/json")
                    .expectJson("$.predictions[0].score", 0.5);
        }

        @Test
        void tensor() {
            pipeline.send("{\"text\": \"A\"}", "application/json");
            MODEL.verify().input("text").hasShape(1).hasValues(List.of("A"));
        }

        @Test
        void modelThatFails() {
            MODEL.fail(new IllegalArgumentException("the model's own message"));
            pipeline.send("{\"text\": \"a\"}", "application/json").expectStatus(200);
        }

        @Test
        void modelWithAWrongAnswer() {
            MODEL.answer("scores", new float[] {1});
            pipeline.send("{\"text\": \"a\"}", "application/json").expectStatus(200);
        }
    }

    @BactrianTest(routes = "target/kit-failures/routes")
    static class StubOfAnInstance {
        final StubModel model = model("text");

        @Test
        void test() {}
    }

    @BactrianTest(routes = "target/kit-failures/absent")
    static class NoRoutes {
        @Test
        void test() {}
    }

    @BactrianTest(routes = "target/kit-failures/routes", models = "modles")
    static class NoModels {
        @Test
        void test() {}
    }

    @BactrianTest
    static class NoAttributes {
        @Test
        void test() {}
    }

    /** {@return what the only failing test, or the start of the class, failed with} */
    private static Throwable failure(Class<?> testClass, String test) {
        List<Throwable> failures =
                EngineRuns.failures(
                        EngineRuns.run(testClass),
                        event ->
                                test == null
                                        || event.getTestDescriptor()
                                                .getDisplayName()
                                                .equals(test + "()"));
        assertEquals(1, failures.size(), failures::toString);
        return failures.get(0);
    }

    @Test
    void goldenCaseListsDifferences() {
        Throwable failure = failure(BrokenCase.class, null);
        assertInstanceOf(AssertionFailedError.class, failure);
        assertEquals(
                """
                golden case a
                  $.predictions[0].class_id: expected 0, was 1
                  $.predictions[0].label: expected "ham", was "spam"
                  $.predictions[0].score: expected 0.9, was 0.75""",
                failure.getMessage());
    }

    @Test
    void labelsFileOfWrongLengthFailsTheClass() {
        assertEquals(
                "the pipelines can't be tested:\n  "
                        + WORK.resolve("wrong-labels/spam.camel.yaml").toAbsolutePath()
                        + ":7:26: best (TopKPostprocessor): labelsFile \"labels.txt\" has 3 names for 2"
                        + " classes: output \"scores\" of signature \"serving_default\" of model"
                        + " \"spam\" is float32 [-1, 2]",
                failure(WrongLabels.class, null).getMessage());
    }

    @Test
    void unknownInputFailsTheClass() {
        assertEquals(
                "the pipelines can't be tested:\n  "
                        + WORK.resolve("routes/spam.camel.yaml").toAbsolutePath()
                        + ":4:20: text (TextPreprocessor): input is \"text\", but signature"
                        + " \"serving_default\" of model \"spam\" has the input \"language\""
                        + " string [-1]",
                failure(RenamedInput.class, null).getMessage());
    }

    @Test
    void leakedTensorFailsTheTest() {
        assertEquals(
                "1 tensor was not freed: a processor has made or retained tensors that it does not"
                        + " close (docs/pipelines.md)",
                failure(Leaking.class, null).getMessage());
    }

    @Test
    void leakOfATestThatFailsIsSuppressed() {
        Throwable failure = failure(LeakingAndWrong.class, null);
        assertTrue(
                failure.getMessage().startsWith("status: expected 400, was 200"),
                failure::getMessage);
        assertEquals(
                List.of(
                        "1 tensor was not freed: a processor has made or retained tensors that it"
                                + " does not close (docs/pipelines.md)"),
                Stream.of(failure.getSuppressed()).map(Throwable::getMessage).toList());
    }

    @Test
    void contractOfAClassThatChecksNoTensorsMayLeak() {
        assertEquals(List.of(), EngineRuns.messages(EngineRuns.run(LeakingUnchecked.class)));
    }

    @Test
    void leakOfAContractCheckThatFailsIsSuppressed() {
        IllegalStateException failure =
                assertThrows(
                        IllegalStateException.class,
                        () ->
                                TensorLeakCheck.around(
                                        () -> {
                                            Leak.leak();
                                            throw new IllegalStateException();
                                        }));
        assertEquals(1, failure.getSuppressed().length);
    }

    @Test
    void wrongStatusShowsTheAnswerAndItsCause() {
        Throwable failure = failure(Assertions.class, "status");
        assertEquals(
                """
                status: expected 200, was 400
                answer: 400
                  Content-Type: application/json
                  {"error": "missing field \\"text\\""}""",
                failure.getMessage());
        assertEquals("missing field \"text\"", failure.getCause().getMessage());
    }

    @Test
    void wrongJsonValueShowsItsPath() {
        assertTrue(
                failure(Assertions.class, "json")
                        .getMessage()
                        .startsWith("$.predictions[0].score: expected 0.5, was 0.75\nanswer: 200"));
    }

    @Test
    void wrongTensorShowsItsElement() {
        assertEquals(
                "input \"text\"[0]: expected \"A\", was \"a\"",
                failure(Assertions.class, "tensor").getMessage());
    }

    @Test
    void modelFailureIsTheCause() {
        assertEquals(
                "the model's own message",
                failure(Assertions.class, "modelThatFails").getCause().getMessage());
    }

    @Test
    void stubAnswerOfWrongShapeIsTheCause() {
        assertEquals(
                "StubModel \"spam\" answers output \"scores\" with shape [1], but it is float32"
                        + " [-1, 2]",
                failure(Assertions.class, "modelWithAWrongAnswer").getCause().getMessage());
    }

    @Test
    void stubMustBeStatic() {
        assertTrue(
                failure(StubOfAnInstance.class, null)
                        .getMessage()
                        .endsWith(
                                "must be static: the routes are bound to its signature when they"
                                        + " start, once for the class"));
    }

    @Test
    void missingRoutesFailTheClass() {
        assertEquals(
                "there is no target/kit-failures/absent in " + Path.of("").toAbsolutePath(),
                failure(NoRoutes.class, null).getMessage());
    }

    @Test
    void missingModelsFailTheClass() {
        assertEquals(
                "there is no modles in " + Path.of("").toAbsolutePath(),
                failure(NoModels.class, null).getMessage());
    }

    @Test
    void annotationWithoutRoutesOrModelsFailsTheClass() {
        assertEquals(
                "@BactrianTest names neither routes nor models, and there is no StubModel",
                failure(NoAttributes.class, null).getMessage());
    }
}
