package io.bactrian.bench.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How much of the processors others took meanwhile: processes that neither are this one nor were
 * started by it. Known on Linux only.
 */
final class HostLoad {

    private static final int USER_TIME = 13;
    private static final int TIMES = 4;
    private static final int IDLE = 4;
    private static final int WAITING = 5;

    private final long busy = busy();
    private final long own = own();
    private final long all = all();

    /**
     * {@return such as "12 % of the processors went to others", or nothing where that can't be
     * told}
     */
    String told() {
        long passed = all() - all;
        if (passed <= 0) {
            return "";
        }
        double share = Math.max(0, busy() - busy - (own() - own)) / (double) passed;
        return String.format(
                "%nMeanwhile %.0f %% of the processors went to others.%n", share * 100);
    }

    private static long[] processors() {
        try {
            String[] words = Files.readAllLines(Path.of("/proc/stat")).get(0).strip().split("\\s+");
            long[] times = new long[words.length];
            for (int i = 1; i < words.length; i++) {
                times[i] = Long.parseLong(words[i]);
            }
            return times;
        } catch (IOException e) {
            return new long[WAITING + 1];
        }
    }

    private static long all() {
        long sum = 0;
        for (long time : processors()) {
            sum += time;
        }
        return sum;
    }

    private static long busy() {
        long[] times = processors();
        return all() - times[IDLE] - times[WAITING];
    }

    private static long own() {
        ProcessHandle self = ProcessHandle.current();
        return used(self) + self.descendants().mapToLong(HostLoad::used).sum();
    }

    /** A process's time and that of its children that have ended. */
    private static long used(ProcessHandle process) {
        try {
            String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
            // The second field is a name in parentheses, which may hold blanks.
            String[] words = ("pid name" + stat.substring(stat.lastIndexOf(')') + 1)).split(" ");
            long sum = 0;
            for (int i = USER_TIME; i < USER_TIME + TIMES; i++) {
                sum += Long.parseLong(words[i]);
            }
            return sum;
        } catch (IOException e) {
            return 0;
        }
    }
}
