package io.bactrian.postprocess;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.pipeline.PipelineFaultException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The parser of labels files in JSON: a list of names, that of class 0 first; an object from class
 * numbers to names, such as {@code {"0": "cat"}}; or one from names to class numbers, such as
 * Keras' {@code class_indices}.
 *
 * <p>A name is a text or a number, and is answered as such; or a pair of which it is the second, as
 * in Keras' {@code imagenet_class_index.json}. An object whose classes are 0 to n − 1 names all
 * classes, as a list does.
 */
final class LabelsJson {

    private static final Pattern CLASS = Pattern.compile("0|[1-9]\\d{0,8}");

    private final String source;

    /**
     * Creates a parser.
     *
     * @param source the property and the file, for messages
     */
    LabelsJson(String source) {
        this.source = source;
    }

    /**
     * {@return the labels in a file}
     *
     * @throws PipelineFaultException if the file does not hold labels, naming the entry
     */
    Labels parse(JsonNode json) {
        if (json.isArray()) {
            return listed(json);
        }
        if (json.isObject()) {
            return mapped(json);
        }
        throw wrong(
                json.isMissingNode()
                        ? "is empty"
                        : "must be a list of names, or an object from class numbers to names or"
                                + " from names to class numbers");
    }

    private Labels listed(JsonNode list) {
        if (list.isEmpty()) {
            throw wrong("is empty");
        }
        List<Object> names = new ArrayList<>();
        for (JsonNode name : list) {
            names.add(name("entry " + names.size(), name));
        }
        return Labels.listed(source, names);
    }

    private Labels mapped(JsonNode object) {
        if (object.isEmpty()) {
            throw wrong("is empty");
        }
        SortedMap<Integer, Object> names = namesByClass(object);
        return names.lastKey() == names.size() - 1
                ? Labels.listed(source, List.copyOf(names.values()))
                : Labels.numbered(source, names);
    }

    private SortedMap<Integer, Object> namesByClass(JsonNode object) {
        boolean numbers = true;
        boolean differs = false;
        boolean toClasses = true;
        for (Map.Entry<String, JsonNode> entry : object.properties()) {
            numbers &= CLASS.matcher(entry.getKey()).matches();
            toClasses &= isClass(entry.getValue());
            differs |= !entry.getKey().equals(entry.getValue().asText());
        }
        if (numbers && toClasses && differs) {
            throw wrong(
                    "has numbers on both sides: write names as text (\"0\": \"7\"), so that the"
                            + " class numbers can be told from them");
        }
        SortedMap<Integer, Object> names = new TreeMap<>();
        for (Map.Entry<String, JsonNode> entry : object.properties()) {
            String key = entry.getKey();
            if (toClasses) {
                if (key.isBlank()) {
                    throw wrong("has an empty name");
                }
                Object before = names.put(entry.getValue().intValue(), key.strip());
                if (before != null) {
                    throw wrong(
                            "names class " + entry.getValue() + " again, after \"" + before + "\"");
                }
            } else if (CLASS.matcher(key).matches()) {
                names.put(Integer.valueOf(key), name("class " + key, entry.getValue()));
            } else {
                throw wrong(
                        "has the member \""
                                + key
                                + "\", expected class numbers, or the class number of each name");
            }
        }
        return names;
    }

    private static boolean isClass(JsonNode value) {
        return value.isIntegralNumber() && CLASS.matcher(value.asText()).matches();
    }

    private Object name(String place, JsonNode name) {
        if (name.isTextual() && !name.textValue().isBlank()) {
            return name.textValue().strip();
        }
        if (name.isNumber()) {
            return name.numberValue();
        }
        if (name.isArray() && name.size() == 2 && name.get(0).isTextual()) {
            return name(place, name.get(1));
        }
        throw wrong(
                "has "
                        + (name.isTextual() ? "an empty name" : name)
                        + " as "
                        + place
                        + ", expected a name");
    }

    private PipelineFaultException wrong(String what) {
        return new PipelineFaultException(source + " " + what);
    }
}
