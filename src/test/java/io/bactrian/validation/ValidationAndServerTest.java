package io.bactrian.validation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.bactrian.container.ContainerConfig;
import io.bactrian.route.LoadFault;
import io.bactrian.serving.LocalPipelines;
import io.bactrian.serving.NoHttpEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A file that the server takes has no fault, and one that it refuses has some. */
class ValidationAndServerTest {

    private static final String STEP =
            "- route: {from: {uri: 'pipeline:a', steps: [%s, {log: end}]}}\n";

    @TempDir private Path folder;

    private void check(String text, boolean isTaken) throws IOException {
        Path models = Files.createDirectory(folder.resolve("models"));
        Path file = Files.createDirectory(folder.resolve("routes")).resolve("a.camel.yaml");
        Files.writeString(file, text);
        List<RouteFault> found =
                new RouteValidator().validate(List.of(file), new NoHttpEngine()).get(file);
        List<LoadFault> refused = refused(models, file);
        assertEquals(isTaken, refused.isEmpty(), refused::toString);
        assertEquals(isTaken, found.isEmpty(), found::toString);
    }

    private static List<LoadFault> refused(Path models, Path file) {
        Map<String, String> settings =
                Map.of(
                        "BACTRIAN_MODEL_DIR",
                        models.toString(),
                        "BACTRIAN_ROUTES_DIR",
                        Objects.requireNonNull(file.getParent()).toString());
        try (LocalPipelines pipelines =
                new LocalPipelines(ContainerConfig.of(settings).serving())) {
            pipelines.load();
            return pipelines.loaded().faults().stream()
                    .filter(fault -> fault.file() != null)
                    .toList();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\ufeff- from: {uri: 'pipeline:a', steps: [{log: a}]}",
                "- from:\r\n    uri: pipeline:a\r\n    steps: [{log: a}]\r\n",
                "--- # a document\n- from: {uri: 'pipeline:a', steps: [{log: a}]}\n...\n",
                "- from: {uri: 'pipeline:a', steps: &s [{log: a}]}\n"
                        + "- from: {uri: 'pipeline:b', steps: *s}\n",
                "[{\"from\": {\"uri\": \"pipeline:a\", \"steps\": [{\"log\": \"a\"}]}}]",
                "- from: {uri: '{{none:pipeline:a}}', steps: [{setBody: {constant: '{{env:NO:a}}'}}]}",
                // The parameters of a template, and its beans, which are parameters as well.
                "- routeTemplate: {id: t, parameters: [{name: n}, {name: m, defaultValue: x}],"
                        + " from: {uri: 'pipeline:{{n}}', steps: [{log: '{{m}}'}]}}\n"
                        + "- templatedRoute: {routeTemplateRef: t, parameters: [{name: n, value: a}]}",
                "- routeTemplate: {id: t, parameters: [{name: n}], beans: [{name: b, type:"
                        + " io.bactrian.preprocess.TextPreprocessor}],"
                        + " from: {uri: 'pipeline:{{n}}', steps: [{process: {ref: '{{b}}'}}]}}\n"
                        + "- templatedRoute: {routeTemplateRef: t, parameters: [{name: n, value: a}]}",
                "- route: {precondition: '{{none:false}}', from: {uri: 'pipeline:a', steps: [{to:"
                        + " 'nope:a'}]}}\n- from: {uri: 'pipeline:b', steps: [{log: a}]}",
                "- routeConfiguration: {id: c, onException: [{onException: {exception:"
                        + " [java.lang.Exception], handled: {constant: 'true'}, steps: [{log: a}]}}]}\n"
                        + "- from: {uri: 'pipeline:a', steps: [{log: a}]}",
                "{apiVersion: camel.apache.org/v1, kind: Pipe, metadata: {name: p}, spec: {source:"
                        + " {uri: 'pipeline:a'}, sink: {uri: 'log:a'}}}",
            })
    void fileThatTheServerTakesHasNoFault(String text) throws IOException {
        check(text, true);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{toD: 'log:${body}'}",
                // More than Camel's schema allows.
                "{log: {message: a, loggingLevel: info}}",
                "{claimCheck: {operation: push}}",
                "{split: {simple: '${body}', streaming: 'True', steps: [{log: a}]}}",
                "{setBody: {constant: null}}",
                "{recipientList: {constant: 'nope:a'}}",
                "{to: {uri: log, parameters: {loggerName: a}}}",
                "{split: {simple: '${body}', timeout: '5s', parallelProcessing: '{{none:true}}',"
                        + " steps: [{log: a}]}}",
            })
    void stepThatTheServerTakesHasNoFault(String step) throws IOException {
        check(STEP.formatted(step), true);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "- from: {uri: 'pipeline:a', steps: [{log: a}]}\n---\n"
                        + "- from: {uri: 'pipeline:b', steps: [{log: a}]}\n",
                "- route: &r {from: {uri: 'pipeline:a', steps: [{log: a}]}}\n- route: {<<: *r}",
                "- from:\n\turi: pipeline:a\n",
                "- routeTemplate: {id: t, parameters: [{name: n}, {name: m}],"
                        + " from: {uri: 'pipeline:{{n}}', steps: [{log: '{{m}}'}]}}\n"
                        + "- templatedRoute: {routeTemplateRef: t, parameters: [{name: n, value: a}]}",
                "- routeTemplate: {id: t, parameters: [{name: n}],"
                        + " from: {uri: 'pipeline:a', steps: [{process: {ref: '{{n}}'}}]}}\n"
                        + "- templatedRoute: {routeTemplateRef: t, parameters: [{name: n, value: a}]}",
                "- route: {autoStartup: false, from: {uri: 'pipeline:a', steps: [{log: a}]}}",
                "- from: {uri: 'tensorflow:m', steps: [{log: a}]}",
                "- from: {uri: 'pipeline:a', steps: [{log: {message: a, id: x}}, {log: {message: b,"
                        + " id: x}}]}",
                "- from: {uri: 'direct:a', steps: [{log: a}]}\n"
                        + "- from: {uri: 'direct:a', steps: [{log: b}]}",
                "- rest: {path: /a, get: [{path: /b, to: 'direct:a'}]}",
                "- errorHandler: {refErrorHandler: {ref: nope}}\n"
                        + "- from: {uri: 'pipeline:a', steps: [{log: a}]}",
                "- onException: {exception: [com.Nope], steps: [{log: a}]}\n"
                        + "- from: {uri: 'pipeline:a', steps: [{log: a}]}",
                "- from: {uri: 'pipeline:a', parameters: {nope: a}, steps: [{log: a}]}",
                "{apiVersion: camel.apache.org/v1, kind: Pipe, metadata: {name: p}, spec: {source:"
                        + " {uri: 'pipeline:a'}, sink: {uri: 'nope:a'}}}",
            })
    void fileThatTheServerRefusesHasAFault(String text) throws IOException {
        check(text, false);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{to: 'log:a?levl=INFO'}",
                "{to: 'log:a?level=LOUD'}",
                "{to: 'log:'}",
                "{to: 'tensorflow:m?signatur=a'}",
                "{to: 'timer:a'}",
                "{to: 'bean:nope'}",
                "{process: {ref: '#nope'}}",
                "{process: {ref: '{{none:nope}}'}}",
                "{process: {ref: '#class:com.Nope'}}",
                "{bean: {beanType: com.Nope}}",
                "{setBody: {constant: '{{nope}}'}}",
                "{setHeader: {name: '{{nope}}', constant: a}}",
                "{filter: {simple: '${body} == ', steps: [{log: a}]}}",
                "{split: {simple: '${body}', parallelProcessing: '{{nope}}', steps: [{log: a}]}}",
                "{doTry: {steps: [{log: a}], doCatch: [{exception: [com.Nope], steps: [{log: a}]}]}}",
                "{kamelet: {name: log-sink}}",
                // Camel makes it all the same.
                "{to: {uri: 'nope:a', disabled: true}}",
            })
    void stepThatTheServerRefusesHasAFault(String step) throws IOException {
        check(STEP.formatted(step), false);
    }
}
