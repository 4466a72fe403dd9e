package io.bactrian.log;

import ch.qos.logback.classic.pattern.ClassicConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import org.jspecify.annotations.Nullable;

/** Logback's {@code %msg} in one line: control characters in it are escaped. */
public final class MessageConverter extends ClassicConverter {

    @Override
    public @Nullable String convert(ILoggingEvent event) {
        return LogText.of(event.getFormattedMessage());
    }
}
