package io.bactrian.postprocess;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.support.ResourceHelper;

/** The names of classes by their number. */
final class Labels {

    /** No names at all. */
    static final Labels NONE = new Labels(Map.of());

    private final Map<Integer, String> names;

    private Labels(Map<Integer, String> names) {
        this.names = names;
    }

    /**
     * @param names with commas between them, that of class 0 first
     */
    static Labels of(String names) {
        Map<Integer, String> byClass = new HashMap<>();
        String[] each = names.split(",");
        for (int i = 0; i < each.length; i++) {
            byClass.put(i, each[i].strip());
        }
        return new Labels(byClass);
    }

    /**
     * Reads a name a line, the first line's is class 0's; or, where classes have gaps, the class, a
     * tab and its name a line.
     *
     * @param location a Camel resource: a path, {@code file:…} or {@code classpath:…}
     * @throws IllegalArgumentException if it can't be read
     */
    static Labels load(CamelContext context, String location) {
        Map<Integer, String> names = new HashMap<>();
        String resource = location.contains(":") ? location : "file:" + location;
        try (InputStream in =
                        ResourceHelper.resolveMandatoryResourceAsInputStream(context, resource);
                BufferedReader lines =
                        new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            int number = 0;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                int tab = line.indexOf('\t');
                if (tab > 0 && line.substring(0, tab).matches("\\d{1,9}")) {
                    names.put(Integer.parseInt(line.substring(0, tab)), line.substring(tab + 1));
                } else {
                    names.put(number, line);
                }
                number++;
            }
        } catch (IOException e) {
            throw new IllegalArgumentException("can't read the labels in " + location, e);
        }
        return new Labels(names);
    }

    /**
     * @return the class's name, or null if it has none
     */
    String name(int classId) {
        return names.get(classId);
    }
}
