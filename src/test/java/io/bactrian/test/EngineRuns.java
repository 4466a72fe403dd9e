package io.bactrian.test;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.List;
import java.util.function.Predicate;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;

/** Runs of test classes within a test. */
final class EngineRuns {

    private EngineRuns() {}

    static EngineExecutionResults run(Class<?> testClass) {
        return EngineTestKit.engine("junit-jupiter").selectors(selectClass(testClass)).execute();
    }

    /** {@return what the tests and classes failed with} */
    static List<Throwable> failures(EngineExecutionResults results, Predicate<Event> condition) {
        return results.allEvents().failed().stream()
                .filter(condition)
                .map(
                        event ->
                                event.getRequiredPayload(TestExecutionResult.class)
                                        .getThrowable()
                                        .orElseThrow())
                .toList();
    }

    /** {@return the messages of what the tests and classes failed with} */
    static List<String> messages(EngineExecutionResults results) {
        return failures(results, event -> true).stream().map(Throwable::getMessage).toList();
    }
}
