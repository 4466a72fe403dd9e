package io.bactrian.serving;

import io.bactrian.cases.CaseException;
import io.bactrian.cases.CaseResult;
import io.bactrian.cases.GoldenCase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * The warm-up of pipelines: sends the {@linkplain BundledCases golden cases} that are expected to
 * succeed, so that the first callers do not pay for what is done once: compiling, allocating,
 * measuring. It has a thread of its own, since a case may never end.
 */
final class CaseWarmUp {

    private final LocalPipelines pipelines;
    private final BlockingQueue<String> problems = new LinkedBlockingQueue<>();
    private final Thread thread = new Thread(this::send, "warm-up");
    private volatile boolean isOver;
    private volatile @Nullable String current;

    CaseWarmUp(LocalPipelines pipelines) {
        this.pipelines = pipelines;
        thread.setDaemon(true);
    }

    /**
     * Sends the cases.
     *
     * @param limit how long this may take; no case is sent after it
     * @return what is wrong, each in a sentence: a case with another answer than the expected one,
     *     files that can't be read, or that there was no time for all
     */
    List<String> run(Duration limit) {
        thread.start();
        try {
            thread.join(limit.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        List<String> found = new ArrayList<>();
        isOver = true;
        if (isUnderWay()) {
            thread.interrupt();
            String name = current;
            problems.add(
                    "warm-up was ended after "
                            + limit.toSeconds()
                            + " s, "
                            + (name == null ? "as the cases were read" : "in golden case " + name));
        }
        problems.drainTo(found);
        return found;
    }

    /** {@return whether a request is being sent that may not have ended} */
    boolean isUnderWay() {
        return thread.isAlive();
    }

    private void send() {
        try {
            for (GoldenCase each : new BundledCases(pipelines).all()) {
                if (isOver) {
                    return;
                }
                if (each.expectsSuccess()) {
                    current = each.name();
                    send(each);
                }
            }
        } catch (CaseException e) {
            problems.add(String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            problems.add("warm-up failed: " + e);
        }
    }

    private void send(GoldenCase golden) {
        CaseResult result = golden.run(pipelines);
        if (!result.isPassed()) {
            problems.add("golden case " + golden.name() + ": " + result.differences().get(0));
        }
    }
}
