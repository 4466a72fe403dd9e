package io.bactrian.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bactrian.container.http.RequestTarget;
import io.bactrian.testing.TestModels;
import java.net.http.HttpResponse;
import java.nio.charset.Charset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TFloat32;

/** A model's folder may have any name that the file system supports. */
class ModelNamesTest {

    private static final List<String> NAMES =
            List.of(
                    "a b",
                    "a%20b",
                    "a%2520b",
                    "a+b",
                    "a?b",
                    "a?b=c",
                    "{{x}}",
                    "${x}",
                    "{x}",
                    "RAW(x)",
                    "RAW{x}",
                    "#class:java.lang.String",
                    "a&b",
                    "a=b",
                    "a#b",
                    "a:b",
                    "a;b",
                    "a,b",
                    "a@b",
                    "100%",
                    "%zz",
                    "~",
                    "~7E",
                    "a~20b",
                    "'a'",
                    "\"a\"",
                    "a|b",
                    "a\\b",
                    "[a]",
                    "<a>",
                    "^",
                    "`",
                    "$",
                    "*",
                    "!",
                    "a\nb",
                    "a\tb",
                    "-a",
                    "self");

    private static final String BEANS =
            """
            - beans:
                - name: numbers
                  type: io.bactrian.preprocess.JsonArrayPreprocessor
                  properties: {batch: false}
            """;

    @RegisterExtension final TestServer server = TestServer.notStarted();

    /** Creates a model that adds a number, by which models are distinguished. */
    private void model(String name, int added) throws Exception {
        TestModels.model(
                server.models.resolve(name).resolve("1"),
                TFloat32.class,
                Shape.of(Shape.UNKNOWN_SIZE),
                (tf, x) -> tf.math.add(x, tf.constant((float) added)));
    }

    private static String path(String name) {
        return "/models/" + RequestTarget.escape(name) + "/invoke";
    }

    private void assertEachAnswers(List<String> names) throws Exception {
        for (int i = 0; i < names.size(); i++) {
            model(names.get(i), i);
        }
        server.start();
        assertEquals(List.of(), server.container().pipelines().loaded().faults());
        assertEquals(200, server.ping());
        for (int i = 0; i < names.size(); i++) {
            HttpResponse<String> response =
                    server.http().post(path(names.get(i)), "{\"instances\": [0]}");
            assertEquals("{\"predictions\":[" + i + ".0]}", response.body(), names.get(i));
        }
        String report = server.report();
        assertTrue(report.contains("\n  a b version 1\n"), report);
        // A line break in a name is escaped in the report.
        assertTrue(report.contains("\n  a\\nb version 1\n"), report);
    }

    @Test
    void modelsOfAnyNameAreServed() throws Exception {
        assertEachAnswers(NAMES);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ä", "a\u0308", "日本", "😀"})
    void modelsOfUnicodeNamesAreServed(String name) throws Exception {
        assumeTrue(
                Charset.forName(System.getProperty("sun.jnu.encoding")).newEncoder().canEncode("日"),
                "skipped: Java can't use such file names in this locale");
        model(name, 1);
        server.start();
        HttpResponse<String> response = server.http().post(path(name), "{\"instances\": [0]}");
        assertEquals("{\"predictions\":[1.0]}", response.body());
    }

    /** Models called as tensorflow:self, and by names in URIs, literal or percent-encoded. */
    @Test
    void routesCallModelsOfAnyName() throws Exception {
        for (int i = 0; i < NAMES.size(); i++) {
            String name = NAMES.get(i);
            model(name, i);
            server.file(
                    server.models.resolve(name).resolve("code/p.camel.yaml"),
                    (name.equals("*") ? "" : BEANS) + route("own-" + i, "tensorflow:self"));
        }
        server.file(
                server.models.resolve("*/code/q.camel.yaml"),
                BEANS
                        + route("blank", "tensorflow:a b")
                        + route("escaped-blank", "tensorflow:a%20b")
                        + route("twice", "tensorflow:a%2520b")
                        + route("question", "tensorflow:a%3Fb?signature=serving_default")
                        + route("braces", "tensorflow:%7B%7Bx%7D%7D")
                        + route("percent", "tensorflow:100%"));
        server.start();
        assertEquals(List.of(), server.container().pipelines().loaded().faults());
        for (int i = 0; i < NAMES.size(); i++) {
            assertAnswersAs("own-" + i, NAMES.get(i));
        }
        assertAnswersAs("blank", "a b");
        // The literal name takes precedence over the decoded one.
        assertAnswersAs("escaped-blank", "a%20b");
        assertAnswersAs("twice", "a%2520b");
        assertAnswersAs("question", "a?b");
        assertAnswersAs("braces", "{{x}}");
        assertAnswersAs("percent", "100%");
    }

    private void assertAnswersAs(String pipeline, String model) {
        assertEquals(
                NAMES.indexOf(model) + ".0",
                server.http().post(path(pipeline), "[0]").body(),
                pipeline);
    }

    private static String route(String pipeline, String model) {
        return """
               - route:
                   id: %1$s
                   from:
                     uri: pipeline:%1$s
                     steps:
                       - process: {ref: "#numbers"}
                       - to: {uri: "%2$s"}
                       - process: {ref: "#class:io.bactrian.container.NumberAnswer"}
               """
                .formatted(pipeline, model);
    }
}
