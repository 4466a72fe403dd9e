package io.bactrian.bench.load;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The parameters of {@link LoadBenchmark}: {@code key=value}, each with a default. */
final class Settings {

    private static final String ALL =
            "half,image,keras-image,small-image,text,detection,detection-224,formats,"
                    + "overload,sigterm,start-up";

    private final Map<String, String> values = new LinkedHashMap<>();

    Settings(String[] args) {
        values.put("scenarios", ALL);
        values.put("seconds", "4");
        values.put("rounds", "3");
        values.put("warmup", "15");
        values.put("overload-seconds", "60");
        values.put("overload-factor", "10");
        values.put("starts", "5");
        values.put("bactrian", "target/bactrian/bin/bactrian");
        values.put("before", "");
        values.put("fixtures", "../shared/fixtures");
        values.put("work", "target/bench");
        values.put("out", "target/bench/results");
        values.put("python", "");
        values.put("wrk", "wrk");
        values.put("java-options", "");
        values.put("environment", "");
        for (String arg : args) {
            int equals = arg.indexOf('=');
            String key = equals < 0 ? arg : arg.substring(0, equals);
            if (equals < 0 || !values.containsKey(key)) {
                throw new IllegalArgumentException(
                        "can't do that: " + arg + "; there are " + values.keySet());
            }
            values.put(key, arg.substring(equals + 1));
        }
    }

    /** What is to be measured, in this order. */
    List<String> scenarios() {
        return Arrays.asList(values.get("scenarios").split(","));
    }

    /** How long each measurement of a round takes. */
    double seconds() {
        return Double.parseDouble(values.get("seconds"));
    }

    Duration duration() {
        return Duration.ofMillis((long) (seconds() * 1000));
    }

    /** How often each is measured, in turn with what it is compared with. */
    int rounds() {
        return Integer.parseInt(values.get("rounds"));
    }

    /** How long each server is warmed before the first round. */
    Duration warmup() {
        return Duration.ofMillis((long) (Double.parseDouble(values.get("warmup")) * 1000));
    }

    Duration overloadDuration() {
        return Duration.ofMillis(
                (long) (Double.parseDouble(values.get("overload-seconds")) * 1000));
    }

    /** By how much overload is more than what can be done. */
    double overloadFactor() {
        return Double.parseDouble(values.get("overload-factor"));
    }

    int starts() {
        return Integer.parseInt(values.get("starts"));
    }

    /** The start script. */
    Path bactrian() {
        return Path.of(values.get("bactrian"));
    }

    /** Another build's start script, to compare with; null to compare with the model alone. */
    Path before() {
        return values.get("before").isEmpty() ? null : Path.of(values.get("before"));
    }

    /** Models that are not in the project; those that are not there have a stand-in. */
    Path fixtures() {
        return Path.of(values.get("fixtures"));
    }

    /** Where models and logs go. */
    Path work() {
        return Path.of(values.get("work")).toAbsolutePath();
    }

    /** Where table and plot go. */
    Path out() {
        return Path.of(values.get("out"));
    }

    /** A Python with src/bench/python/requirements.txt; empty to go without the baseline. */
    String python() {
        return values.get("python");
    }

    /** The wrk program; empty to go without. */
    String wrk() {
        return values.get("wrk");
    }

    /** Further variables of the server's environment. */
    Map<String, String> environment() {
        Map<String, String> variables = new LinkedHashMap<>();
        if (!values.get("java-options").isEmpty()) {
            variables.put("BACTRIAN_JAVA_OPTS", values.get("java-options").replace(',', ' '));
        }
        for (String variable : values.get("environment").split(",")) {
            int equals = variable.indexOf('=');
            if (equals > 0) {
                variables.put(variable.substring(0, equals), variable.substring(equals + 1));
            }
        }
        return variables;
    }
}
