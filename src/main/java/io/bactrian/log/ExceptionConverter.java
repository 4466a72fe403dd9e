package io.bactrian.log;

import ch.qos.logback.classic.pattern.ThrowableProxyConverter;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import org.jspecify.annotations.Nullable;

/** Logback's {@code %ex} with each exception's message in one line, as by {@link LogText}. */
public final class ExceptionConverter extends ThrowableProxyConverter {

    @Override
    protected String throwableProxyToString(IThrowableProxy exception) {
        return super.throwableProxyToString(new Escaped(exception));
    }

    /** An exception, its causes and what it suppressed, with messages in one line. */
    private record Escaped(IThrowableProxy exception) implements IThrowableProxy {

        private static @Nullable IThrowableProxy of(IThrowableProxy exception) {
            return exception == null ? null : new Escaped(exception);
        }

        @Override
        public @Nullable String getMessage() {
            return LogText.of(exception.getMessage());
        }

        @Override
        public String getClassName() {
            return exception.getClassName();
        }

        @Override
        public StackTraceElementProxy[] getStackTraceElementProxyArray() {
            return exception.getStackTraceElementProxyArray();
        }

        @Override
        public int getCommonFrames() {
            return exception.getCommonFrames();
        }

        @Override
        public @Nullable IThrowableProxy getCause() {
            return of(exception.getCause());
        }

        @Override
        public IThrowableProxy[] getSuppressed() {
            IThrowableProxy[] suppressed = exception.getSuppressed();
            IThrowableProxy[] escaped = new IThrowableProxy[suppressed.length];
            for (int i = 0; i < escaped.length; i++) {
                escaped[i] = of(suppressed[i]);
            }
            return escaped;
        }

        @Override
        public boolean isCyclic() {
            return exception.isCyclic();
        }
    }
}
