package io.bactrian.route;

import io.bactrian.format.WireFormat;
import io.bactrian.format.WireFormats;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;

/**
 * The index of Camel's components, data formats and languages by module, most of which the
 * distribution does not include.
 */
final class CamelModules {

    /** A kind of thing that modules provide. */
    enum Kind {
        COMPONENT("component"),
        DATA_FORMAT("data format"),
        LANGUAGE("language");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        private String key(String name) {
            return name() + '.' + name;
        }

        /** {@return the names that Bactrian itself provides} */
        private List<String> ownNames() {
            return switch (this) {
                case COMPONENT -> List.of("pipeline", "tensorflow");
                case DATA_FORMAT ->
                        new WireFormats()
                                .all().stream().map(WireFormat::getDataFormatName).toList();
                case LANGUAGE -> List.of();
            };
        }
    }

    /** The index file, generated from Camel's catalog by CamelModulesTest. */
    private static final String INDEX = "camel-modules.properties";

    private CamelModules() {}

    /**
     * {@return an error message about a name that is not available: the module that provides it, or
     * else a similar name}
     */
    static String explainMissing(Kind kind, String name) {
        Properties modules = read();
        String module = modules.getProperty(kind.key(name));
        if (module != null) {
            return String.format(
                    "%s \"%s\" is not included: put the jar of org.apache.camel:%s:%s, and those it"
                            + " depends on, into lib beside the route file",
                    kind.text, name, module, modules.getProperty("version"));
        }
        // Of equally similar names, the first is suggested.
        Set<String> names = new LinkedHashSet<>(kind.ownNames());
        modules.stringPropertyNames().stream()
                .filter(key -> key.startsWith(kind.key("")))
                .map(key -> key.substring(kind.key("").length()))
                .sorted()
                .forEach(names::add);
        return SimilarNames.withSuggestion(
                "there is no " + kind.text + " \"" + name + "\"", SimilarNames.of(name, names));
    }

    private static Properties read() {
        Properties modules = new Properties();
        try (InputStream in = CamelModules.class.getResourceAsStream(INDEX)) {
            modules.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return modules;
    }
}
