package io.bactrian.cases;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.bactrian.invocation.Answer;
import io.bactrian.invocation.RequestSender;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A recorded request and the answer that is expected to it.
 *
 * <p>Its files lie in one folder: {@code <name>.request.<extension>} with the request's body, whose
 * extension says its Content-Type; {@code <name>.expected.<extension>} with the answer's body; and,
 * for whatever else differs from a plain 200, {@code <name>.case.yaml}, which {@link CaseSettings}
 * describes. A case without a request file sends an empty body.
 */
public final class GoldenCase {

    static final String REQUEST = ".request";
    static final String EXPECTED = ".expected";
    static final String SETTINGS = ".case.yaml";

    private static final String CONTENT_TYPE = "Content-Type";

    private final String name;
    private final Path base;
    private final @Nullable String pipeline;
    private final @Nullable Path requestFile;
    private final @Nullable Path expectedFile;
    private final CaseSettings settings;

    /**
     * @param name the case's name in its suite
     * @param base the path of its files without their suffixes
     * @param pipeline the pipeline of a case that names none; null for the default
     * @param requestFile the file with the request's body, or null
     * @param expectedFile the file with the expected body, or null
     */
    GoldenCase(
            String name,
            Path base,
            @Nullable String pipeline,
            @Nullable Path requestFile,
            @Nullable Path expectedFile,
            CaseSettings settings) {
        this.name = name;
        this.base = base;
        this.pipeline = settings.pipeline() == null ? pipeline : settings.pipeline();
        this.requestFile = requestFile;
        this.expectedFile = expectedFile;
        this.settings = settings;
    }

    /** {@return its name: the path of its files below the suite's folder, without suffixes} */
    public String name() {
        return name;
    }

    /** {@return the pipeline that the request goes to, or null for the default} */
    public @Nullable String pipeline() {
        return pipeline;
    }

    /** {@return whether the request is expected to be served, not refused} */
    public boolean expectsSuccess() {
        return settings.status() < 300;
    }

    /**
     * Sends the request.
     *
     * @param sender sends the request to the pipeline, and gives its answer
     * @return the answer, that to a failure included
     * @throws CaseException if the request file can't be read
     */
    public Answer send(RequestSender sender) {
        return sender.send(pipeline, headers(), body());
    }

    /**
     * {@return the request's body}
     *
     * @throws CaseException if the request file can't be read
     */
    public byte[] body() {
        return requestFile == null ? new byte[0] : read(requestFile);
    }

    /**
     * Sends the request and compares the answer with the expected one.
     *
     * @param sender sends the request to the pipeline, and gives its answer
     * @return the answer, with its differences from the expected one
     * @throws CaseException if a file can't be read
     */
    public CaseResult run(RequestSender sender) {
        long start = System.nanoTime();
        Answer answer = send(sender);
        Duration duration = Duration.ofNanos(System.nanoTime() - start);
        return new CaseResult(name, answer, differences(answer), duration, null);
    }

    /**
     * Sends the request and records the body of the answer as the expected one. An answer with
     * another status than the expected one is not recorded: a pipeline that has begun to fail is
     * not to be what is expected.
     *
     * @param sender sends the request to the pipeline, and gives its answer
     * @return the answer, with the file that it was written to, if any
     * @throws CaseException if a file can't be read or written
     */
    public CaseResult update(RequestSender sender) {
        CaseResult result = run(sender);
        Answer answer = result.answer();
        if (result.isPassed() || answer.status() != settings.status() || answer.body() == null) {
            return result;
        }
        Path file = recordingFile(answer);
        record(file, answer.body());
        GoldenCase updated = new GoldenCase(name, base, pipeline, requestFile, file, settings);
        return new CaseResult(name, answer, updated.differences(answer), result.duration(), file);
    }

    private Path recordingFile(Answer answer) {
        String type = baseType(first(answer, CONTENT_TYPE));
        String extension = FileTypes.extensionOf(type);
        if (expectedFile != null
                && (FileTypes.extension(expectedFile).equals(extension)
                        || FileTypes.of(expectedFile).equals(type))) {
            return expectedFile;
        }
        if (expectedFile != null) {
            throw new CaseException(
                    expectedFile
                            + ": the answer is "
                            + first(answer, CONTENT_TYPE)
                            + " now; delete the file to record it");
        }
        return base.resolveSibling(base.getFileName() + EXPECTED + "." + extension);
    }

    private static void record(Path file, byte[] body) {
        try {
            if (FileTypes.extension(file).equals("json")) {
                String text = new String(body, StandardCharsets.UTF_8);
                replace(
                        file,
                        JsonText.pretty(JsonText.parse(text)).getBytes(StandardCharsets.UTF_8));
            } else {
                replace(file, body);
            }
        } catch (JsonProcessingException e) {
            throw new CaseException(
                    file + ": the answer is not JSON, so it is not recorded: " + e.getMessage());
        } catch (IOException e) {
            throw CaseException.unwritable(file, e);
        }
    }

    /** Writes a file as a whole: what is there is lost only when the new content is written. */
    private static void replace(Path file, byte[] content) throws IOException {
        // A link stays one.
        Path target = Files.exists(file) ? file.toRealPath() : file;
        // Hidden, so that it is no case.
        Path temporary = target.resolveSibling("." + target.getFileName() + ".tmp");
        try {
            Files.write(temporary, content);
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    /** {@return the request's headers} */
    public Map<String, List<String>> headers() {
        Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        String type = settings.contentType();
        if (type == null && requestFile != null) {
            type = FileTypes.of(requestFile);
        }
        if (type != null) {
            headers.put(CONTENT_TYPE, List.of(type));
        }
        if (settings.accept() != null) {
            headers.put("Accept", List.of(settings.accept()));
        }
        settings.requestHeaders().forEach((name, value) -> headers.put(name, List.of(value)));
        return headers;
    }

    private List<String> differences(Answer answer) {
        byte[] body = answer.body() == null ? new byte[0] : answer.body();
        if (answer.status() != settings.status()) {
            return List.of(
                    "status: expected "
                            + settings.status()
                            + ", was "
                            + answer.status()
                            + " with "
                            + Excerpt.of(new String(body, StandardCharsets.UTF_8)));
        }
        List<String> differences = new ArrayList<>();
        compareHeaders(answer, differences);
        if (expectedFile != null) {
            differences.addAll(
                    ExpectedBody.compare(
                            FileTypes.extension(expectedFile),
                            read(expectedFile),
                            body,
                            settings.tolerance()));
        } else if (settings.statedStatus() == null) {
            differences.add("there is no " + name + EXPECTED + ".* with the expected answer");
        }
        return differences;
    }

    private void compareHeaders(Answer answer, List<String> differences) {
        String expected = settings.answerType();
        String actual = first(answer, CONTENT_TYPE);
        if (expected == null && expectedFile != null) {
            expected = FileTypes.ofExtension(FileTypes.extension(expectedFile));
            actual = baseType(actual);
        }
        if (expected != null && !expected.equalsIgnoreCase(actual)) {
            differences.add("Content-Type: expected " + expected + ", was " + actual);
        }
        settings.answerHeaders()
                .forEach(
                        (header, value) -> {
                            String sent = first(answer, header);
                            if (!value.equals(sent)) {
                                differences.add(header + ": expected " + value + ", was " + sent);
                            }
                        });
    }

    /** {@return the value of a header, or "none"} */
    private static String first(Answer answer, String header) {
        String value = answer.header(header);
        return value == null ? "none" : value;
    }

    private static String baseType(String type) {
        int parameters = type.indexOf(';');
        return (parameters < 0 ? type : type.substring(0, parameters))
                .strip()
                .toLowerCase(Locale.ROOT);
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw CaseException.unreadable(file, e);
        } catch (OutOfMemoryError e) {
            throw new CaseException(file + " does not fit into memory");
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
