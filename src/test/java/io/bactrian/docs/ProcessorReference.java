package io.bactrian.docs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.preprocess.Preprocessor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.spi.Metadata;

/**
 * Generates the reference of the beans for YAML pipelines from their annotations and default
 * values: the tables of docs/processors.md, and the metadata for Camel's tools.
 */
final class ProcessorReference {

    private static final List<String> PACKAGES = List.of("preprocess", "postprocess", "pipeline");

    /** The properties of beans that Camel sets, and not YAML. */
    private static final List<String> CAMELS = List.of("camelContext", "route");

    private ProcessorReference() {}

    /**
     * A property of a bean.
     *
     * @param defaultValue the value in a new instance, or null
     */
    record Property(String name, Class<?> type, Metadata metadata, Object defaultValue) {

        /** {@return a description of the allowed values} */
        String values() {
            List<String> choices = choices();
            if (!choices.isEmpty()) {
                return choices.stream()
                        .map(choice -> "`" + choice + "`")
                        .collect(Collectors.joining(", "));
            }
            if (type == boolean.class) {
                return "`true`, `false`";
            }
            if (type == String.class) {
                return "text";
            }
            if (type == Map.class) {
                return "map of texts";
            }
            return type == Double.class || type == double.class ? "number" : "whole number";
        }

        List<String> choices() {
            if (!metadata.enums().isEmpty()) {
                return List.of(metadata.enums().split(","));
            }
            return type.isEnum()
                    ? Arrays.stream(type.getEnumConstants()).map(Object::toString).toList()
                    : List.of();
        }

        boolean hasDefault() {
            return defaultValue != null && !String.valueOf(defaultValue).isEmpty() && !isEmptyMap();
        }

        private boolean isEmptyMap() {
            return defaultValue instanceof Map<?, ?> map && map.isEmpty();
        }
    }

    /** {@return the concrete classes of the packages with processors that are beans, by name} */
    static List<Class<?>> beans() {
        return classes().filter(each -> metadata(each).label().equals("bean")).toList();
    }

    static Stream<Class<?>> classes() {
        Path root;
        try {
            root =
                    Path.of(
                            Preprocessor.class
                                    .getProtectionDomain()
                                    .getCodeSource()
                                    .getLocation()
                                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
        return PACKAGES.stream()
                .flatMap(name -> files(root.resolve("io/bactrian").resolve(name)))
                .map(file -> root.relativize(file).toString())
                .filter(file -> file.endsWith(".class"))
                .map(file -> file.substring(0, file.length() - ".class".length()))
                .<Class<?>>map(file -> load(file.replace('/', '.')))
                .filter(each -> !Modifier.isAbstract(each.getModifiers()))
                .filter(each -> Modifier.isPublic(each.getModifiers()));
    }

    private static Stream<Path> files(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name, false, ProcessorReference.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    /** {@return the metadata of a class; without a label or description if it has none} */
    static Metadata metadata(Class<?> type) {
        Metadata metadata = type.getAnnotation(Metadata.class);
        return metadata == null ? None.class.getAnnotation(Metadata.class) : metadata;
    }

    @Metadata
    private static final class None {}

    /** {@return the properties with setters, those of the class itself first} */
    static List<Property> properties(Class<?> bean) {
        Object instance = instance(bean);
        List<String> excluded = List.of(metadata(bean).excludeProperties().split(","));
        List<Property> properties = new ArrayList<>();
        for (Class<?> type = bean; type != Object.class; type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                String name = field.getName();
                if (setter(bean, name) == null
                        || CAMELS.contains(name)
                        || excluded.contains(name)) {
                    continue;
                }
                properties.add(
                        new Property(
                                name,
                                field.getType(),
                                field.getAnnotation(Metadata.class),
                                value(instance, getter(bean, name))));
            }
        }
        return properties;
    }

    private static Object instance(Class<?> bean) {
        try {
            return bean.getConstructor().newInstance();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Object value(Object bean, Method getter) {
        try {
            return getter == null ? null : getter.invoke(bean);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    static Method setter(Class<?> bean, String property) {
        return method(bean, "set" + capitalized(property), 1);
    }

    static Method getter(Class<?> bean, String property) {
        Method getter = method(bean, "get" + capitalized(property), 0);
        return getter == null ? method(bean, "is" + capitalized(property), 0) : getter;
    }

    private static Method method(Class<?> bean, String name, int parameters) {
        return Arrays.stream(bean.getMethods())
                .filter(each -> each.getName().equals(name))
                .filter(each -> each.getParameterCount() == parameters)
                .findFirst()
                .orElse(null);
    }

    private static String capitalized(String text) {
        return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
    }

    /** {@return a section for each bean, with a table of its properties} */
    static String markdown() {
        StringBuilder page = new StringBuilder();
        for (Class<?> bean : beans()) {
            page.append("\n### ").append(bean.getSimpleName()).append("\n\n");
            page.append(metadata(bean).description()).append("\n\n");
            page.append("```yaml\ntype: ").append(bean.getName()).append("\n```\n");
            List<Property> properties = properties(bean);
            if (!properties.isEmpty()) {
                page.append("\n| property | values | default | meaning |\n");
                page.append("| --- | --- | --- | --- |\n");
            }
            for (Property property : properties) {
                page.append("| `").append(property.name()).append("` | ");
                page.append(property.values()).append(" | ");
                page.append(
                        property.hasDefault() ? "`" + property.defaultValue() + "`" : "not set");
                page.append(" | ");
                page.append(property.metadata().description().replace("|", "\\|")).append(". |\n");
            }
        }
        return page.append("\n").toString();
    }

    /** {@return the contents of Camel's metadata files by their names} */
    static SortedMap<String, String> camelMetadata() {
        SortedMap<String, String> files = new TreeMap<>();
        List<String> names = new ArrayList<>();
        for (Class<?> bean : beans()) {
            names.add(bean.getSimpleName());
            files.put("bean/" + bean.getSimpleName() + ".json", json(bean));
        }
        names.sort(Comparator.naturalOrder());
        files.put(
                "bean.properties",
                "bean="
                        + String.join(" ", names)
                        + "\ngroupId=${project.groupId}\nartifactId=${project.artifactId}"
                        + "\nversion=${project.version}\nprojectName=${project.name}"
                        + "\nprojectDescription=${project.description}\n");
        return files;
    }

    /** As camel-package-maven-plugin writes it. */
    private static String json(Class<?> bean) {
        Map<String, Object> properties = new LinkedHashMap<>();
        for (Property property : properties(bean)) {
            Map<String, Object> values = new LinkedHashMap<>();
            values.put("index", properties.size());
            values.put("kind", "property");
            values.put("displayName", title(capitalized(property.name())));
            values.put("required", false);
            values.put("type", type(property));
            values.put("javaType", property.type().getCanonicalName());
            if (!property.choices().isEmpty()) {
                values.put("enum", property.choices());
            }
            values.put("deprecated", false);
            values.put("autowired", false);
            values.put("secret", false);
            if (property.hasDefault()) {
                Object value = property.defaultValue();
                values.put("defaultValue", value instanceof Enum ? value.toString() : value);
            }
            values.put("description", property.metadata().description());
            properties.put(property.name(), values);
        }
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("kind", "bean");
        values.put("name", bean.getSimpleName());
        values.put("javaType", bean.getName());
        values.put(
                "interfaceType",
                metadata(bean).annotations()[0].substring("interfaceName=".length()));
        values.put("title", title(bean.getSimpleName()));
        values.put("description", metadata(bean).description());
        values.put("deprecated", false);
        values.put("groupId", "${project.groupId}");
        values.put("artifactId", "${project.artifactId}");
        values.put("version", "${project.version}");
        values.put("properties", properties);
        try {
            return new ObjectMapper()
                            .writerWithDefaultPrettyPrinter()
                            .writeValueAsString(Map.of("bean", values))
                    + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String title(String camelCase) {
        return camelCase.replaceAll("(?<=[a-z])(?=[A-Z])", " ");
    }

    private static String type(Property property) {
        if (!property.choices().isEmpty()) {
            return "enum";
        }
        return switch (property.values()) {
            case "text" -> "string";
            case "number" -> "number";
            case "whole number" -> "integer";
            case "map of texts" -> "object";
            default -> "boolean";
        };
    }
}
