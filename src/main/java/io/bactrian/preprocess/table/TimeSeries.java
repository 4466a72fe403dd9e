package io.bactrian.preprocess.table;

import io.bactrian.tensor.BadInputException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Rows of numbers in the order of their times, at equal intervals if they are resampled: the mean
 * of the rows in each bin, and for bins without rows the values between those of their neighbors,
 * as by pandas' {@code resample(…).mean().interpolate("time")}. Bins are counted from midnight
 * before the first row, and their times are their beginnings.
 */
public final class TimeSeries {

    private static final long DAY = Duration.ofDays(1).toMillis();

    /**
     * The numbers at a time.
     *
     * @param position the time, or the number of the bin
     */
    private record Point(long position, double[] numbers) {}

    private final List<Point> points;
    private final long origin;
    private final long interval;

    private TimeSeries(List<Point> points, long origin, long interval) {
        this.points = points;
        this.origin = origin;
        this.interval = interval;
    }

    /** A collector of rows in any order. */
    public static final class Builder {

        private final List<Point> rows = new ArrayList<>();

        /**
         * Adds a row: its time in milliseconds, and its numbers, which are not copied.
         *
         * @param time the row's time in milliseconds
         * @param numbers the row's numbers, one for each column
         */
        public void add(long time, double[] numbers) {
            rows.add(new Point(time, numbers));
        }

        /** {@return the rows as they are, in the order of their times} */
        public TimeSeries sorted() {
            // Rows of one time stay in their order.
            rows.sort(Comparator.comparingLong(Point::position));
            return new TimeSeries(rows, 0, 0);
        }

        /**
         * {@return bins with the means of the rows}
         *
         * @param interval the length of a bin in milliseconds
         */
        public TimeSeries resampled(long interval) {
            List<Point> sorted = sorted().points;
            if (sorted.isEmpty()) {
                return new TimeSeries(sorted, 0, interval);
            }
            long origin = Math.floorDiv(sorted.get(0).position, DAY) * DAY;
            List<Point> bins = new ArrayList<>();
            int next = 0;
            while (next < sorted.size()) {
                long bin = (sorted.get(next).position - origin) / interval;
                double[] sum = sorted.get(next).numbers.clone();
                int count = 1;
                for (next++;
                        next < sorted.size()
                                && (sorted.get(next).position - origin) / interval == bin;
                        next++, count++) {
                    for (int i = 0; i < sum.length; i++) {
                        sum[i] += sorted.get(next).numbers[i];
                    }
                }
                for (int i = 0; i < sum.length; i++) {
                    sum[i] /= count;
                }
                bins.add(new Point(bin, sum));
            }
            return new TimeSeries(bins, origin, interval);
        }
    }

    /** {@return the number of rows, or of bins, those without rows included} */
    public long size() {
        if (interval == 0 || points.isEmpty()) {
            return points.size();
        }
        return last().position - points.get(0).position + 1;
    }

    /** {@return the time of the last row, or at which the last bin begins} */
    public long lastTime() {
        return interval == 0 ? last().position : time(last().position);
    }

    private Point last() {
        return points.get(points.size() - 1);
    }

    /** Reads the rows of a series. */
    public interface Reader {

        /**
         * Reads a row.
         *
         * @param time its time, or that at which its bin begins, in milliseconds
         * @param numbers the row's numbers, valid during the call
         */
        void read(long time, double[] numbers);
    }

    /**
     * Reads the last rows or bins in their order.
     *
     * @param count how many, at most {@link #size}
     * @param maxGap the greatest distance in milliseconds of rows between which bins are
     *     interpolated
     * @param reader is called with each row
     * @throws BadInputException if a gap among them is greater
     */
    public void readLast(int count, long maxGap, Reader reader) {
        if (interval == 0) {
            for (Point point : points.subList(points.size() - count, points.size())) {
                reader.read(point.position, point.numbers);
            }
            return;
        }
        long first = last().position - count + 1;
        int after = 0;
        while (points.get(after).position < first) {
            after++;
        }
        for (long bin = first; bin <= last().position; bin++) {
            if (points.get(after).position < bin) {
                after++;
            }
            Point point = points.get(after);
            double[] numbers = point.numbers;
            if (point.position > bin) {
                numbers = between(points.get(after - 1), point, bin, maxGap);
            }
            reader.read(time(bin), numbers);
        }
    }

    private double[] between(Point before, Point after, long bin, long maxGap) {
        long distance = after.position - before.position;
        if (distance * interval > maxGap) {
            throw new BadInputException(
                    "there are no rows from "
                            + TimestampFormat.dateTime(time(before.position + 1))
                            + " to "
                            + TimestampFormat.dateTime(time(after.position))
                            + ", which is more than maxGap");
        }
        double[] numbers = new double[before.numbers.length];
        for (int i = 0; i < numbers.length; i++) {
            double slope = (after.numbers[i] - before.numbers[i]) / distance;
            numbers[i] = slope * (bin - before.position) + before.numbers[i];
        }
        return numbers;
    }

    private long time(long bin) {
        return origin + bin * interval;
    }
}
