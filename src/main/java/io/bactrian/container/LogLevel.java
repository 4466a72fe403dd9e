package io.bactrian.container;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The minimum level of messages that are logged. */
public enum LogLevel {
    /** All messages. */
    TRACE,
    /** Messages for debugging, and those of higher levels. */
    DEBUG,
    /** Informational messages, warnings and errors. */
    INFO,
    /** Warnings and errors. */
    WARN,
    /** Errors only. */
    ERROR;

    /** The system property from which logback's configuration reads the level. */
    public static final String PROPERTY = "bactrian.log.level";

    /**
     * {@return the level for a name or number of Python's {@code logging} module, which SageMaker
     * passes; null if there is none}
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
