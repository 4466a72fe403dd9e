package io.bactrian.scaffold;

import java.util.List;

/**
 * A bean of a route file.
 *
 * @param name its name, by which a step refers to it
 * @param type its class
 * @param comment what was guessed and how to change it, one paragraph each
 * @param properties its properties
 */
record Bean(String name, Class<?> type, List<String> comment, List<Property> properties) {

    /**
     * A property of a bean.
     *
     * @param name its name
     * @param value its value, as YAML has it
     * @param comment what was guessed and how to change it; may be empty
     */
    record Property(String name, String value, String comment) {}
}
