package io.bactrian.validation;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.Error;
import com.networknt.schema.path.NodePath;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The errors of a JSON schema that tell what is wrong. A value that fits none of several
 * alternatives has the errors of all: kept are those of the alternative that fits best, where the
 * first error is deepest.
 */
final class SchemaErrors {

    /** What most tells which alternative is meant, last. */
    private static final List<String> BY_MEANING =
            List.of(
                    "not",
                    "type",
                    "required",
                    "enum",
                    "oneOf",
                    "maxProperties",
                    "additionalProperties");

    /**
     * A value's choice between alternatives.
     *
     * @param schema the path to the alternatives in the schema
     * @param value the path to the value
     * @param depth the length of the path to an alternative
     */
    private record Choice(String schema, String value, int depth) {

        /**
         * @param at where the alternatives are in the path of the error's evaluation
         */
        static Choice of(Error error, int at) {
            NodePath schema = error.getEvaluationPath();
            return new Choice(
                    prefix(schema, at + 1),
                    prefix(error.getInstanceLocation(), valueDepth(schema, at)),
                    at + 2);
        }

        /** {@return how deep the value is to which the beginning of the schema's path applies} */
        private static int valueDepth(NodePath schema, int length) {
            int depth = 0;
            for (int i = 0; i < length; i++) {
                Object keyword = schema.getElement(i);
                if (keyword.equals("properties")) {
                    depth++;
                    i++;
                } else if (keyword.equals("items") || keyword.equals("additionalProperties")) {
                    depth++;
                }
            }
            return depth;
        }

        private static String prefix(NodePath path, int length) {
            StringBuilder prefix = new StringBuilder();
            for (int i = 0; i < length; i++) {
                prefix.append('/').append(path.getElement(i));
            }
            return prefix.toString();
        }
    }

    private SchemaErrors() {}

    /** {@return those of a validation's errors that matter} */
    static List<Error> reduce(List<Error> errors) {
        return reduce(errors, 0);
    }

    /**
     * @param errors those of one schema
     * @param depth of that schema in the path of its evaluation
     */
    private static List<Error> reduce(List<Error> errors, int depth) {
        List<Error> kept = new ArrayList<>();
        Map<Choice, Map<Integer, List<Error>>> alternatives = new LinkedHashMap<>();
        Set<Choice> ambiguous = ambiguousChoices(errors);
        for (Error error : errors) {
            int at = alternativesAt(error.getEvaluationPath(), depth);
            if (at < 0) {
                if (!isTolerated(error) && !isNoneOf(error)) {
                    kept.add(error);
                }
            } else {
                Choice choice = Choice.of(error, at);
                if (ambiguous.contains(choice)) {
                    continue;
                }
                int branch = (Integer) error.getEvaluationPath().getElement(at + 1);
                alternatives
                        .computeIfAbsent(choice, any -> new LinkedHashMap<>())
                        .computeIfAbsent(branch, any -> new ArrayList<>())
                        .add(error);
            }
        }
        alternatives.forEach((choice, branches) -> kept.addAll(best(branches, choice.depth())));
        return kept;
    }

    /** {@return the paths of the choices of which several alternatives fit} */
    private static Set<Choice> ambiguousChoices(List<Error> errors) {
        return errors.stream()
                .filter(error -> error.getKeyword().equals("oneOf") && !isNoneOf(error))
                .map(error -> Choice.of(error, error.getEvaluationPath().getNameCount() - 1))
                .collect(Collectors.toSet());
    }

    /** Whether the error says that no alternative fits, as those of the alternatives do. */
    private static boolean isNoneOf(Error error) {
        return error.getKeyword().equals("oneOf")
                && error.getArguments().length > 0
                && String.valueOf(error.getArguments()[0]).equals("0");
    }

    /** {@return where the path has the next choice between alternatives, or -1} */
    private static int alternativesAt(NodePath path, int from) {
        for (int i = from; i + 1 < path.getNameCount(); i++) {
            Object element = path.getElement(i);
            if ((element.equals("anyOf") || element.equals("oneOf"))
                    && path.getElement(i + 1) instanceof Integer) {
                return i;
            }
        }
        return -1;
    }

    private static List<Error> best(Map<Integer, List<Error>> branches, int depth) {
        List<List<Error>> reduced = new ArrayList<>();
        for (List<Error> branch : branches.values()) {
            List<Error> errors = reduce(branch, depth);
            if (errors.isEmpty()) {
                return errors;
            }
            reduced.add(errors);
        }
        Comparator<Error> byFit =
                Comparator.comparingInt(SchemaErrors::depthOf)
                        .thenComparingInt(error -> BY_MEANING.indexOf(error.getKeyword()));
        List<Error> best =
                reduced.stream()
                        .max(Comparator.comparing(each -> Collections.max(each, byFit), byFit))
                        .orElseThrow();
        if (best.size() > 1 || !best.get(0).getKeyword().equals("type")) {
            return best;
        }
        // Every type that would fit is to be named.
        return reduced.stream()
                .flatMap(List::stream)
                .filter(error -> error.getKeyword().equals("type"))
                .filter(
                        error ->
                                error.getInstanceLocation()
                                        .equals(best.get(0).getInstanceLocation()))
                .toList();
    }

    /** A property that is not known is below the object that has it. */
    private static int depthOf(Error error) {
        int depth = error.getInstanceLocation().getNameCount();
        return error.getKeyword().equals("additionalProperties") ? depth + 1 : depth;
    }

    /** Camel takes a number or boolean for text, and text for these, a placeholder for each. */
    private static boolean isTolerated(Error error) {
        JsonNode value = error.getInstanceNode();
        if (error.getKeyword().equals("enum")) {
            return value.isTextual() && value.asText().contains("{{");
        }
        if (!error.getKeyword().equals("type")) {
            return false;
        }
        return switch (error.getSchemaNode().asText()) {
            case "string" -> value.isNumber() || value.isBoolean();
            case "number", "integer" ->
                    value.isTextual() && value.asText().matches("(?s).*\\{\\{.*|-?\\d+[.\\d]*");
            case "boolean" ->
                    value.isTextual() && value.asText().matches("(?s).*\\{\\{.*|true|false");
            default -> false;
        };
    }
}
