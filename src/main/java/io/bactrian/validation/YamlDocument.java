package io.bactrian.validation;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** A YAML document as JSON, with the position of each of its values. */
final class YamlDocument {

    /** Aliases of aliases grow exponentially; what has none is limited by the parser. */
    private static final int MAX_REPEATED = 100_000;

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final Map<JsonPointer, Position> positions = new LinkedHashMap<>();
    private final JsonNode root;
    private final Set<Node> converted = Collections.newSetFromMap(new IdentityHashMap<>());
    private int repeated;

    private YamlDocument(@Nullable Node document) throws YamlException {
        root =
                document == null
                        ? JSON.missingNode()
                        : convert(document, JsonPointer.empty(), positionOf(document));
    }

    /**
     * {@return the document}
     *
     * @throws YamlException if the text is not YAML, a key is there twice, or a value is part of
     *     itself
     */
    static YamlDocument parse(String text) throws YamlException {
        try {
            LoadSettings settings = LoadSettings.builder().build();
            Optional<Node> node = new Compose(settings).composeString(text);
            return new YamlDocument(node.orElse(null));
        } catch (MarkedYamlEngineException e) {
            Position position =
                    e.getProblemMark().map(YamlDocument::positionOf).orElse(Position.START);
            String context = e.getContext() == null ? "" : e.getContext() + ": ";
            throw new YamlException(position, "not YAML: " + context + e.getProblem());
        } catch (YamlEngineException e) {
            throw new YamlException(Position.START, "not YAML: " + e.getMessage());
        } catch (StackOverflowError e) {
            throw new YamlException(Position.START, "it is nested too deeply");
        }
    }

    /** {@return the document as JSON; the missing node for an empty one} */
    JsonNode root() {
        return root;
    }

    /** {@return where each value is, in their order: its key, or an item's beginning} */
    Map<JsonPointer, Position> positions() {
        return positions;
    }

    /** {@return the position of a value, or of the nearest one around it} */
    Position position(JsonPointer pointer) {
        for (JsonPointer each = pointer; each != null; each = each.head()) {
            Position position = positions.get(each);
            if (position != null) {
                return position;
            }
        }
        return Position.START;
    }

    private JsonNode convert(Node node, JsonPointer pointer, Position position)
            throws YamlException {
        if (node.isRecursive()) {
            throw new YamlException(position, "the alias makes a value part of itself");
        }
        if (!converted.add(node) && ++repeated > MAX_REPEATED) {
            throw new YamlException(
                    position, "aliases repeat more than " + MAX_REPEATED + " values");
        }
        positions.put(pointer, position);
        if (node instanceof MappingNode mapping) {
            return object(mapping, pointer);
        }
        if (node instanceof SequenceNode sequence) {
            ArrayNode array = JSON.arrayNode();
            for (Node item : sequence.getValue()) {
                array.add(convert(item, pointer.appendIndex(array.size()), positionOf(item)));
            }
            return array;
        }
        return scalar((ScalarNode) node);
    }

    private ObjectNode object(MappingNode mapping, JsonPointer pointer) throws YamlException {
        ObjectNode object = JSON.objectNode();
        for (NodeTuple entry : mapping.getValue()) {
            Position position = positionOf(entry.getKeyNode());
            // The parser refuses other keys.
            String name = ((ScalarNode) entry.getKeyNode()).getValue();
            if (object.has(name)) {
                throw new YamlException(position, "'" + name + "' is there twice");
            }
            object.set(name, convert(entry.getValueNode(), pointer.appendProperty(name), position));
        }
        return object;
    }

    private static JsonNode scalar(ScalarNode node) {
        String text = node.getValue();
        Tag tag = node.getTag();
        if (tag.equals(Tag.NULL)) {
            return JSON.nullNode();
        }
        if (tag.equals(Tag.BOOL)) {
            return JSON.booleanNode(Boolean.parseBoolean(text));
        }
        try {
            if (tag.equals(Tag.INT)) {
                return JSON.numberNode(Long.parseLong(text));
            }
            if (tag.equals(Tag.FLOAT)) {
                return JSON.numberNode(Double.parseDouble(text));
            }
        } catch (NumberFormatException e) {
            // Text to Java, such as .inf: to Camel as well.
        }
        return JSON.textNode(text);
    }

    private static Position positionOf(Node node) {
        return node.getStartMark().map(YamlDocument::positionOf).orElse(Position.START);
    }

    private static Position positionOf(Mark mark) {
        return new Position(mark.getLine() + 1, mark.getColumn() + 1);
    }
}
