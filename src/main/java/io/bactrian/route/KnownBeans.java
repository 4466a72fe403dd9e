package io.bactrian.route;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** The bean classes of Bactrian and Camel, from the metadata in their jars. */
final class KnownBeans {

    private static final String METADATA = "META-INF/services/org/apache/camel/bean";

    private KnownBeans() {}

    /**
     * {@return the bean class to suggest for the name of a class that does not exist: one with the
     * same or a similar simple name; null if there is none}
     */
    static @Nullable String similarTo(String className) {
        Map<String, URL> metadata = new LinkedHashMap<>();
        try {
            ClassLoader loader = KnownBeans.class.getClassLoader();
            for (URL list : Collections.list(loader.getResources(METADATA + ".properties"))) {
                Properties properties = new Properties();
                try (InputStream in = list.openStream()) {
                    properties.load(in);
                }
                for (String name : properties.getProperty("bean", "").split(" ", -1)) {
                    URL found = loader.getResource(METADATA + '/' + name + ".json");
                    if (found != null) {
                        metadata.put(name, found);
                    }
                }
            }
            String simpleName = className.substring(className.lastIndexOf('.') + 1);
            String similar = SimilarNames.of(simpleName, metadata.keySet());
            URL found = similar == null ? null : metadata.get(similar);
            return found == null ? null : javaType(found);
        } catch (IOException e) {
            // The error message is complete without a suggestion.
            return null;
        }
    }

    private static String javaType(URL metadata) throws IOException {
        try (InputStream in = metadata.openStream()) {
            return new ObjectMapper().readTree(in).at("/bean/javaType").asText();
        }
    }
}
