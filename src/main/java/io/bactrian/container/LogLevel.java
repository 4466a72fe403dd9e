package io.bactrian.container;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The least severe messages that are logged. */
public enum LogLevel {
    TRACE,
    DEBUG,
    INFO,
    WARN,
    ERROR;

    /** The system property that the log's configuration reads the level from. */
    public static final String PROPERTY = "bactrian.log.level";

    /**
     * {@return the level that Python's {@code logging} has by that name or number, as SageMaker
     * passes it; null if it has none}
     */
    static @Nullable LogLevel ofPython(String level) {
        return switch (level.toUpperCase(Locale.ROOT)) {
            case "0", "NOTSET" -> TRACE;
            case "10", "DEBUG" -> DEBUG;
            case "20", "INFO" -> INFO;
            case "30", "WARN", "WARNING" -> WARN;
            case "40", "50", "ERROR", "CRITICAL", "FATAL" -> ERROR;
            default -> null;
        };
    }
}
