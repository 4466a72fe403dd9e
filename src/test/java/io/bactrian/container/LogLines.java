package io.bactrian.container;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.LoggerFactory;

/** What is logged meanwhile, each message with that of its exception. */
final class LogLines implements AutoCloseable {

    private static final Logger ROOT = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);

    private final Queue<String> lines = new ConcurrentLinkedQueue<>();
    private final AppenderBase<ILoggingEvent> appender =
            new AppenderBase<>() {
                @Override
                protected void append(ILoggingEvent event) {
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

    @Override
    public void close() {
        ROOT.detachAppender(appender);
    }
}
