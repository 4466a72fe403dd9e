package io.bactrian.container;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.LoggerFactory;

/** Captures log messages until it is closed, each with the message of its exception. */
final class LogLines implements AutoCloseable {

    private static final Logger ROOT = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);

    private final Queue<String> lines = new ConcurrentLinkedQueue<>();
    private final AtomicLong stackTraces = new AtomicLong();
    private final AppenderBase<ILoggingEvent> appender =
            new AppenderBase<>() {
                @Override
                protected void append(ILoggingEvent event) {
                    if (event.getThrowableProxy() != null) {
                        stackTraces.incrementAndGet();
                    }
                    lines.add(
                            event.getFormattedMessage()
                                    + (event.getThrowableProxy() == null
                                            ? ""
                                            : ": " + event.getThrowableProxy().getMessage()));
                }
            };

    LogLines() {
        appender.start();
        ROOT.addAppender(appender);
    }

    long count(String part) {
        return lines.stream().filter(line -> line.contains(part)).count();
    }

    /** {@return the number of messages that were logged with an exception} */
    long stackTraces() {
        return stackTraces.get();
    }

    @Override
    public void close() {
        ROOT.detachAppender(appender);
    }
}
