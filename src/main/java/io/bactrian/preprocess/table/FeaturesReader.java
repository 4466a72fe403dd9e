package io.bactrian.preprocess.table;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import io.bactrian.pipeline.PipelineFaultException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads a features file, which docs/processors.md describes. */
final class FeaturesReader {

    private static final Set<String> NUMBER =
            Set.of("field", "type", "default", "log1p", "mean", "center", "min", "scale", "clip");

    private static final Map<String, Set<String>> MEMBERS =
            Map.of(
                    "number",
                    NUMBER,
                    "one-hot",
                    Set.of(
                            "field",
                            "type",
                            "default",
                            "categories",
                            "categoriesFile",
                            "unknown",
                            "drop"),
                    "multi-hot",
                    Set.of(
                            "field",
                            "type",
                            "default",
                            "categories",
                            "categoriesFile",
                            "unknown",
                            "count"),
                    "index",
                    Set.of(
                            "field",
                            "type",
                            "default",
                            "categories",
                            "categoriesFile",
                            "unknown",
                            "offset"));

    private final String source;
    private final Function<String, JsonNode> files;

    /**
     * @param source the property and the file, for messages
     * @param files the content of a file that the features file names, by the name
     */
    FeaturesReader(String source, Function<String, JsonNode> files) {
        this.source = source;
        this.files = files;
    }

    Features read(JsonNode json) {
        JsonNode list = json.path("features");
        if (!list.isArray() || list.isEmpty()) {
            throw new PipelineFaultException(
                    source + " must be a JSON object with a list \"features\"");
        }
        Map<String, Integer> fields = new LinkedHashMap<>();
        List<Feature> features = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            features.add(feature(list.get(i), "features[" + i + "]", fields));
        }
        return new Features(RowFields.named(List.copyOf(fields.keySet())), features);
    }

    private Feature feature(JsonNode json, String path, Map<String, Integer> fields) {
        if (!json.path("field").isTextual()) {
            throw wrong(path + ".field", "the name of a field", json.path("field"));
        }
        int field = fields.computeIfAbsent(json.path("field").textValue(), any -> fields.size());
        String type = json.has("type") ? json.path("type").asText() : "number";
        Set<String> members = MEMBERS.get(type);
        if (members == null) {
            throw wrong(path + ".type", "number, one-hot, multi-hot or index", json.path("type"));
        }
        for (Map.Entry<String, JsonNode> member : json.properties()) {
            if (!members.contains(member.getKey())) {
                throw new PipelineFaultException(
                        source
                                + ": "
                                + path
                                + " has \""
                                + member.getKey()
                                + "\", which is no member of type "
                                + type);
            }
        }
        return type.equals("number")
                ? number(json, path, field)
                : category(json, path, field, type);
    }

    private Feature number(JsonNode json, String path, int field) {
        Double defaultValue =
                json.has("default") ? (Double) number(json, path, "default", 0) : null;
        return new NumberFeature(
                field, defaultValue, flag(json, path, "log1p"), scaling(json, path));
    }

    private Scaling scaling(JsonNode json, String path) {
        int offsets = 0;
        for (String offset : List.of("mean", "center", "min")) {
            offsets += json.has(offset) ? 1 : 0;
        }
        if (offsets > 1) {
            throw new PipelineFaultException(
                    source + ": " + path + " may have one of mean, center and min");
        }
        if (json.has("clip") && !json.has("min")) {
            throw new PipelineFaultException(
                    source + ": " + path + ".clip is of use with min only");
        }
        double scale = number(json, path, "scale", 1);
        if (scale == 0) {
            throw wrong(path + ".scale", "a number other than 0", json.path("scale"));
        }
        if (json.has("min")) {
            JsonNode clip = json.path("clip");
            if (json.has("clip")
                    && (clip.size() != 2 || !clip.get(0).isNumber() || !clip.get(1).isNumber())) {
                throw wrong(path + ".clip", "two numbers", clip);
            }
            return Scaling.ranged(
                    scale,
                    number(json, path, "min", 0),
                    clip.isArray() ? clip.get(0).doubleValue() : Double.NEGATIVE_INFINITY,
                    clip.isArray() ? clip.get(1).doubleValue() : Double.POSITIVE_INFINITY);
        }
        if (offsets == 0 && !json.has("scale")) {
            return Scaling.NONE;
        }
        String offset = json.has("mean") ? "mean" : "center";
        return Scaling.centered(number(json, path, offset, 0), scale);
    }

    private Feature category(JsonNode json, String path, int field, String type) {
        CategoryFeature.Kind kind =
                switch (type) {
                    case "one-hot" -> CategoryFeature.Kind.ONE_HOT;
                    case "multi-hot" -> CategoryFeature.Kind.MULTI_HOT;
                    default -> CategoryFeature.Kind.INDEX;
                };
        Categories categories = categories(json, path);
        JsonNode unknown = json.path("unknown");
        boolean index = kind == CategoryFeature.Kind.INDEX;
        CategoryFeature.Unknown policy = CategoryFeature.Unknown.ERROR;
        if (index && unknown.isInt()) {
            policy = CategoryFeature.Unknown.INDEX;
        } else if (!index && unknown.asText().equals("ignore")) {
            policy = CategoryFeature.Unknown.IGNORE;
        } else if (json.has("unknown") && !unknown.asText().equals("error")) {
            throw wrong(
                    path + ".unknown",
                    index ? "\"error\" or an index" : "\"error\" or \"ignore\"",
                    unknown);
        }
        int drop = json.has("drop") ? (int) number(json, path, "drop", -1) : -1;
        if (json.has("drop") && (drop < 0 || drop >= categories.size() || categories.size() == 1)) {
            throw wrong(
                    path + ".drop", "the index of one of several categories", json.path("drop"));
        }
        Object defaultValue = json.has("default") ? value(json.path("default")) : null;
        if (json.has("default")
                && (defaultValue == null
                        || defaultValue instanceof List
                                != (kind == CategoryFeature.Kind.MULTI_HOT))) {
            throw wrong(
                    path + ".default",
                    kind == CategoryFeature.Kind.MULTI_HOT ? "a list" : "a value of the field",
                    json.path("default"));
        }
        return new CategoryFeature(
                field,
                kind,
                categories,
                policy,
                unknown.asInt(),
                (int) number(json, path, "offset", 0),
                drop,
                flag(json, path, "count"),
                defaultValue);
    }

    private Categories categories(JsonNode feature, String path) {
        if (!feature.has("categoriesFile")) {
            return categoriesIn(feature.path("categories"), path + ".categories");
        }
        JsonNode file = feature.path("categoriesFile");
        if (feature.has("categories") || !file.isTextual()) {
            throw wrong(
                    path + ".categoriesFile", "the name of a file, in place of categories", file);
        }
        return categoriesIn(
                files.apply(file.textValue()), path + ".categoriesFile " + file + ", its content");
    }

    /** The categories in a list; or in an object by their indices. */
    private Categories categoriesIn(JsonNode json, String path) {
        if (!json.isObject()) {
            return listed(json, path);
        }
        JsonNode[] values = new JsonNode[json.size()];
        for (Map.Entry<String, JsonNode> each : json.properties()) {
            int index = each.getValue().isInt() ? each.getValue().intValue() : -1;
            if (index < 0 || index >= values.length || values[index] != null) {
                throw wrong(
                        path,
                        "an object with the indices 0 to " + (values.length - 1),
                        each.getValue());
            }
            values[index] = TextNode.valueOf(each.getKey());
        }
        return listed(JsonNodeFactory.instance.arrayNode().addAll(List.of(values)), path);
    }

    private Categories listed(JsonNode list, String path) {
        if (!list.isArray() || list.isEmpty()) {
            throw wrong(path, "a list of values", list);
        }
        List<Object> values = new ArrayList<>();
        for (JsonNode each : list) {
            Object value = value(each);
            if (value == null) {
                throw wrong(path, "a list of numbers, texts and booleans", each);
            }
            values.add(value);
        }
        try {
            return new Categories(values);
        } catch (IllegalArgumentException e) {
            throw new PipelineFaultException(source + ": " + path + ": " + e.getMessage());
        }
    }

    private static @Nullable Object value(JsonNode json) {
        if (json.isArray()) {
            List<@Nullable Object> list = new ArrayList<>();
            json.forEach(each -> list.add(value(each)));
            return list;
        }
        if (json.isIntegralNumber()) {
            return json.longValue();
        }
        if (json.isNumber()) {
            return json.doubleValue();
        }
        return json.isTextual() ? json.textValue() : json.isBoolean() ? json.booleanValue() : null;
    }

    private double number(JsonNode json, String path, String member, double otherwise) {
        JsonNode number = json.path(member);
        if (number.isMissingNode()) {
            return otherwise;
        }
        if (!number.isNumber()) {
            throw wrong(path + "." + member, "a number", number);
        }
        return number.doubleValue();
    }

    private boolean flag(JsonNode json, String path, String member) {
        JsonNode flag = json.path(member);
        if (!flag.isMissingNode() && !flag.isBoolean()) {
            throw wrong(path + "." + member, "true or false", flag);
        }
        return flag.asBoolean();
    }

    private PipelineFaultException wrong(String path, String expected, JsonNode value) {
        return new PipelineFaultException(
                source
                        + ": "
                        + path
                        + " must be "
                        + expected
                        + ", got "
                        + (value.isMissingNode() ? "none" : value));
    }
}
