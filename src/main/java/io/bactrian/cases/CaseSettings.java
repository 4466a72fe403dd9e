package io.bactrian.cases;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * The settings of a golden case, from {@code <name>.case.yaml}.
 *
 * @param pipeline the pipeline that the request goes to; null if the file does not say
 * @param contentType the request's Content-Type; null for that of the request file's extension
 * @param accept the request's Accept; null for none
 * @param requestHeaders the request's other headers
 * @param statedStatus the expected status; null if the file does not say
 * @param answerType the expected Content-Type; null for that of the expected file's extension
 * @param answerHeaders headers that the answer must have
 * @param tolerance by how much a number may differ, as {@link JsonDifferences} has it
 */
record CaseSettings(
        @Nullable String pipeline,
        @Nullable String contentType,
        @Nullable String accept,
        Map<String, String> requestHeaders,
        @Nullable Integer statedStatus,
        @Nullable String answerType,
        Map<String, String> answerHeaders,
        double tolerance) {

    private static final int OK = 200;

    static final CaseSettings DEFAULTS =
            new CaseSettings(
                    null,
                    null,
                    null,
                    Map.of(),
                    null,
                    null,
                    Map.of(),
                    JsonDifferences.DEFAULT_TOLERANCE);

    /** {@return the expected status} */
    int status() {
        return statedStatus == null ? OK : statedStatus;
    }

    /**
     * Reads a file.
     *
     * @throws CaseException if it can't be read, is not YAML, or has an unknown setting
     */
    static CaseSettings read(Path file) {
        Map<?, ?> root = map(load(file), file, "the file");
        refuseUnknown(root, Set.of("pipeline", "request", "response", "tolerance"), file, "");
        Map<?, ?> request = map(root.get("request"), file, "request");
        refuseUnknown(request, Set.of("contentType", "accept", "headers"), file, "request.");
        Map<?, ?> response = map(root.get("response"), file, "response");
        refuseUnknown(response, Set.of("status", "contentType", "headers"), file, "response.");
        return new CaseSettings(
                text(root.get("pipeline"), file, "pipeline"),
                text(request.get("contentType"), file, "request.contentType"),
                text(request.get("accept"), file, "request.accept"),
                headers(request.get("headers"), file, "request.headers"),
                status(response.get("status"), file),
                text(response.get("contentType"), file, "response.contentType"),
                headers(response.get("headers"), file, "response.headers"),
                tolerance(root.get("tolerance"), file));
    }

    private static @Nullable Object load(Path file) {
        try {
            String yaml = Files.readString(file, StandardCharsets.UTF_8);
            return new Load(LoadSettings.builder().build()).loadFromString(yaml);
        } catch (MarkedYamlEngineException e) {
            String line =
                    e.getProblemMark()
                            .map(mark -> "line " + (mark.getLine() + 1) + ": ")
                            .orElse("");
            throw new CaseException(file + " is not YAML: " + line + e.getProblem());
        } catch (YamlEngineException e) {
            throw new CaseException(file + " is not YAML: " + e.getMessage());
        } catch (IOException e) {
            throw CaseException.unreadable(file, e);
        }
    }

    private static Map<?, ?> map(@Nullable Object value, Path file, String name) {
        if (value == null) {
            return Map.of();
        }
        if (value instanceof Map<?, ?> map) {
            return map;
        }
        throw new CaseException(file + ": " + name + " must be a map, not " + value);
    }

    private static void refuseUnknown(Map<?, ?> map, Set<String> known, Path file, String prefix) {
        for (Object key : map.keySet()) {
            if (!(key instanceof String name) || !known.contains(name)) {
                throw new CaseException(
                        file
                                + ": there is no setting "
                                + prefix
                                + key
                                + ", only "
                                + String.join(", ", new TreeSet<>(known)));
            }
        }
    }

    private static @Nullable String text(@Nullable Object value, Path file, String name) {
        if (value instanceof Map || value instanceof Iterable) {
            throw new CaseException(file + ": " + name + " must be text, not " + value);
        }
        return value == null ? null : value.toString();
    }

    private static Map<String, String> headers(@Nullable Object value, Path file, String name) {
        Map<String, String> headers = new LinkedHashMap<>();
        map(value, file, name)
                .forEach(
                        (header, each) -> {
                            String text = text(each, file, name + "." + header);
                            headers.put(String.valueOf(header), text == null ? "" : text);
                        });
        return headers;
    }

    private static @Nullable Integer status(@Nullable Object value, Path file) {
        if (value == null) {
            return null;
        }
        if (value instanceof Integer status && status >= 100 && status <= 599) {
            return status;
        }
        throw new CaseException(
                file + ": response.status must be a number from 100 to 599, not " + value);
    }

    private static double tolerance(@Nullable Object value, Path file) {
        if (value == null) {
            return JsonDifferences.DEFAULT_TOLERANCE;
        }
        // YAML's core schema takes 1e-5 for text.
        try {
            double tolerance = Double.parseDouble(value.toString());
            if (tolerance >= 0 && tolerance < 1) {
                return tolerance;
            }
        } catch (NumberFormatException e) {
            // Reported below.
        }
        throw new CaseException(
                file + ": tolerance must be a number from 0 to 1, such as 1e-5, not " + value);
    }
}
