package io.bactrian.validation;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.dialect.Dialect;
import com.networknt.schema.dialect.Dialects;
import com.networknt.schema.keyword.NonValidationKeyword;
import com.networknt.schema.path.NodePath;
import io.bactrian.route.SimilarNames;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.camel.dsl.yaml.YamlRoutesBuilderLoader;

/** Camel's JSON schema of route files, which is in the jar of its YAML DSL. */
final class RouteSchema {

    private static final String RESOURCE = "/schema/camelYamlDsl.json";

    private final JsonNode json;
    private final Schema schema;

    /**
     * @param pointer the value that is wrong, or the property that is not known
     * @param message what is wrong with it
     */
    record SchemaFault(JsonPointer pointer, String message) {}

    RouteSchema() {
        try (InputStream in = YamlRoutesBuilderLoader.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException("there is no " + RESOURCE + " in Camel's YAML DSL");
            }
            json = new ObjectMapper().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        // "deprecated" is no keyword of draft 4, and checks nothing.
        Dialect dialect =
                Dialect.builder(Dialects.getDraft4())
                        .keyword(new NonValidationKeyword("deprecated"))
                        .build();
        schema = SchemaRegistry.withDefaultDialect(dialect).getSchema(json);
    }

    /** {@return what the schema does not allow} */
    List<SchemaFault> validate(JsonNode document) {
        Map<JsonPointer, List<Error>> byValue = new LinkedHashMap<>();
        for (Error error : SchemaErrors.reduce(schema.validate(document))) {
            byValue.computeIfAbsent(pointer(error.getInstanceLocation()), any -> new ArrayList<>())
                    .add(error);
        }
        Set<SchemaFault> faults = new LinkedHashSet<>();
        byValue.forEach((pointer, errors) -> explain(pointer, errors, faults));
        return List.copyOf(faults);
    }

    private static JsonPointer pointer(NodePath path) {
        JsonPointer pointer = JsonPointer.empty();
        for (int i = 0; i < path.getNameCount(); i++) {
            Object element = path.getElement(i);
            pointer =
                    element instanceof Integer index
                            ? pointer.appendIndex(index)
                            : pointer.appendProperty(element.toString());
        }
        return pointer;
    }

    private void explain(JsonPointer pointer, List<Error> errors, Set<SchemaFault> faults) {
        String subject = subject(pointer);
        boolean hasUnknown =
                errors.stream().anyMatch(e -> e.getKeyword().equals("additionalProperties"));
        Set<String> types = new TreeSet<>();
        for (Error error : errors) {
            switch (error.getKeyword()) {
                case "additionalProperties" ->
                        faults.add(
                                new SchemaFault(
                                        pointer.appendProperty(error.getProperty()),
                                        unknown(pointer, error)));
                case "required" -> {
                    // A misspelled property is reported as such.
                    if (!hasUnknown) {
                        faults.add(
                                new SchemaFault(
                                        pointer,
                                        subject
                                                + " must have the property '"
                                                + error.getProperty()
                                                + "'"));
                    }
                }
                case "enum" ->
                        faults.add(
                                new SchemaFault(
                                        pointer,
                                        subject + notOneOf(error.getInstanceNode(), error)));
                case "maxProperties" ->
                        faults.add(
                                new SchemaFault(
                                        pointer,
                                        subject
                                                + " must have one name, this has "
                                                + names(error.getInstanceNode())
                                                + ": indent what belongs to the first, or begin the"
                                                + " second with a dash"));
                case "oneOf", "not" ->
                        faults.add(
                                new SchemaFault(
                                        pointer,
                                        subject
                                                + " can have one of these: "
                                                + names(error.getInstanceNode())));
                case "type" -> types.add(typeName(error.getSchemaNode().asText()));
                default -> faults.add(new SchemaFault(pointer, error.getMessage()));
            }
        }
        if (!types.isEmpty()) {
            JsonNode value = errors.get(0).getInstanceNode();
            faults.add(
                    new SchemaFault(
                            pointer,
                            subject
                                    + " must be "
                                    + String.join(" or ", types)
                                    + ", "
                                    + (value.isNull()
                                            ? "it is empty"
                                            : "it is " + typeName(typeOf(value)))));
        }
    }

    private String unknown(JsonPointer pointer, Error error) {
        String name = error.getProperty();
        Set<String> known = known(error);
        String message;
        if (pointer.equals(JsonPointer.empty()) || pointer.tail().equals(JsonPointer.empty())) {
            message = "a route file has no '" + name + "'";
        } else if (subject(pointer).equals("a step")) {
            message = "there is no step '" + name + "'";
        } else {
            message = subject(pointer) + " has no property '" + name + "'";
        }
        String similar = SimilarNames.of(name, known);
        if (similar != null) {
            return SimilarNames.withSuggestion(message, similar);
        }
        return known.size() > 20
                ? message
                : message + ", it has " + String.join(", ", new TreeSet<>(known));
    }

    /** {@return the names of the properties of the schema that forbids others} */
    private Set<String> known(Error error) {
        JsonNode forbids = json.at(parent(error.getSchemaLocation().getFragment()));
        Set<String> names = new LinkedHashSet<>();
        forbids.path("properties").fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static JsonPointer parent(NodePath path) {
        return pointer(path).head();
    }

    private static String notOneOf(JsonNode value, Error error) {
        List<String> values = new ArrayList<>();
        error.getSchemaNode().forEach(each -> values.add(each.asText()));
        return SimilarNames.withSuggestion(
                " must be one of " + String.join(", ", values) + ", it is '" + value.asText() + "'",
                SimilarNames.of(value.asText(), values));
    }

    private static String names(JsonNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names.stream().map(name -> "'" + name + "'").collect(Collectors.joining(", "));
    }

    /** {@return what the value is called: its name, or what it is an item of} */
    private static String subject(JsonPointer pointer) {
        if (pointer.equals(JsonPointer.empty())) {
            return "a route file";
        }
        if (!pointer.last().mayMatchElement()) {
            return "'" + pointer.last().getMatchingProperty() + "'";
        }
        JsonPointer list = pointer.head();
        if (list == null || list.equals(JsonPointer.empty())) {
            return "an entry of a route file";
        }
        return list.last().getMatchingProperty().equals("steps")
                ? "a step"
                : "an item of '" + list.last().getMatchingProperty() + "'";
    }

    private static String typeOf(JsonNode value) {
        return switch (value.getNodeType()) {
            case OBJECT -> "object";
            case ARRAY -> "array";
            case NUMBER -> "number";
            case BOOLEAN -> "boolean";
            default -> "string";
        };
    }

    /** {@return what YAML's users call a JSON type} */
    private static String typeName(String type) {
        return switch (type) {
            case "object" -> "a mapping (name: value)";
            case "array" -> "a list (- item)";
            case "string" -> "text";
            case "number", "integer" -> "a number";
            case "boolean" -> "true or false";
            default -> type;
        };
    }
}
