package io.bactrian.preprocess.table;

import io.bactrian.tensor.BadInputException;
import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A reader of rows whose first field is a timestamp and whose others are finite numbers, which may
 * be written as text.
 */
public final class SeriesReader implements RowReader {

    private final TimestampFormat format;
    private final boolean dropsInvalid;
    private final TimeSeries.Builder series = new TimeSeries.Builder();
    private @Nullable BadInputException firstDropped;
    private int read;

    /**
     * Creates a reader without rows.
     *
     * @param format how timestamps are written
     * @param dropsInvalid whether a row with a value that is missing or wrong is left out, in place
     *     of being an error
     */
    public SeriesReader(TimestampFormat format, boolean dropsInvalid) {
        this.format = format;
        this.dropsInvalid = dropsInvalid;
    }

    @Override
    public void read(Rows rows) {
        try {
            OptionalLong time = format.parse(value(rows, 0));
            if (time.isEmpty()) {
                throw rows.wrong(0, value(rows, 0), format.describe());
            }
            double[] numbers = new double[rows.fields().size() - 1];
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = number(rows, i + 1);
            }
            series.add(time.getAsLong(), numbers);
            read++;
        } catch (BadInputException e) {
            if (!dropsInvalid) {
                throw e;
            }
            firstDropped = firstDropped == null ? e : firstDropped;
        }
    }

    private static Object value(Rows rows, int field) {
        if (!rows.has(field)) {
            throw rows.missing(field);
        }
        return rows.value(field);
    }

    private static double number(Rows rows, int field) {
        Object value = value(rows, field);
        Double number = value instanceof String text ? TextValues.number(text.strip()) : null;
        double finite = number == null ? rows.number(field) : number;
        if (!Double.isFinite(finite)) {
            throw rows.wrong(field, value, "a finite number");
        }
        return finite;
    }

    /** Does nothing: a row is added once it is read, and a series that is wrong fails. */
    @Override
    public void undo() {}

    /**
     * {@return the rows}
     *
     * @throws BadInputException if all have been left out
     */
    public TimeSeries.Builder series() {
        if (read == 0) {
            throw new BadInputException(
                    "no row is valid, the first: "
                            + Objects.requireNonNull(firstDropped).getMessage());
        }
        return series;
    }
}
