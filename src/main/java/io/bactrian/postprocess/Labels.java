package io.bactrian.postprocess;

import io.bactrian.pipeline.PipelineFaultException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The names of classes, by class number. A name is a text, or a number from a JSON file. */
final class Labels {

    /** No labels. */
    static final Labels NONE = new Labels("labels", Map.of(), false);

    private final String source;
    private final Map<Integer, Object> names;
    private final boolean complete;

    private Labels(String source, Map<Integer, Object> names, boolean complete) {
        this.source = source;
        this.names = names;
        this.complete = complete;
    }

    /**
     * {@return the labels of the property {@code labels}}
     *
     * @param names names with commas between, that of class 0 first
     * @throws PipelineFaultException if one is empty
     */
    static Labels of(String names) {
        List<String> listed = new ArrayList<>();
        for (String name : names.split(",", -1)) {
            if (name.isBlank()) {
                throw new PipelineFaultException(
                        "labels: the name of class "
                                + listed.size()
                                + " is empty in \""
                                + names
                                + "\"; it takes names with one comma between two of them");
            }
            listed.add(name.strip());
        }
        return listed("labels", listed);
    }

    /**
     * {@return the labels of all classes}
     *
     * @param source the property that they come from, for messages
     * @param names the names of all classes, that of class 0 first
     */
    static Labels listed(String source, List<?> names) {
        Map<Integer, Object> byClass = new HashMap<>();
        for (Object name : names) {
            byClass.put(byClass.size(), name);
        }
        return new Labels(source, byClass, true);
    }

    /**
     * {@return the labels of some classes}
     *
     * @param source the property that they come from, for messages
     * @param names the names by class; other classes have none
     */
    static Labels numbered(String source, Map<Integer, ?> names) {
        return new Labels(source, Map.copyOf(names), false);
    }

    /** {@return the class's name, or null if it has none} */
    @Nullable Object name(int classId) {
        return names.get(classId);
    }

    /**
     * Checks that these can be the labels of a number of classes.
     *
     * @param output the output that has a score for each class, for the message
     * @throws PipelineFaultException if a list has more or fewer names, or a name is that of a
     *     class beyond the last
     */
    void checkCount(int classes, String output) {
        if (complete && names.size() != classes) {
            throw new PipelineFaultException(
                    source
                            + " has "
                            + count(names.size(), "name")
                            + " for "
                            + classesOf(classes)
                            + ": "
                            + output);
        }
        for (int classId : names.keySet()) {
            if (classId >= classes) {
                throw new PipelineFaultException(
                        source
                                + " names class "
                                + classId
                                + " of "
                                + classesOf(classes)
                                + ": "
                                + output);
            }
        }
    }

    /**
     * Checks that these can be the labels of a model that answers a class.
     *
     * @throws PipelineFaultException if they are a list that ends before the class
     */
    void checkClass(int classId) {
        if (complete && !names.containsKey(classId)) {
            throw new PipelineFaultException(
                    source
                            + " has "
                            + count(names.size(), "name")
                            + ", for the classes 0 to "
                            + (names.size() - 1)
                            + ", but the model gave class "
                            + classId);
        }
    }

    private static String classesOf(int classes) {
        return classes == 1 ? "1 class" : classes + " classes";
    }

    private static String count(int number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }
}
