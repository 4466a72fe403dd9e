package io.bactrian.cases;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.invocation.Answer;
import io.bactrian.invocation.RequestHeaders;
import io.bactrian.invocation.RequestSender;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GoldenCasesTest {

    @TempDir private Path folder;

    private final List<String> sent = new ArrayList<>();

    private void file(String name, String content) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    private RequestSender answering(int status, String type, String body) {
        return (pipeline, headers, request) -> {
            sent.add(describe(pipeline, headers, request));
            return new Answer(
                    status,
                    Map.of("content-type", List.of(type), "X-Rows", List.of("2")),
                    body.getBytes(StandardCharsets.UTF_8));
        };
    }

    private static String describe(String pipeline, Map<String, List<String>> sent, byte[] body) {
        RequestHeaders headers = RequestHeaders.of(sent);
        return pipeline
                + " "
                + headers.first("content-type")
                + " "
                + headers.first("ACCEPT")
                + " "
                + headers.first("X-Tenant")
                + " "
                + new String(body, StandardCharsets.UTF_8);
    }

    private GoldenCase only() {
        List<GoldenCase> cases = GoldenCases.in(folder, "given");
        assertEquals(1, cases.size());
        return cases.get(0);
    }

    @Test
    void requestIsSentAndAnswerCompared() throws IOException {
        file("spam.request.json", "{\"text\": \"a\"}");
        file("spam.expected.json", "{\"score\": 0.5}");
        CaseResult result = only().run(answering(200, "application/json", "{\"score\":0.500001}"));
        assertEquals(List.of(), result.differences());
        assertEquals("spam", result.name());
        assertEquals(List.of("given application/json null null {\"text\": \"a\"}"), sent);
    }

    @Test
    void subfolderNamesThePipeline() throws IOException {
        file("a/x.request.txt", "1");
        file("a/group/y.request.bin", "2");
        file("z.request", "3");
        List<GoldenCase> cases = GoldenCases.in(folder, null);
        assertEquals(
                List.of("a/group/y", "a/x", "z"), cases.stream().map(GoldenCase::name).toList());
        cases.forEach(each -> each.send(answering(200, "text/plain", "")));
        assertEquals(
                List.of(
                        "a application/octet-stream null null 2",
                        "a text/plain null null 1",
                        "null application/octet-stream null null 3"),
                sent);
    }

    @Test
    void settingsOverrideDefaults() throws IOException {
        file("a.request.json", "[]");
        file(
                "a.case.yaml",
                """
                pipeline: other
                request:
                  contentType: text/csv
                  accept: application/json
                  headers: {X-Tenant: 7}
                response:
                  status: 206
                  contentType: text/plain; charset=utf-8
                  headers: {x-rows: 2}
                tolerance: 0.1
                """);
        file("a.expected.txt", "hello\n");
        CaseResult result = only().run(answering(206, "text/plain; charset=utf-8", "hello"));
        assertEquals(List.of(), result.differences());
        assertEquals(List.of("other text/csv application/json 7 []"), sent);
    }

    @Test
    void missingRequestFileSendsEmptyBody() throws IOException {
        file("empty.case.yaml", "response: {status: 400}");
        assertEquals(
                List.of(),
                only().run(answering(400, "application/json", "{\"error\": \"e\"}")).differences());
        assertEquals(List.of("given null null null "), sent);
        assertFalse(only().expectsSuccess());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "json | [1] | 200 | application/json | [2] | $[0]: expected 1, was 2",
                "json | [1] | 500 | application/json | {} | status: expected 200, was 500 with \"{}\"",
                "json | [1] | 200 | text/plain | [1] | Content-Type: expected application/json, was text/plain",
                "json | [1] | 200 | application/json | {1 | the body is not JSON, but \"{1\"",
                "txt | a | 200 | text/plain | b | line 1: expected \"a\", was \"b\"",
                "txt | a | 200 | text/plain | `a\nb` | expected 1 lines, was 2",
                "jsonl | `1\n2` | 200 | application/jsonlines | `1\n3` | line 2: $: expected 2, was 3",
                "json | [1] | 200 | application/json | [1] [2] | the body is not JSON, but \"[1] [2]\"",
                "json | {\"a\": 1} | 200 | application/json | {\"a\": 2, \"a\": 1} |"
                        + " the body is not JSON, but \"{\"a\": 2, \"a\": 1}\"",
                "json | null | 200 | application/json | `` | the body is empty, not JSON",
                "json | `` | 200 | application/json | null |"
                        + " the expected body is not JSON: No content to map due to end-of-input",
                "jsonl | `1\n\n2` | 200 | application/jsonlines | `1\nnull\n2` |"
                        + " line 2: the expected body is not JSON: No content to map due to end-of-input",
                "txt | a | 200 | text/plain | `a\n\n` | expected 1 lines, was 2",
                "json | 1 | 500 | text/plain | `a\n\u001b[2J` |"
                        + " status: expected 200, was 500 with \"a··[2J\"",
                "json | {} | 200 | application/json | `{\"\\u001b[2J\": \"\u009b2J\u202e\"}` |"
                        + " $['·[2J']: not expected, was \"·2J·\"",
                "gif | abc | 200 | image/gif | abd | the body differs from byte 2 on: expected 3 bytes, was 3",
                "png | abc | 200 | image/png | abc | the expected body is not a PNG image",
            })
    void differenceIsReported(
            String extension,
            String expected,
            int status,
            String type,
            String body,
            String difference)
            throws IOException {
        file("a.request.json", "1");
        file("a.expected." + extension, expected);
        CaseResult result = only().run(answering(status, type, body));
        assertEquals(List.of(difference), result.differences());
        assertFalse(result.isPassed());
        assertEquals("golden case a\n  " + difference, result.describe());
    }

    /** Decoded leniently, both were one replacement character. */
    @Test
    void malformedUtf8IsComparedByBytes() throws IOException {
        file("a.request.json", "1");
        file("a.expected.txt", "\ufffd");
        RequestSender latin1 =
                (pipeline, headers, request) ->
                        new Answer(
                                200,
                                Map.of("Content-Type", List.of("text/plain")),
                                new byte[] {(byte) 0xe9});
        assertEquals(
                List.of("the body differs from byte 0 on: expected 3 bytes, was 1"),
                only().run(latin1).differences());
        Files.write(folder.resolve("a.expected.txt"), new byte[] {(byte) 0xe9});
        assertEquals(List.of(), only().run(latin1).differences());
    }

    @Test
    void expectedJsonMayHaveByteOrderMark() throws IOException {
        file("a.request.json", "1");
        file("a.expected.json", "\ufeff{\r\n\"b\": 2}\r\n");
        assertEquals(
                List.of(),
                only().run(answering(200, "application/json", "{\"b\":2}")).differences());
    }

    @Test
    void emptyLinesOfJsonLinesMustMatch() throws IOException {
        file("a.request.json", "1");
        file("a.expected.jsonl", "1\r\n\r\n{\"b\": 2}");
        assertEquals(
                List.of(),
                only().run(answering(200, "application/jsonlines", "1\n\n{\"b\":2}\n"))
                        .differences());
    }

    @Test
    void differingHeaderIsReported() throws IOException {
        file("a.case.yaml", "response: {status: 200, headers: {X-Rows: 3, X-More: 1}}");
        assertEquals(
                List.of("X-Rows: expected 3, was 2", "X-More: expected 1, was none"),
                only().run(answering(200, "text/plain", "")).differences());
    }

    @Test
    void missingExpectedFileFails() throws IOException {
        file("a.request.json", "1");
        assertEquals(
                List.of("there is no a.expected.* with the expected answer"),
                only().run(answering(200, "application/json", "1")).differences());
    }

    @Test
    void updateRecordsTheAnswer() throws IOException {
        file("a.request.json", "1");
        Path recorded = folder.resolve("a.expected.json");
        CaseResult result =
                only().update(answering(200, "application/json", "{\"b\":[1,{\"c\":0.5}]}"));
        assertTrue(result.isPassed());
        assertEquals(recorded, result.updated());
        assertEquals(
                "{\n  \"b\": [\n    1,\n    {\n      \"c\": 0.5\n    }\n  ]\n}\n",
                Files.readString(recorded));
        assertNull(
                only().update(answering(200, "application/json", "{\"b\":[1,{\"c\":0.5}]}"))
                        .updated());
        assertEquals(recorded, only().update(answering(200, "application/json", "2")).updated());
        assertEquals("2\n", Files.readString(recorded));
    }

    @Test
    void updateReplacesTheFileThatALinkNames() throws IOException {
        file("a.request.txt", "1");
        file("answers/a", "2");
        Path link = folder.resolve("a.expected.txt");
        Files.createSymbolicLink(link, Path.of("answers/a"));
        assertEquals(link, only().update(answering(200, "text/plain", "3")).updated());
        assertTrue(Files.isSymbolicLink(link));
        assertEquals("3", Files.readString(folder.resolve("answers/a")));
        try (Stream<Path> files = Files.list(folder.resolve("answers"))) {
            assertEquals(1, files.count(), "the temporary file is gone");
        }
    }

    @Test
    void updateThatCantBeWrittenKeepsTheExpectedAnswer() throws IOException {
        file("a.request.txt", "1");
        file("a.expected.txt", "2");
        GoldenCase golden = only();
        // In place of the temporary file.
        file(".a.expected.txt.tmp/full", "");
        CaseException failure =
                assertThrows(
                        CaseException.class,
                        () -> golden.update(answering(200, "text/plain", "3")));
        assertTrue(
                failure.getMessage()
                        .startsWith(folder.resolve("a.expected.txt") + " can't be written"),
                failure::getMessage);
        assertEquals("2", Files.readString(folder.resolve("a.expected.txt")));
    }

    @Test
    void updateRecordsNanAndInfinity() throws IOException {
        file("a.request.json", "1");
        RequestSender sender = answering(200, "application/json", "[NaN,-Infinity]");
        assertEquals(List.of(), only().update(sender).differences());
        assertEquals(List.of(), only().run(sender).differences());
        assertEquals(
                "[\n  NaN,\n  -Infinity\n]\n", Files.readString(folder.resolve("a.expected.json")));
    }

    @Test
    void updateKeepsTheFileExtension() throws IOException {
        file("a.request.json", "1");
        file("a.expected.jpeg", "1");
        assertEquals(
                folder.resolve("a.expected.jpeg"),
                only().update(answering(200, "image/jpeg", "2")).updated());
    }

    @Test
    void updateRecordsNoOtherStatus() throws IOException {
        file("a.request.json", "1");
        CaseResult result = only().update(answering(400, "application/json", "{}"));
        assertEquals(List.of("status: expected 200, was 400 with \"{}\""), result.differences());
        assertNull(result.updated());
        assertFalse(Files.exists(folder.resolve("a.expected.json")));
    }

    @Test
    void updateRefusesAnotherContentType() throws IOException {
        file("a.request.json", "1");
        file("a.expected.txt", "1");
        CaseException failure =
                assertThrows(
                        CaseException.class,
                        () -> only().update(answering(200, "application/json", "1")));
        assertEquals(
                folder.resolve("a.expected.txt")
                        + ": the answer is application/json now; delete the file to record it",
                failure.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "respons: 1 | there is no setting respons, only pipeline, request, response, tolerance",
                "request: {type: a} | there is no setting request.type, only accept, contentType, headers",
                "response: {code: 1} | there is no setting response.code, only contentType, headers, status",
                "response: 400 | response must be a map, not 400",
                "response: {status: ok} | response.status must be a number from 100 to 599, not ok",
                "response: {status: 42} | response.status must be a number from 100 to 599, not 42",
                "pipeline: [a] | pipeline must be text, not [a]",
                "tolerance: 2 | tolerance must be a number from 0 to 1, such as 1e-5, not 2",
                "tolerance: a | tolerance must be a number from 0 to 1, such as 1e-5, not a",
                "[1] | the file must be a map, not [1]",
            })
    void invalidSettingNamesIt(String yaml, String message) throws IOException {
        file("a.case.yaml", yaml);
        CaseException failure = assertThrows(CaseException.class, this::only);
        assertEquals(folder.resolve("a.case.yaml") + ": " + message, failure.getMessage());
    }

    @Test
    void invalidYamlReportsLine() throws IOException {
        file("a.case.yaml", "response:\n  status: {\n");
        CaseException failure = assertThrows(CaseException.class, this::only);
        assertTrue(
                failure.getMessage()
                        .startsWith(folder.resolve("a.case.yaml") + " is not YAML: line 3: "),
                failure.getMessage());
    }

    @Test
    void expectedFileWithoutRequestIsAnError() throws IOException {
        file("a.expected.json", "1");
        CaseException failure = assertThrows(CaseException.class, this::only);
        assertEquals(
                folder.resolve("a.expected.json") + ": there is no a.request.* beside it",
                failure.getMessage());
    }

    @Test
    void twoRequestFilesOfOneNameAreAnError() throws IOException {
        file("a.request.json", "1");
        file("a.request.txt", "1");
        CaseException failure = assertThrows(CaseException.class, this::only);
        assertEquals(
                "one case has one request, but there are "
                        + folder.resolve("a.request.json")
                        + " and a.request.txt",
                failure.getMessage());
    }

    @Test
    void ymlExtensionIsAnError() throws IOException {
        file("a.request.json", "1");
        file("a.case.yml", "response: {status: 400}");
        assertEquals(
                folder.resolve("a.case.yml") + ": its name must end with .case.yaml",
                assertThrows(CaseException.class, this::only).getMessage());
    }

    @Test
    void settingsInAnotherEncodingAreAnError() throws IOException {
        Files.write(folder.resolve("a.case.yaml"), new byte[] {'#', (byte) 0xe9});
        assertEquals(
                folder.resolve("a.case.yaml") + " can't be read: it is not UTF-8",
                assertThrows(CaseException.class, this::only).getMessage());
    }

    @Test
    void nullHeaderNameIsText() throws IOException {
        file("a.case.yaml", "response: {headers: {null: 1}}");
        assertEquals(
                List.of(
                        "null: expected 1, was none",
                        "there is no a.expected.* with the expected answer"),
                only().run(answering(200, "text/plain", "")).differences());
    }

    /** As Kubernetes mounts a ConfigMap. */
    @Test
    void linksAreFollowedAndHiddenFoldersAreNot() throws IOException {
        file("..2026/spam/a.request.json", "1");
        Files.createSymbolicLink(folder.resolve("..data"), Path.of("..2026"));
        Files.createSymbolicLink(folder.resolve("spam"), Path.of("..data/spam"));
        assertEquals("spam/a", only().name());
        Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("spam"));
        assertEquals("a", GoldenCases.in(link, null).get(0).name());
    }

    @Test
    void linkLoopIsAnError() throws IOException {
        file("a/b.request.json", "1");
        Path link = Files.createSymbolicLink(folder.resolve("a/up"), folder);
        assertEquals(
                folder + " can't be read: the link " + link + " leads to a folder around it",
                assertThrows(CaseException.class, this::only).getMessage());
    }

    @Test
    void fileInPlaceOfFolderIsAnError() throws IOException {
        file("a.request.json", "1");
        Path file = folder.resolve("a.request.json");
        assertEquals(
                file + " is a file: name the folder with the cases",
                assertThrows(CaseException.class, () -> GoldenCases.in(file, null)).getMessage());
    }

    @Test
    void deletedFileIsAnError() throws IOException {
        file("a.request.json", "1");
        GoldenCase golden = only();
        Files.delete(folder.resolve("a.request.json"));
        assertEquals(
                folder.resolve("a.request.json") + " can't be read: no such file",
                assertThrows(CaseException.class, golden::body).getMessage());
    }

    @Test
    void folderWithoutCasesIsAnErrorWhereSomeAreRequired() throws IOException {
        file("readme.txt", "");
        assertEquals(List.of(), GoldenCases.in(folder, null));
        assertEquals(
                "there are no golden cases in " + folder + ", no *.request.*",
                assertThrows(CaseException.class, () -> GoldenCases.atLeastOneIn(folder, null))
                        .getMessage());
    }

    @Test
    void missingFolderIsAnError() {
        Path absent = folder.resolve("absent");
        assertEquals(
                "there is no folder " + absent,
                assertThrows(CaseException.class, () -> GoldenCases.in(absent, null)).getMessage());
    }
}
