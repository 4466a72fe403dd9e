package io.bactrian.preprocess.table;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Rows whose current one is kept as Java objects: numbers, booleans, texts, lists and maps. */
abstract class ValueRows extends Rows {

    /** The current row's values by field. */
    private final @Nullable Object[] values;

    ValueRows(RowFields fields, RowsFormat format) {
        super(fields, format);
        this.values = new Object[fields.size()];
    }

    /** Removes the values of the row before. */
    final void clear() {
        Arrays.fill(values, null);
    }

    final void setValue(int field, @Nullable Object value) {
        values[field] = value;
    }

    @Override
    public final boolean has(int field) {
        return values[field] != null;
    }

    @Override
    public final Object value(int field) {
        return Objects.requireNonNull(values[field]);
    }
}
