package io.bactrian.preprocess.table;

import java.time.LocalDateTime;
import java.time.temporal.ChronoField;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A number that a timestamp gives: a part of it as pandas names it, such as {@code hour}, or the
 * sine or cosine of that part as an angle, such as {@code hour_sin}.
 */
public final class TimeFeature {

    private enum Part {
        MINUTE(60, ChronoField.MINUTE_OF_HOUR, 0),
        HOUR(24, ChronoField.HOUR_OF_DAY, 0),
        /** From 0 for Monday on, which is 1 in Java. */
        DAYOFWEEK(7, ChronoField.DAY_OF_WEEK, 1),
        DAY(31, ChronoField.DAY_OF_MONTH, 0),
        DAYOFYEAR(365, ChronoField.DAY_OF_YEAR, 0),
        MONTH(12, ChronoField.MONTH_OF_YEAR, 0),
        YEAR(1, ChronoField.YEAR, 0);

        private final int period;
        private final ChronoField field;
        private final int first;

        Part(int period, ChronoField field, int first) {
            this.period = period;
            this.field = field;
            this.first = first;
        }

        String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private enum Form {
        NUMBER,
        SIN,
        COS
    }

    private final Part part;
    private final Form form;

    private TimeFeature(Part part, Form form) {
        this.part = part;
        this.form = form;
    }

    /**
     * {@return the feature of a name; null if there is none}
     *
     * @param name such as {@code hour_sin}
     */
    public static @Nullable TimeFeature named(String name) {
        for (Part part : Part.values()) {
            if (name.equals(part.id())) {
                return new TimeFeature(part, Form.NUMBER);
            }
            if (name.equals(part.id() + "_sin") && part != Part.YEAR) {
                return new TimeFeature(part, Form.SIN);
            }
            if (name.equals(part.id() + "_cos") && part != Part.YEAR) {
                return new TimeFeature(part, Form.COS);
            }
        }
        return null;
    }

    /** {@return the names of the parts, for messages} */
    public static List<String> names() {
        return Arrays.stream(Part.values()).map(Part::id).collect(Collectors.toList());
    }

    /** {@return the feature of a time} */
    double of(LocalDateTime time) {
        int value = time.get(part.field) - part.first;
        double angle = 2 * Math.PI * value / part.period;
        return switch (form) {
            case NUMBER -> value;
            case SIN -> Math.sin(angle);
            case COS -> Math.cos(angle);
        };
    }
}
