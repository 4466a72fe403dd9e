package io.bactrian.preprocess;

import io.bactrian.preprocess.table.Features;
import io.bactrian.preprocess.table.RowReader;
import io.bactrian.preprocess.table.Rows;
import org.jspecify.annotations.Nullable;

/** A reader of a series' rows that keeps the vectors of the last ones. Each row is checked. */
final class LastRows implements RowReader {

    private final Features features;
    private final double[] @Nullable [] kept;
    private long count;

    /**
     * @param size how many rows are kept, at least one
     */
    LastRows(Features features, int size) {
        this.features = features;
        this.kept = new double[size][];
    }

    @Override
    public void read(Rows rows) {
        int at = (int) (count % kept.length);
        double[] vector = kept[at] == null ? new double[features.width()] : kept[at];
        features.put(rows, vector);
        kept[at] = vector;
        count++;
    }

    /** Does nothing: a series with a row that is wrong is rejected as a whole. */
    @Override
    public void undo() {}

    /**
     * {@return the vector of one of the last rows, or null where the series is shorter}
     *
     * @param index the row's index among the last ones, from 0 for the first
     */
    double @Nullable [] vector(int index) {
        long row = count - kept.length + index;
        return row < 0 ? null : kept[(int) (row % kept.length)];
    }
}
