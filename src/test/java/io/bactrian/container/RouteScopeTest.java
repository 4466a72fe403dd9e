package io.bactrian.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.route.RouteScope;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.testing.Await;
import io.bactrian.testing.TestModels;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.Service;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TFloat32;

/** Isolation of the routes of different models. */
class RouteScopeTest {

    private static final String NUMBERS =
            """
            - beans:
                - name: numbers
                  type: io.bactrian.preprocess.JsonArrayPreprocessor
                  properties: {batch: false}
            """;
    private static final String ANSWER = "io.bactrian.container.NumberAnswer";

    /** A step whose stop waits until another one is being stopped, too. */
    public static class Meeting implements Processor, Service {

        static final CountDownLatch STOPPING = new CountDownLatch(2);
        static final AtomicInteger MET = new AtomicInteger();

        private final AtomicBoolean stopped = new AtomicBoolean();

        @Override
        public void process(Exchange exchange) {}

        @Override
        public void start() {}

        @Override
        public void stop() {
            if (stopped.compareAndSet(false, true)) {
                STOPPING.countDown();
                try {
                    if (STOPPING.await(10, TimeUnit.SECONDS)) {
                        MET.incrementAndGet();
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        }
    }

    @RegisterExtension final TestServer server = TestServer.notStarted();

    private void code(String model, String file, String yaml) throws IOException {
        server.file(server.models.resolve(model).resolve("code").resolve(file), yaml);
    }

    /** Creates a model that adds a number to each element of a vector. */
    private void numbers(String name, int added) throws IOException {
        TestModels.model(
                server.models.resolve(name).resolve("1"),
                TFloat32.class,
                Shape.of(Shape.UNKNOWN_SIZE),
                (tf, x) -> tf.math.add(x, tf.constant((float) added)));
    }

    private String answer(String pipeline) {
        HttpResponse<String> response =
                server.http().post("/models/" + pipeline + "/invoke", "{\"text\": \"Hi\"}");
        assertEquals(200, response.statusCode(), response.body());
        return response.body();
    }

    private void assertBroken(String pipeline, String... parts) {
        HttpResponse<String> response = server.http().post("/models/" + pipeline + "/invoke", "");
        assertEquals(503, response.statusCode(), response.body());
        for (String part : parts) {
            assertTrue(response.body().contains(part), response.body());
        }
    }

    private static String bean(String name, String text) {
        return """
               - beans:
                   - {name: %s, type: java.lang.String, constructors: {0: "%s"}}
               """
                .formatted(name, text);
    }

    private static String route(String pipeline, String... steps) {
        return routeWithId(pipeline, pipeline, steps);
    }

    private static String routeWithId(String id, String pipeline, String... steps) {
        return """
               - route:
                   id: %s
                   from:
                     uri: pipeline:%s
                     steps:
               """
                        .formatted(id, pipeline)
                + String.join(
                        "", Stream.of(steps).map(step -> "        - " + step + "\n").toList());
    }

    @Test
    void beansAreLocalToTheScope() throws Exception {
        for (String model : List.of("a", "b")) {
            server.model(model + "/1");
            code(
                    model,
                    "p.camel.yaml",
                    bean("word", "the word of " + model)
                            + route(model, "setBody: {simple: \"${ref:word}\"}"));
        }
        server.start();
        assertEquals("the word of a", answer("a"));
        assertEquals("the word of b", answer("b"));
    }

    @Test
    void routeIdsAndDirectEndpointsAreLocalToTheScope() throws Exception {
        for (String model : List.of("a", "b")) {
            server.model(model + "/1");
            code(
                    model,
                    "p.camel.yaml",
                    routeWithId("main", model, "to: {uri: \"direct:rest\"}")
                            + """
                              - route:
                                  id: rest
                                  from:
                                    uri: direct:rest
                                    steps:
                                      - setBody: {constant: "%s"}
                              """
                                    .formatted(model));
        }
        server.start();
        assertEquals(List.of(), server.container().pipelines().loaded().faults());
        assertEquals("a", answer("a"));
        assertEquals("b", answer("b"));
    }

    @Test
    void routeConfigurationsApplyToTheirScopeForAnyFileName() throws Exception {
        String throwing = "throwException: {exceptionType: java.io.IOException, message: no}";
        for (String model : List.of("a", "b", "c")) {
            server.model(model + "/1");
            code(model, "m.camel.yaml", route(model, throwing));
        }
        for (String model : List.of("a", "b")) {
            code(
                    model,
                    (model.equals("a") ? "z" : "_") + ".camel.yaml",
                    """
                    - routeConfiguration:
                        onException:
                          - onException:
                              exception: [java.io.IOException]
                              handled: {constant: "true"}
                              steps:
                                - setBody: {constant: "handled by %s"}
                    """
                            .formatted(model));
        }
        server.start();
        assertEquals("handled by a", answer("a"));
        assertEquals("handled by b", answer("b"));
        assertEquals(500, server.post("/models/c/invoke").statusCode());
    }

    @Test
    void templatesOfAnyFileAreUsed() throws Exception {
        server.model("a/1").model("b/1");
        server.file(
                server.routes.resolve("a.camel.yaml"),
                """
                - templatedRoute:
                    routeTemplateRef: lower
                    routeId: lower-a
                    parameters:
                      - {name: model, value: a}
                - templatedRoute:
                    routeTemplateRef: lower
                    routeId: lower-b
                    parameters:
                      - {name: model, value: b}
                      - {name: answer, value: "#class:io.bactrian.container.TextAnswer"}
                """);
        server.file(
                server.routes.resolve("z.camel.yaml"),
                """
                - routeTemplate:
                    id: lower
                    parameters:
                      - name: model
                      - {name: answer, defaultValue: "#class:io.bactrian.container.TextAnswer"}
                    from:
                      uri: "pipeline:lower-{{model}}"
                      parameters: {consumes: application/json, produces: application/json}
                      steps:
                        - unmarshal: {json: {}}
                        - process: {ref: "#class:io.bactrian.preprocess.TextPreprocessor"}
                        - to: {uri: "tensorflow:{{model}}"}
                        - process: {ref: "{{answer}}"}
                        - setBody: {simple: "{{model}} ${body}"}
                        - marshal: {json: {}}
                """);
        server.start();
        assertEquals(List.of(), server.container().pipelines().loaded().faults());
        assertEquals("\"a hi\"", answer("lower-a"));
        assertEquals("\"b hi\"", answer("lower-b"));
    }

    @Test
    void missingTemplateOrParameterIsNamed() throws Exception {
        server.model("a/1");
        server.file(
                server.routes.resolve("p.camel.yaml"),
                "- templatedRoute: {routeTemplateRef: absent, routeId: p}\n");
        server.file(
                server.routes.resolve("q.camel.yaml"),
                """
                - routeTemplate:
                    id: named
                    parameters: [{name: word}]
                    from: {uri: "pipeline:q", steps: [{setBody: {constant: "{{word}}"}}]}
                - templatedRoute: {routeTemplateRef: named, routeId: q}
                """);
        server.start();
        assertBroken("p", "p.camel.yaml", "absent");
        assertBroken("q", "q.camel.yaml", "word");
    }

    @Test
    void modelWithAnExcludedPipelineIsServedByPredict() throws Exception {
        server.model("a/1");
        code(
                "a",
                "a.camel.yaml",
                """
                - route:
                    id: a
                    precondition: "{{?a-is-on}}"
                    from: {uri: "pipeline:a", steps: [{setBody: {constant: "on"}}]}
                """);
        server.start();
        assertEquals("{\"predictions\":[\"Hi\"]}", server.predict("/models/a/invoke").body());
        assertTrue(
                server.report()
                        .contains("\n  a: not served, its precondition {{?a-is-on}} is false"),
                server.report());
    }

    @ParameterizedTest
    @ValueSource(strings = {"several", "lone"})
    void classesOfLibAreLocalToTheScope(String layout) throws Exception {
        List<String> models = layout.equals("lone") ? List.of("") : List.of("a", "b");
        for (String model : models) {
            server.model(model.isEmpty() ? "1" : model + "/1");
            Path code = server.models.resolve(model).resolve("code");
            jar(code.resolve("lib/shout.jar"), "acme.Shout", "of " + layout + model);
            server.file(
                    code.resolve("p.camel.yaml"),
                    route("p" + model, "process: {ref: \"#class:acme.Shout\"}"));
        }
        server.start();
        for (String model : models) {
            assertEquals("of " + layout + model + ", seen by its thread", answer("p" + model));
        }
    }

    /** Creates a jar with a class that checks the context class loader of its thread. */
    private void jar(Path jar, String name, String text) throws IOException {
        String simpleName = name.substring(name.lastIndexOf('.') + 1);
        String source =
                """
                package acme;
                public class %s implements org.apache.camel.Processor {
                    public void process(org.apache.camel.Exchange exchange) throws Exception {
                        Class<?> seen =
                                Thread.currentThread().getContextClassLoader()
                                        .loadClass("acme.Shout");
                        exchange.getMessage().setBody(
                                "%s" + (seen == getClass() ? ", seen by its thread" : ""));
                    }
                }
                """
                        .formatted(simpleName, text);
        jarOf(jar, Map.of(simpleName, source), simpleName);
    }

    /**
     * Compiles classes and creates a jar of some of them.
     *
     * @param sources the sources by class name, in the package acme
     * @param packed the names of the classes in the jar
     */
    private void jarOf(Path jar, Map<String, String> sources, String... packed) throws IOException {
        Path classes = Files.createTempDirectory(server.folder, "classes");
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        List<JavaFileObject> files = new ArrayList<>();
        sources.forEach(
                (name, source) ->
                        files.add(
                                new SimpleJavaFileObject(
                                        URI.create("string:///acme/" + name + ".java"),
                                        JavaFileObject.Kind.SOURCE) {
                                    @Override
                                    public CharSequence getCharContent(boolean ignoreErrors) {
                                        return source;
                                    }
                                }));
        List<String> options = List.of("-d", classes.toString());
        assertTrue(compiler.getTask(null, null, null, options, null, files).call());
        Files.createDirectories(jar.getParent());
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
            for (String name : packed) {
                String path = "acme/" + name + ".class";
                out.putNextEntry(new ZipEntry(path));
                Files.copy(classes.resolve(path), out);
            }
        }
    }

    @Test
    void unusableClassesBreakOnlyTheirFile() throws Exception {
        server.model("a/1").model("b/1").code("b", "b");
        String step =
                "implements org.apache.camel.Processor { public void process(org.apache"
                        + ".camel.Exchange exchange) {} %s }";
        jarOf(
                server.models.resolve("a/code/lib/x.jar"),
                Map.of(
                        "Base", "package acme; public class Base {}",
                        "Orphan",
                                "package acme; public class Orphan extends Base "
                                        + step.formatted(""),
                        "Static",
                                "package acme; public class Static "
                                        + step.formatted(
                                                "static { if (true) throw new"
                                                        + " IllegalStateException(\"in its class\"); }"),
                        "Asserting",
                                "package acme; public class Asserting "
                                        + step.formatted(
                                                "public Asserting() { throw new"
                                                        + " AssertionError(\"in its bean\"); }"),
                        "Starting",
                                "package acme; public class Starting extends"
                                        + " org.apache.camel.support.service.ServiceSupport "
                                        + step.formatted(
                                                "protected void doStart() { throw new"
                                                        + " AssertionError(\"at its start\"); }"
                                                        + " protected void doStop() { throw new"
                                                        + " AssertionError(\"at its stop\"); }")),
                "Orphan",
                "Static",
                "Asserting",
                "Starting");
        for (String name : List.of("Orphan", "Static", "Asserting", "Starting")) {
            code(
                    "a",
                    name + ".camel.yaml",
                    "- beans: [{name: %1$s, type: acme.%1$s}]\n".formatted(name)
                            + route(name, "process: {ref: %s}".formatted(name)));
            code(
                    "a",
                    name + "-by-class.camel.yaml",
                    route(
                            name + "-by-class",
                            "process: {ref: \"#class:acme.%s\"}".formatted(name)));
        }
        code("a", "fine.camel.yaml", route("fine", "setBody: {constant: served}"));
        server.start();
        assertEquals("served", answer("fine"));
        assertEquals("\"hi\"", answer("b"));
        for (String suffix : List.of("", "-by-class")) {
            assertBroken("Orphan" + suffix, "there is no class acme.Base");
            assertBroken("Static" + suffix, "Static");
            assertBroken("Asserting" + suffix, "in its bean");
            assertBroken("Starting" + suffix, "at its start");
        }
    }

    @Test
    void brokenRoutesDirectoryBreaksOnlyItsPipelines() throws Exception {
        server.model("a/1");
        server.file(server.routes.resolve("p.camel.yaml"), route("p", "setBody: {constant: x}"));
        brokenSettings(server.routes.resolve("lib"));
        server.start();
        assertBroken("p", "p.camel.yaml", "nope");
        assertEquals("{\"predictions\":[\"Hi\"]}", server.predict("/models/a/invoke").body());
        assertTrue(server.report().contains("nope"), server.report());
    }

    private static void brokenSettings(Path lib) throws IOException {
        Files.createDirectories(lib);
        try (JarOutputStream out =
                new JarOutputStream(Files.newOutputStream(lib.resolve("x.jar")))) {
            out.putNextEntry(new ZipEntry("application.properties"));
            out.write("camel.main.nope=1\n".getBytes(StandardCharsets.US_ASCII));
        }
    }

    @Test
    void nameDefinedInTwoFilesBreaksBoth() throws Exception {
        server.model("a/1");
        List<String> twice =
                List.of(
                        bean("it", "x"),
                        "- routeConfiguration: {id: it, onException: []}\n",
                        """
                        - routeTemplate:
                            id: it
                            from: {uri: "direct:x", steps: [{setBody: {constant: x}}]}
                        """,
                        "- errorHandler: {noErrorHandler: {}}\n");
        List<String> kinds =
                List.of(
                        "bean \\\"it\\\"",
                        "route configuration \\\"it\\\"",
                        "route template \\\"it\\\"",
                        "the error handler of the folder's routes");
        for (int i = 0; i < twice.size(); i++) {
            Path code = server.models.resolve("m" + i).resolve("code");
            server.model("m" + i + "/1");
            for (String file : List.of("p", "q")) {
                server.file(
                        code.resolve(file + ".camel.yaml"),
                        twice.get(i) + route(file + i, "setBody: {constant: x}"));
            }
            server.file(
                    code.resolve("r.camel.yaml"), route("r" + i, "setBody: {constant: served}"));
        }
        server.start();
        for (int i = 0; i < twice.size(); i++) {
            String message = kinds.get(i) + " is defined twice, in ";
            assertBroken("p" + i, message, "p.camel.yaml and ", "q.camel.yaml");
            assertBroken("q" + i, message, "p.camel.yaml and ", "q.camel.yaml");
            assertEquals("served", answer("r" + i));
        }
    }

    @Test
    void errorHandlerIsLocalToTheScope() throws Exception {
        String throwing = "throwException: {exceptionType: java.io.IOException, message: no}";
        for (String model : List.of("a", "b")) {
            server.model(model + "/1");
            code(model, "m.camel.yaml", route(model, throwing));
        }
        code(
                "a",
                "z.camel.yaml",
                """
                - errorHandler: {deadLetterChannel: {deadLetterUri: "direct:dead"}}
                - route: {from: {uri: "direct:dead", steps: [{setBody: {constant: dead}}]}}
                """);
        server.start();
        assertEquals("dead", answer("a"));
        assertEquals(500, server.post("/models/b/invoke").statusCode());
    }

    @Test
    void beanDefinedTwiceIsUnusable() throws Exception {
        server.model("a/1");
        String user = "setBody: {simple: \"${ref:it}\"}";
        server.file(
                server.routes.resolve("p.camel.yaml"),
                bean("it", "x") + bean("it", "y") + route("p", user));
        server.file(server.routes.resolve("q.camel.yaml"), route("q", "process: {ref: it}"));
        server.start();
        assertBroken("p", "p.camel.yaml: bean \\\"it\\\" is defined twice\"");
        assertBroken("q", "it");
    }

    @Test
    void selfIsTheModelInAnyKindOfEndpoint() throws Exception {
        List<String> ways =
                List.of(
                        "to: {uri: \"tensorflow:self\"}",
                        "toD: {uri: \"tensorflow:self\"}",
                        "toD: {uri: \"tensorflow:${variable.which}\"}",
                        "to: {uri: \"tensorflow:{{mymodel:self}}\"}",
                        "enrich: {constant: \"tensorflow:self\"}",
                        "enrich: {expression: {constant: \"tensorflow:self?signature=serving_default\"}}",
                        "recipientList: {constant: \"tensorflow:self\"}",
                        "routingSlip: {constant: \"tensorflow:self\"}",
                        "multicast: {steps: [{to: {uri: \"tensorflow:self\"}}]}");
        for (String model : List.of("a", "b")) {
            numbers(model, model.equals("a") ? 1 : 2);
            List<String> routes = new ArrayList<>();
            for (int i = 0; i < ways.size(); i++) {
                routes.add(
                        route(
                                model + i,
                                "setVariable: {name: which, constant: self}",
                                "process: {ref: \"#numbers\"}",
                                ways.get(i),
                                "process: {ref: \"#class:" + ANSWER + "\"}"));
            }
            code(model, "p.camel.yaml", NUMBERS + String.join("", routes));
        }
        server.start();
        assertEquals(List.of(), server.container().pipelines().loaded().faults());
        for (String model : List.of("a", "b")) {
            for (int i = 0; i < ways.size(); i++) {
                HttpResponse<String> response =
                        server.http().post("/models/" + model + i + "/invoke", "[0]");
                assertEquals(model.equals("a") ? "1.0" : "2.0", response.body(), ways.get(i));
            }
        }
    }

    @Test
    void selfIsInvalidInTheRoutesDirectory() throws Exception {
        server.model("a/1").route("p", "self").start();
        assertBroken("p", "tensorflow:self is the model whose code folder a file is in");
    }

    @Test
    void pipelineOfAnotherModelIsCalledByName() throws Exception {
        server.model("a/1").model("b/1");
        code(
                "a",
                "a.camel.yaml",
                bean("word", "a's")
                        + route(
                                "a",
                                "setProperty: {name: tenant, constant: me}",
                                "setHeader: {name: Asked, constant: by-a}",
                                "to: {uri: \"pipeline:b\"}",
                                "setBody: {simple: \"${ref:word} ${body} ${header.Told}\"}"));
        code(
                "b",
                "b.camel.yaml",
                bean("word", "b's")
                        + route(
                                "b",
                                "setHeader: {name: Told, simple: \"${header.Asked}\"}",
                                "setBody: {simple: \"${ref:word} for ${exchangeProperty.tenant}\"}")
                        + route(
                                "failing",
                                "throwException: {exceptionType: java.io.IOException, message: no}"));
        code(
                "a",
                "c.camel.yaml",
                route(
                        "c",
                        "doTry: {steps: [{to: {uri: \"pipeline:failing\"}}],"
                                + " doCatch: [{exception: [java.io.IOException],"
                                + " steps: [{setBody: {simple: \"caught ${exception.message}\"}}]}]}"));
        server.start();
        assertEquals("a's b's for me by-a", answer("a"));
        assertEquals("caught no", answer("c"));
    }

    @Test
    void failureOfATappedPipelineIsLoggedOnce() throws Exception {
        server.model("a/1").model("b/1");
        code(
                "a",
                "a.camel.yaml",
                route("a", "wireTap: {uri: \"pipeline:b\"}", "setBody: {constant: answered}"));
        String throwing = "throwException: {exceptionType: java.io.IOException, message: %s}";
        code("b", "b.camel.yaml", route("b", throwing.formatted("in b")));
        code(
                "b",
                "c.camel.yaml",
                route("c", "wireTap: {uri: \"direct:d\"}", "setBody: {constant: answered}")
                        + """
                          - route: {from: {uri: "direct:d", steps: [{%s}]}}
                          """
                                .formatted(throwing.formatted("in d")));
        server.start();
        try (LogLines lines = new LogLines()) {
            assertEquals("answered", answer("a"));
            Await.await("a line", () -> lines.count("no request waits") == 1);
            assertEquals("answered", answer("c"));
            Await.await("a line", () -> lines.count("no request waits") == 2);
            assertEquals(1, lines.count("in b"));
            assertEquals(1, lines.count("in d"));
        }
    }

    @Test
    void tensorsOfAnotherModelsPipelineCanBeRead() throws Exception {
        numbers("a", 1);
        numbers("b", 2);
        code(
                "a",
                "a.camel.yaml",
                NUMBERS
                        + route(
                                "a",
                                "process: {ref: \"#numbers\"}",
                                "to: {uri: \"pipeline:b\"}",
                                "process: {ref: \"#class:" + ANSWER + "\"}"));
        code("b", "b.camel.yaml", route("b", "to: {uri: \"tensorflow:self\"}"));
        server.start();
        long before = NamedTensors.open();
        for (int i = 0; i < 20; i++) {
            assertEquals("2.0", server.http().post("/models/a/invoke", "[0]").body());
        }
        assertTrue(NamedTensors.open() <= before);
    }

    @Test
    void unsupportedDefinitionsAreReported() throws Exception {
        server.model("a/1");
        server.file(
                server.routes.resolve("p.camel.yaml"),
                route("p", "setBody: {constant: served}")
                        + """
                          - rest:
                              path: /hello
                              get: [{path: /, to: "direct:x"}]
                          - route:
                              id: web
                              from: {uri: "platform-http:/hello", steps: [{setBody: {constant: x}}]}
                          - route:
                              id: rested
                              from: {uri: "rest:get:hello", steps: [{setBody: {constant: x}}]}
                          """);
        server.start();
        assertEquals("served", answer("p"));
        String cure = "pipeline:<name>";
        for (String what : List.of("rest is not served here", "\"web\" of ", "\"rested\" of ")) {
            assertTrue(
                    server.report()
                            .lines()
                            .anyMatch(line -> line.contains(what) && line.contains(cure)),
                    what + " in " + server.report());
        }
    }

    @Test
    void jarsWithoutARouteAreReported() throws Exception {
        server.model("a/1");
        Path lib = server.models.resolve("a/code/lib");
        jar(lib.resolve("shout.jar"), "acme.Shout", "x");
        server.start();
        assertTrue(server.report().contains("\n  " + lib + " is not used, "), server.report());
    }

    @Test
    void scopeThatCannotStartBreaksOnlyItsModel() throws Exception {
        server.model("a/1").model("b/1").code("b", "b");
        code("a", "a.camel.yaml", route("a", "setBody: {constant: x}"));
        code("a", "other.camel.yaml", route("other", "setBody: {constant: x}"));
        brokenSettings(server.models.resolve("a/code/lib"));
        server.start();
        assertEquals("\"hi\"", answer("b"));
        assertBroken("a", "nope");
        assertBroken("other", "nope");
    }

    @Test
    void scopeCanBeClosedSeparately() throws Exception {
        for (String model : List.of("a", "b")) {
            server.model(model + "/1");
            code(
                    model,
                    "p.camel.yaml",
                    bean("word", model) + route(model, "setBody: {simple: \"${ref:word}\"}"));
        }
        server.start();
        assertEquals("a", answer("a"));
        server.container().pipelines().loaded().scopes().stream()
                .filter(scope -> scope.model().equals("a"))
                .forEach(RouteScope::close);
        assertEquals(404, server.post("/models/a/invoke").statusCode());
        assertEquals("b", answer("b"));
        assertEquals(200, server.ping());
    }

    /** The process must exit in time for any number of scopes. */
    @Test
    void scopesAreStoppedConcurrently() throws Exception {
        for (String name : List.of("a", "b")) {
            numbers(name, 1);
            code(
                    name,
                    "meet.camel.yaml",
                    """
                    - route:
                        from:
                          uri: direct:meet
                          steps:
                            - process:
                                ref: "#class:io.bactrian.container.RouteScopeTest$Meeting"
                    """);
        }
        server.start();
        server.stop();
        assertEquals(2, Meeting.MET.get());
    }

    @Test
    void removingTheLastPipelineLeavesNothingToServe() throws Exception {
        server.model("a/1").code("a", "a").start();
        assertEquals(200, server.post("/invocations").statusCode());
        server.container().pipelines().loaded().scopes().forEach(RouteScope::close);
        HttpResponse<String> response = server.post("/invocations");
        assertEquals(503, response.statusCode());
        assertEquals("{\"error\": \"nothing can be served\"}", response.body());
    }
}
