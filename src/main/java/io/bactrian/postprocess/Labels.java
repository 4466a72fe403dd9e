package io.bactrian.postprocess;

import io.bactrian.pipeline.PipelineFaultException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The names of classes by their number. */
final class Labels {

    /** No names at all. */
    static final Labels NONE = new Labels("labels", Map.of(), false);

    private final String source;
    private final Map<Integer, String> names;
    private final boolean complete;

    private Labels(String source, Map<Integer, String> names, boolean complete) {
        this.source = source;
        this.names = names;
        this.complete = complete;
    }

    /**
     * @param names the value of the property {@code labels}: names with commas between, that of
     *     class 0 first
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
     * @param source the property they come from, for messages
     * @param names of all classes, that of class 0 first
     */
    static Labels listed(String source, List<String> names) {
        Map<Integer, String> byClass = new HashMap<>();
        for (String name : names) {
            byClass.put(byClass.size(), name);
        }
        return new Labels(source, byClass, true);
    }

    /**
     * @param source the property they come from, for messages
     * @param names by class; those that are not there have none
     */
    static Labels numbered(String source, Map<Integer, String> names) {
        return new Labels(source, Map.copyOf(names), false);
    }

    /** {@return the class's name, or null if it has none} */
    String name(int classId) {
        return names.get(classId);
    }

    /**
     * Checks that these are the labels of so many classes.
     *
     * @param output what the model gives, for the message
     * @throws PipelineFaultException if a list has more names or fewer, or a class that is not
     *     there has a name
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
     * Checks that these can be the labels of a model that gives this class.
     *
     * @throws PipelineFaultException if they are a list that ends before it
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
