package io.bactrian.container;

import io.bactrian.limit.Deadline;
import io.bactrian.pipeline.PipelineConstants;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** A step that records the deadlines of requests. */
public class DeadlineRecorder implements Processor {

    /** The deadlines, as values of {@link System#nanoTime()}; they may be slightly too early. */
    static final BlockingQueue<Long> TIMES = new LinkedBlockingQueue<>();

    @Override
    public void process(Exchange exchange) {
        Deadline deadline = exchange.getProperty(PipelineConstants.DEADLINE, Deadline.class);
        long now = System.nanoTime();
        TIMES.add(now + deadline.remaining().toNanos());
    }
}
