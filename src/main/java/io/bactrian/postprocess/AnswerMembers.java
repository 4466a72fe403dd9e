package io.bactrian.postprocess;

import io.bactrian.pipeline.PipelineFaultException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The members of a JSON object for a class: its value, its label and its score, by names of which
 * an empty one leaves its member out.
 *
 * @param value the name of the class number's member, or of what stands for it
 * @param label the name of the label's member
 * @param score the name of the score's member
 */
record AnswerMembers(String value, String label, String score) {

    /**
     * {@return the object; or, if there would be nothing in it, the label alone, else the value}
     *
     * @param classLabel the class's name, or null if it has none
     */
    Object answer(Object classValue, @Nullable Object classLabel, Number classScore) {
        Map<String, Object> members = new LinkedHashMap<>();
        if (!value.isEmpty()) {
            members.put(value, classValue);
        }
        if (!label.isEmpty() && classLabel != null) {
            members.put(label, classLabel);
        }
        if (!score.isEmpty()) {
            members.put(score, classScore);
        }
        if (members.isEmpty()) {
            return classLabel == null ? classValue : classLabel;
        }
        return members;
    }

    /**
     * Checks that members have different names.
     *
     * @param names the names by the properties that set them; empty ones don't count
     * @throws PipelineFaultException if two are the same
     */
    static void checkDistinct(Map<String, String> names) {
        Map<String, String> properties = new HashMap<>();
        new TreeMap<>(names)
                .forEach(
                        (property, name) -> {
                            String before = name.isEmpty() ? null : properties.put(name, property);
                            if (before != null) {
                                throw new PipelineFaultException(
                                        before + " and " + property + " are both \"" + name + "\"");
                            }
                        });
    }
}
