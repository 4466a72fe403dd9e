package io.bactrian.cases;

import io.bactrian.invocation.Answer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The result of running a golden case.
 *
 * @param name the case's name
 * @param answer the answer
 * @param differences from the expected answer, each a sentence; empty if the case passes
 * @param duration how long the answer took
 * @param updated the file to which the answer was written as the expected one; null if none was
 */
public record CaseResult(
        String name,
        Answer answer,
        List<String> differences,
        Duration duration,
        @Nullable Path updated) {

    /**
     * Makes the differences printable.
     *
     * @param name the case's name
     * @param answer the answer
     * @param differences from the expected answer, each a sentence; empty if the case passes
     * @param duration how long the answer took
     * @param updated the file to which the answer was written as the expected one; null if none was
     */
    public CaseResult {
        differences = differences.stream().map(Excerpt::printable).toList();
    }

    /** {@return whether the answer is the expected one} */
    public boolean isPassed() {
        return differences.isEmpty();
    }

    /** {@return the differences, a line each after a line that names the case} */
    public String describe() {
        return "golden case " + name + "\n  " + String.join("\n  ", differences);
    }
}
