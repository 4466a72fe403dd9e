package io.bactrian.container;

import io.bactrian.limit.Deadline;
import io.bactrian.pipeline.PipelineConstants;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** A step that tells a test when its request's time is up. */
public class DeadlineSeen implements Processor {

    /** Values of {@link System#nanoTime()}: of the deadlines, or a little before them. */
    static final BlockingQueue<Long> TIMES = new LinkedBlockingQueue<>();

    @Override
    public void process(Exchange exchange) {
        Deadline deadline = exchange.getProperty(PipelineConstants.DEADLINE, Deadline.class);
        long now = System.nanoTime();
        TIMES.add(now + deadline.remaining().toNanos());
    }
}
