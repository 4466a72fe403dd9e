package io.bactrian.bench.load;

import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/** What a load got in answer. Latencies are in microseconds. */
final class LoadResult {

    /** Answers by status. */
    final Map<Integer, Long> statuses = new TreeMap<>();

    /** Latencies of the answers with status 200, from the time they were meant to be sent. */
    final Histogram answered = newHistogram();

    /** Latencies of all other answers, from the time they were meant to be sent. */
    final Histogram refused = newHistogram();

    /** Latencies of all other answers, from the time their request was really sent. */
    final Histogram refusedSinceSent = newHistogram();

    long bytesSent;
    long bytesReceived;

    /** Answers with status 200 that differ from the expected one. */
    long wrong;

    /** Requests whose connection was refused. */
    long notConnected;

    /** Requests on a new connection that the server ended without a byte of an answer. */
    long notAccepted;

    /** Requests on a connection in use that the server ended before a byte of their answer. */
    long lost;

    /** Requests whose connection ended within the answer. */
    long cutShort;

    /** Requests still without an answer when the patience ended. */
    long unanswered;

    /** Requests that were due but found no free connection until the end. */
    long unsent;

    /** Answers with status 200 that came while requests were being sent. */
    long goodInTime;

    /** How long requests were being sent. */
    double seconds;

    static Histogram newHistogram() {
        return new Histogram(1, 600_000_000L, 3);
    }

    static void record(Histogram histogram, long nanos) {
        histogram.recordValue(Math.min(600_000_000L, Math.max(1, nanos / 1000)));
    }

    long count(int status) {
        return statuses.getOrDefault(status, 0L);
    }

    /** Good answers a second. */
    double rate() {
        return goodInTime / seconds;
    }

    /** Answers that were neither good nor a clean refusal. */
    long bad() {
        long others =
                statuses.entrySet().stream()
                        .filter(entry -> entry.getKey() != 200 && entry.getKey() != 503)
                        .mapToLong(Map.Entry::getValue)
                        .sum();
        return others + wrong + lost + cutShort + unanswered;
    }

    void add(LoadResult other) {
        other.statuses.forEach((status, count) -> statuses.merge(status, count, Long::sum));
        answered.add(other.answered);
        refused.add(other.refused);
        refusedSinceSent.add(other.refusedSinceSent);
        bytesSent += other.bytesSent;
        bytesReceived += other.bytesReceived;
        wrong += other.wrong;
        notConnected += other.notConnected;
        notAccepted += other.notAccepted;
        lost += other.lost;
        cutShort += other.cutShort;
        unanswered += other.unanswered;
        unsent += other.unsent;
        goodInTime += other.goodInTime;
        seconds += other.seconds;
    }

    static double millis(Histogram histogram, double percentile) {
        return histogram.getValueAtPercentile(percentile) / 1000.0;
    }

    @Override
    public String toString() {
        return String.format(
                "%.1f/s p50 %.2f p99 %.2f max %.2f ms, %s%s",
                rate(),
                millis(answered, 50),
                millis(answered, 99),
                answered.getMaxValue() / 1000.0,
                statuses,
                bad() + notConnected + notAccepted + unsent == 0
                        ? ""
                        : String.format(
                                ", wrong %d, not connected %d, not accepted %d, lost %d,"
                                        + " cut short %d,"
                                        + " unanswered %d, unsent %d",
                                wrong,
                                notConnected,
                                notAccepted,
                                lost,
                                cutShort,
                                unanswered,
                                unsent));
    }
}
