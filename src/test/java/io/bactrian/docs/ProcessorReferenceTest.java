package io.bactrian.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.docs.ProcessorReference.Property;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.camel.Processor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ProcessorReferenceTest {

    private static final Path PAGE = Path.of("docs/processors.md");
    private static final Path METADATA =
            Path.of("src/generated/resources/META-INF/services/org/apache/camel");
    private static final String BEGIN =
            "<!-- Made from the processors' annotations by ProcessorReferenceTest. -->\n";
    private static final String END = "<!-- The end of what is made. -->\n";
    private static final String HOW =
            " differs from the processors' annotations: run mvn test"
                    + " -Dtest=ProcessorReferenceTest -Dupdate.docs=true";

    /** Run with {@code -Dupdate.docs=true} to regenerate the tables. */
    @Test
    void pageListsTheProcessors() throws IOException {
        String page = Files.readString(PAGE);
        String expected =
                page.substring(0, page.indexOf(BEGIN) + BEGIN.length())
                        + ProcessorReference.markdown()
                        + page.substring(page.indexOf(END));
        if (Boolean.getBoolean("update.docs")) {
            Files.writeString(PAGE, expected);
        }
        assertEquals(expected, Files.readString(PAGE), PAGE + HOW);
    }

    @Test
    void camelsMetadataListsTheProcessors() throws IOException {
        SortedMap<String, String> expected = ProcessorReference.camelMetadata();
        if (Boolean.getBoolean("update.docs")) {
            for (String file : files().keySet()) {
                Files.delete(METADATA.resolve(file));
            }
            Files.createDirectories(METADATA.resolve("bean"));
            for (String file : expected.keySet()) {
                Files.writeString(METADATA.resolve(file), expected.get(file));
            }
        }
        assertEquals(expected, files(), METADATA + HOW);
    }

    private static SortedMap<String, String> files() throws IOException {
        SortedMap<String, String> contents = new TreeMap<>();
        if (Files.exists(METADATA)) {
            try (Stream<Path> files = Files.walk(METADATA)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    contents.put(METADATA.relativize(file).toString(), Files.readString(file));
                }
            }
        }
        return contents;
    }

    @Test
    void everyProcessorIsListed() {
        List<Class<?>> processors =
                ProcessorReference.classes()
                        .filter(Processor.class::isAssignableFrom)
                        .filter(each -> !each.getName().startsWith("io.bactrian.pipeline.Pipeline"))
                        .toList();
        assertTrue(processors.size() > 7);
        for (Class<?> each : processors) {
            assertEquals("bean", ProcessorReference.metadata(each).label(), each.getName());
        }
    }

    static List<Class<?>> beans() {
        return ProcessorReference.beans();
    }

    @ParameterizedTest
    @MethodSource("beans")
    void everyPropertyHasAGetterASetterAndADescription(Class<?> bean) {
        assertFalse(ProcessorReference.metadata(bean).description().isBlank());
        List<Property> properties = ProcessorReference.properties(bean);
        for (Property property : properties) {
            String name = bean.getSimpleName() + "." + property.name();
            assertNotNull(property.metadata(), name + " has no @Metadata");
            String description = property.metadata().description();
            assertFalse(description.isBlank(), name);
            assertFalse(description.endsWith("."), name + ": the table adds the full stop");
            Method setter = ProcessorReference.setter(bean, property.name());
            Method getter = ProcessorReference.getter(bean, property.name());
            assertEquals(property.type(), setter.getParameterTypes()[0], name);
            assertEquals(property.type(), getter.getReturnType(), name);
            // A property without a default must say what applies if it is not set.
            assertTrue(
                    property.hasDefault()
                            || description.matches("(?s).*(Not set:|Not needed if|left out).*"),
                    name + ": " + description);
        }
        long setters =
                Stream.of(bean.getMethods())
                        .filter(each -> each.getName().startsWith("set"))
                        .filter(
                                each ->
                                        each.getDeclaringClass()
                                                .getName()
                                                .startsWith("io.bactrian"))
                        .map(Method::getName)
                        .distinct()
                        .filter(each -> !List.of("setCamelContext", "setRoute").contains(each))
                        .count();
        long excluded =
                Stream.of(ProcessorReference.metadata(bean).excludeProperties().split(","))
                        .filter(each -> !each.isEmpty())
                        .count();
        assertEquals(
                setters - excluded, properties.size(), "setters without a field of their name");
    }
}
