package io.bactrian.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.joran.spi.JoranException;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The log configuration of the distribution. */
class LogConfigurationTest {

    private static final String FORGED = "a\r\n2026-01-01T00:00:00.000Z ERROR Forged - line";

    private final LoggerContext context = new LoggerContext();

    @BeforeEach
    void configure() throws JoranException {
        JoranConfigurator configurator = new JoranConfigurator();
        configurator.setContext(context);
        configurator.doConfigure(new File("src/main/dist/conf/logback.xml"));
    }

    @AfterEach
    void stop() {
        context.stop();
    }

    private List<String> lines(String message, Throwable exception, Object... arguments) {
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        OutputStreamAppender<ILoggingEvent> appender =
                (OutputStreamAppender<ILoggingEvent>) root.getAppender("stderr");
        LoggingEvent event =
                new LoggingEvent(
                        "logger",
                        context.getLogger("a.B"),
                        Level.WARN,
                        message,
                        exception,
                        arguments);
        String text =
                new String(appender.getEncoder().encode(event), StandardCharsets.UTF_8)
                        .replace(System.lineSeparator(), "\n");
        return text.lines().toList();
    }

    @Test
    void routesLogAtInfoAndLibrariesAtWarn() {
        for (String route : List.of("my-classifier", "route1", "tenants", "audit.requests")) {
            assertTrue(context.getLogger(route).isInfoEnabled(), route);
            assertFalse(context.getLogger(route).isDebugEnabled(), route);
        }
        for (String library :
                List.of(
                        "io.bactrian.container.Container",
                        "org.apache.camel.impl.engine.DefaultRouteController",
                        "io.vertx.core.impl.VertxImpl",
                        "io.netty.util.internal.PlatformDependent")) {
            assertTrue(context.getLogger(library).isWarnEnabled(), library);
            assertFalse(context.getLogger(library).isInfoEnabled(), library);
        }
        assertFalse(
                context.getLogger("org.apache.camel.processor.errorhandler.DefaultErrorHandler")
                        .isErrorEnabled());
    }

    @Test
    void messageIsWrittenInOneLine() {
        List<String> lines = lines(FORGED, null);
        assertEquals(1, lines.size(), lines.toString());
        assertTrue(
                lines.get(0)
                        .matches(
                                "[-0-9T:.]+(Z|[+-][0-9:]+) WARN  B -"
                                        + " a\\\\r\\\\n2026-01-01T00:00:00.000Z ERROR Forged - line"),
                lines.get(0));
        assertEquals(1, lines("{} x", null, FORGED).size());
    }

    @Test
    void exceptionMessagesAreWrittenInOneLineEach() {
        RuntimeException exception =
                new RuntimeException(FORGED, new IllegalStateException("cause\n\tat forged"));
        exception.addSuppressed(new IllegalArgumentException("suppressed\u0085forged"));
        List<String> lines = lines("failed", exception);
        assertTrue(lines.get(0).endsWith(" WARN  B - failed"), lines.get(0));
        assertEquals(
                "java.lang.RuntimeException: a\\r\\n2026-01-01T00:00:00.000Z ERROR Forged - line",
                lines.get(1));
        assertTrue(
                lines.contains("Caused by: java.lang.IllegalStateException: cause\\n\\tat forged"));
        assertTrue(
                lines.contains(
                        "\tSuppressed: java.lang.IllegalArgumentException: suppressed\\u0085forged"));
        assertTrue(
                lines.subList(2, lines.size()).stream()
                        .allMatch(line -> line.startsWith("\t") || line.startsWith("Caused by: ")),
                lines.toString());
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "0,\\u0000",
                "7,\\u0007",
                "9,\\t",
                "10,\\n",
                "11,\\u000b",
                "13,\\r",
                "27,\\u001b",
                "32, ",
                "92,\\",
                "126,~",
                "127,\\u007f",
                "133,\\u0085",
                "160,\u00a0",
                "233,é",
                "8232,\\u2028",
                "8233,\\u2029",
                "8238,\\u202e",
                "8297,\\u2069",
                "128042,🐪"
            })
    void controlCharactersAreEscaped(int character, String expected) {
        String text = new String(Character.toChars(character));
        assertEquals(expected, LogText.of(text));
        assertEquals("ab" + expected + "c", LogText.of("ab" + text + "c"));
    }

    @Test
    void longMessageIsTruncated() {
        assertEquals(
                "x".repeat(LogText.MAX_LENGTH) + "… (20000000 characters)",
                LogText.of("x".repeat(20_000_000)));
        String fits = "x".repeat(LogText.MAX_LENGTH);
        assertEquals(fits, LogText.of(fits));
        assertEquals(null, LogText.of(null));
    }
}
