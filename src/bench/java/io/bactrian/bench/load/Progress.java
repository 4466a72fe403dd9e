package io.bactrian.bench.load;

import java.time.LocalTime;
import java.time.temporal.ChronoUnit;

/** Says on standard error how far it has come. */
final class Progress {

    private Progress() {}

    static void say(String what) {
        System.err.println(LocalTime.now().truncatedTo(ChronoUnit.SECONDS) + " " + what);
    }
}
