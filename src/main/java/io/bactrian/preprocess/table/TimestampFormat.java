package io.bactrian.preprocess.table;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.format.SignStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.TemporalAccessor;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A format of timestamps, which reads them as local date-times of one time zone: ISO 8601 and its
 * variants with a space or with the day or month first, numbers since 1970, or a pattern of {@link
 * DateTimeFormatter}.
 */
public final class TimestampFormat {

    private static final int MAX_TEXT = 64;

    /** The year 10000, where ISO 8601 needs more digits. */
    private static final double MAX_MILLIS = 253_402_300_800_000.0;

    private static final DateTimeFormatter ISO =
            new DateTimeFormatterBuilder()
                    .appendPattern("uuuu-MM-dd")
                    .optionalStart()
                    .appendLiteral('T')
                    .appendValue(ChronoField.HOUR_OF_DAY, 1, 2, SignStyle.NEVER)
                    .appendPattern(":mm[:ss]")
                    .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true)
                    .appendPattern("[XXX][XX][X]")
                    .optionalEnd()
                    .toFormatter(Locale.ROOT)
                    .withResolverStyle(ResolverStyle.STRICT);

    private static final Pattern DATE_FIRST =
            Pattern.compile("(\\d{1,2})[/.-](\\d{1,2})[/.-](\\d{4})([ T].*)?");

    private enum Kind {
        ISO,
        DAY_FIRST,
        MONTH_FIRST,
        EPOCH_SECONDS,
        EPOCH_MILLIS,
        PATTERN
    }

    private final Kind kind;
    private final @Nullable DateTimeFormatter pattern;
    private final ZoneId zone;

    private TimestampFormat(Kind kind, @Nullable DateTimeFormatter pattern, ZoneId zone) {
        this.kind = kind;
        this.pattern = pattern;
        this.zone = zone;
    }

    /**
     * {@return a format}
     *
     * @param format {@code iso}, {@code day-first}, {@code month-first}, {@code epoch-seconds},
     *     {@code epoch-millis}, or a pattern
     * @param zone the time zone of the local date-times
     * @throws IllegalArgumentException if it is no such pattern
     */
    public static TimestampFormat of(String format, ZoneId zone) {
        for (Kind kind : Kind.values()) {
            if (kind != Kind.PATTERN && format.equalsIgnoreCase(kind.name().replace('_', '-'))) {
                return new TimestampFormat(kind, null, zone);
            }
        }
        return new TimestampFormat(
                Kind.PATTERN, DateTimeFormatter.ofPattern(format, Locale.ENGLISH), zone);
    }

    /** {@return what a timestamp must be, for messages} */
    public String describe() {
        return switch (kind) {
            case ISO -> "a timestamp such as 2024-01-31T13:05:00";
            case DAY_FIRST -> "a timestamp such as 31/01/2024 13:05:00";
            case MONTH_FIRST -> "a timestamp such as 01/31/2024 13:05:00";
            case EPOCH_SECONDS -> "a number of seconds since 1970";
            case EPOCH_MILLIS -> "a number of milliseconds since 1970";
            case PATTERN -> "a timestamp of the timestampFormat";
        };
    }

    /**
     * {@return the local date-time as milliseconds since 1970-01-01T00:00 local time; empty if the
     * value is no timestamp of this format}
     *
     * @param value a text or number of JSON
     */
    public OptionalLong parse(Object value) {
        if (kind == Kind.EPOCH_SECONDS || kind == Kind.EPOCH_MILLIS) {
            return ofNumber(value);
        }
        if (!(value instanceof String text) || text.length() > MAX_TEXT) {
            return OptionalLong.empty();
        }
        try {
            return pattern == null
                    ? ofAccessor(ISO, isoText(text.strip()))
                    : ofAccessor(pattern, text.strip());
        } catch (DateTimeException e) {
            return OptionalLong.empty();
        }
    }

    private OptionalLong ofNumber(Object value) {
        Double number =
                value instanceof Number given
                        ? (Double) given.doubleValue()
                        : value instanceof String text && text.length() <= MAX_TEXT
                                ? TextValues.number(text.strip())
                                : null;
        double millis =
                number == null ? Double.NaN : kind == Kind.EPOCH_SECONDS ? number * 1000 : number;
        return Math.abs(millis) < MAX_MILLIS
                ? OptionalLong.of(local(Instant.ofEpochMilli(Math.round(millis))))
                : OptionalLong.empty();
    }

    /** The text in ISO 8601: with a T, and the year first. */
    private String isoText(String text) {
        String iso = text;
        Matcher dateFirst = DATE_FIRST.matcher(text);
        if (kind != Kind.ISO && dateFirst.matches()) {
            boolean dayFirst = kind == Kind.DAY_FIRST;
            String rest = dateFirst.group(4);
            iso =
                    dateFirst.group(3)
                            + "-"
                            + twoDigits(dateFirst.group(dayFirst ? 2 : 1))
                            + "-"
                            + twoDigits(dateFirst.group(dayFirst ? 1 : 2))
                            + (rest == null ? "" : rest);
        }
        return iso.length() > 10 && iso.charAt(10) == ' '
                ? iso.substring(0, 10) + 'T' + iso.substring(11).strip()
                : iso;
    }

    private static String twoDigits(String number) {
        return number.length() == 1 ? "0" + number : number;
    }

    private OptionalLong ofAccessor(DateTimeFormatter formatter, String text) {
        TemporalAccessor parsed =
                formatter.parseBest(
                        text, OffsetDateTime::from, LocalDateTime::from, LocalDate::from);
        if (parsed instanceof OffsetDateTime offset) {
            return OptionalLong.of(local(offset.toInstant()));
        }
        LocalDateTime local =
                parsed instanceof LocalDate date ? date.atStartOfDay() : (LocalDateTime) parsed;
        return Math.abs(local.getYear()) > 9999
                ? OptionalLong.empty()
                : OptionalLong.of(local.toInstant(ZoneOffset.UTC).toEpochMilli());
    }

    private long local(Instant instant) {
        return LocalDateTime.ofInstant(instant, zone).toInstant(ZoneOffset.UTC).toEpochMilli();
    }

    /**
     * {@return the milliseconds since 1970-01-01T00:00Z of what {@link #parse} gives}
     *
     * @param local the local date-time in milliseconds
     */
    public long instant(long local) {
        return dateTime(local).atZone(zone).toInstant().toEpochMilli();
    }

    /** {@return what {@link #parse} gives, as a local date-time} */
    static LocalDateTime dateTime(long local) {
        return LocalDateTime.ofInstant(Instant.ofEpochMilli(local), ZoneOffset.UTC);
    }
}
