package io.bactrian.validation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.serving.NoHttpEngine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RouteValidatorTest {

    /** The lines before those of a test's steps, which so begin in line 5. */
    private static final String ROUTE =
            """
            - route:
                from:
                  uri: pipeline:a
                  steps:
            """;

    @TempDir Path folder;

    private static Arguments step(String step, String... faults) {
        return file(ROUTE + "        - " + step + "\n", faults);
    }

    private static Arguments file(String text, String... faults) {
        return Arguments.of(text, String.join("\n", faults));
    }

    /** Texts, each with its faults. */
    static Stream<Arguments> texts() {
        return Stream.of(
                file("", "1:1: the file is empty"),
                file("hello", "1:1: a route file must be a list (- item), it is text"),
                file(
                        "a: b",
                        "1:1: a route file must be a list (- item), it is a mapping (name: value)"),
                file(
                        "- from:\n    uri: timer:x\n   steps: []",
                        "3:4: not YAML: while parsing a block mapping: expected <block end>, but"
                                + " found '<block mapping start>'"),
                file("- from:\n    uri: a\n    uri: b", "3:5: 'uri' is there twice"),
                file("- &a [*a]", "1:3: the alias makes a value part of itself"),
                file(
                        "- {[a]: b}",
                        "1:1: not YAML: Non scalar key is detected but it is not configured to be allowed."),
                file("- rout: {}", "1:3: a route file has no 'rout'; did you mean 'route'?"),
                file(
                        "- route:\n    from: pipeline:a\n    steps: []",
                        "2:5: 'from' must be a mapping (name: value), it is text",
                        "3:5: 'route' has no property 'steps'"),
                file(
                        "- route:\n    from:\n      uri: pipeline:a\n      step: []",
                        "4:7: 'from' has no property 'step'; did you mean 'steps'?"),
                file(
                        "- route:\n    from:\n      uri: pipeline:a\n      steps:\n        to: a:b",
                        "4:7: 'steps' must be a list (- item), it is a mapping (name: value)"),
                file(
                        "- beans:\n    - nme: x\n      type: a.B\n    - name: y",
                        "2:7: an item of 'beans' has no property 'nme'; did you mean 'name'?",
                        "4:7: an item of 'beans' must have the property 'type'"),
                step("to: log:a"),
                step("to:", "5:11: 'to' must be a mapping (name: value) or text, it is empty"),
                step(
                        "to: [a]",
                        "5:11: 'to' must be a mapping (name: value) or text, it is a list (- item)"),
                step("to: {ur: a}", "5:16: 'to' has no property 'ur'; did you mean 'uri'?"),
                step("to: {}", "5:11: 'to' must have the property 'uri'"),
                step(
                        "to: {uri: log:a, pattern: InnOut}",
                        "5:28: 'pattern' must be one of InOnly, InOut, it is 'InnOut'; did you mean"
                                + " 'InOut'?"),
                step(
                        "unmarshall: {json: {}}",
                        "5:11: there is no step 'unmarshall'; did you mean 'unmarshal'?"),
                step(
                        "to: log:a\n          log: b",
                        "5:11: a step must have one name, this has 'to', 'log': indent what belongs"
                                + " to the first, or begin the second with a dash"),
                step(
                        "unmarshal: {json: {librry: Jackson}}",
                        "5:30: 'json' has no property 'librry'; did you mean 'library'?"),
                step(
                        "unmarshal: {jsn: {}}",
                        "5:23: 'unmarshal' has no property 'jsn'; did you mean 'json'?"),
                step(
                        "unmarshal: {json: {}, csv: {}}",
                        "5:11: 'unmarshal' can have one of these: 'json', 'csv'"),
                step(
                        "unmarshal: json",
                        "5:11: 'unmarshal' must be a mapping (name: value), it is text"),
                step(
                        "setBody: {smple: a}",
                        "5:21: 'setBody' has no property 'smple'; did you mean 'simple'?"),
                step(
                        "setBody: {simple: {expresion: a}}",
                        "5:30: 'simple' has no property 'expresion'; did you mean 'expression'?"),
                step(
                        "process: {rf: a, typ: b}",
                        "5:21: 'process' has no property 'rf'; did you mean 'ref'?",
                        "5:28: 'process' has no property 'typ', it has description, disabled, id,"
                                + " note, ref"),
                step(
                        "log: {message: a, loggingLevel: LOUD}",
                        "5:29: 'loggingLevel' must be one of TRACE, DEBUG, INFO, WARN, ERROR, OFF,"
                                + " it is 'LOUD'"),
                step(
                        "choice: {when: {simple: a}}",
                        "5:20: 'when' must be a list (- item), it is a mapping (name: value)"),
                step(
                        "choice: {when: [{simple: a, step: []}]}",
                        "5:39: an item of 'when' has no property 'step'; did you mean 'steps'?"),
                step(
                        "split: {simple: a, parallelProcessing: yess, steps: [{log: a}]}",
                        "5:30: 'parallelProcessing' must be true or false, it is text"),
                // What Camel converts.
                step("setBody: {constant: 5}"),
                step("setHeader: {name: a, constant: true}"),
                step("delay: {constant: 100}"),
                step("split: {simple: a, parallelProcessing: 'true', steps: [{log: a}]}"),
                // What is known once the file is loaded.
                step("process: {ref: nope}", "5:21: there is no bean \"nope\""),
                step("bean: {ref: nope}", "5:18: there is no bean \"nope\""),
                step("to: tensorflow:any"),
                step("to: tensorflow:self"),
                step("to: lg:a", "5:11: there is no component \"lg\"; did you mean 'log'?"),
                step(
                        "to: blah",
                        "5:11: \"blah\" is not an endpoint: one begins with its component's name and"
                                + " a colon, as in direct:name"),
                step(
                        "to: 'log:{{nope}}'",
                        "5:11: Property with key [nope] not found in properties from text:"
                                + " log:{{nope}}"),
                step(
                        "unmarshal: {custom: {ref: nyp}}",
                        "5:32: there is no data format \"nyp\"; did you mean 'npy'?"),
                step("unmarshal: {}", "1:3: there is no data format: name one, as in json: {}"),
                step(
                        "setBody: {simple: '${body'}",
                        "5:21: \"${body\" is no expression of simple: expected symbol functionEnd but"
                                + " was eol"),
                file(
                        "- beans:\n    - name: x\n      type: io.bactrian.preprocess.TextPreprocesor",
                        "3:7: can't create bean \"x\" of type io.bactrian.preprocess.TextPreprocesor:"
                                + " there is no class io.bactrian.preprocess.TextPreprocesor; did you"
                                + " mean 'io.bactrian.preprocess.TextPreprocessor'?"),
                file(
                        """
                        - beans:
                            - name: x
                              type: io.bactrian.preprocess.ImagePreprocessor
                              properties:
                                width: abc
                        """,
                        "5:9: can't create bean \"x\" of type io.bactrian.preprocess.ImagePreprocessor:"
                                + " can't set property width to \"abc\": it must be of type Integer"),
                file(
                        """
                        - route: {id: x, from: {uri: direct:a, steps: [{log: a}]}}
                        - route: {id: x, from: {uri: direct:b, steps: [{log: a}]}}
                        - from: {uri: pipeline:c, steps: [{log: a}]}
                        - from: {uri: pipeline:c, steps: [{to: lgo:a}]}
                        """,
                        "1:11: route id \"x\" is defined twice, in a.camel.yaml",
                        "2:11: route id \"x\" is defined twice, in a.camel.yaml",
                        "3:10: pipeline \"c\" is defined twice, in a.camel.yaml",
                        "4:10: pipeline \"c\" is defined twice, in a.camel.yaml",
                        "4:36: there is no component \"lgo\"; did you mean 'log'?"));
    }

    private String faults(List<RouteFault> faults) {
        return faults.stream()
                .map(each -> each.line() + ":" + each.column() + ": " + each.message())
                .map(each -> each.replace(folder + "/", ""))
                .collect(Collectors.joining("\n"));
    }

    private List<RouteFault> validate(Path file) {
        return new RouteValidator().validate(List.of(file), new NoHttpEngine()).get(file);
    }

    @ParameterizedTest
    @MethodSource("texts")
    void eachFaultIsReportedWithItsPosition(String text, String expected) throws IOException {
        Path file = folder.resolve("a.camel.yaml");
        Files.writeString(file, text);

        assertEquals(expected, faults(validate(file)));
    }

    @Test
    void filesThatShipHaveNoFaults() throws IOException {
        List<Path> files = new ArrayList<>();
        for (Path root : List.of(Path.of("routes"), Path.of("src/examples"))) {
            try (Stream<Path> found = Files.walk(root)) {
                found.filter(file -> file.toString().endsWith(".camel.yaml")).forEach(files::add);
            }
        }
        assertTrue(files.size() > 5, files::toString);

        for (Path file : files) {
            assertEquals(List.of(), validate(file), file::toString);
        }
    }

    @Test
    void filesOfAFolderKnowEachOthersBeansAndThoseOfAnotherDoNot() throws IOException {
        Path beans = folder.resolve("beans.camel.yaml");
        Files.writeString(
                beans,
                "- beans:\n    - {name: x, type: io.bactrian.preprocess.TextPreprocessor}\n");
        Path beside = folder.resolve("beside.camel.yaml");
        Files.writeString(beside, ROUTE + "        - process: {ref: x}\n");
        Path elsewhere = Files.createDirectory(folder.resolve("other")).resolve("b.camel.yaml");
        Files.writeString(elsewhere, ROUTE + "        - process: {ref: x}\n");

        var faults =
                new RouteValidator()
                        .validate(List.of(beans, beside, elsewhere), new NoHttpEngine());

        assertEquals("", faults(faults.get(beans)));
        assertEquals("", faults(faults.get(beside)));
        assertEquals("5:21: there is no bean \"x\"", faults(faults.get(elsewhere)));
    }

    @Test
    void fileThatIsNotUtf8IsAFault() throws IOException {
        Path file = folder.resolve("a.camel.yaml");
        Files.write(file, "- log: ü".getBytes(StandardCharsets.ISO_8859_1));

        assertEquals("1:1: the file is not UTF-8", faults(validate(file)));
    }

    @Test
    void missingFileIsAFault() {
        assertEquals("1:1: no such file: none", faults(validate(folder.resolve("none"))));
    }

    @Test
    void aliasesOfAliasesAreNotExpandedWithoutLimit() throws IOException {
        StringBuilder text = new StringBuilder("- &a0 [x, x]\n");
        // Few enough for the parser, which counts the aliases only: 2^25 values.
        for (int i = 1; i < 25; i++) {
            text.append(String.format("- &a%d [*a%d, *a%d]%n", i, i - 1, i - 1));
        }
        Path file = folder.resolve("a.camel.yaml");
        Files.writeString(file, text);

        assertTrue(
                faults(validate(file)).contains("aliases repeat more than 100000 values"),
                () -> faults(validate(file)));
    }
}
