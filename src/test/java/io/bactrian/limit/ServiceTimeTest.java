package io.bactrian.limit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServiceTimeTest {

    private static final long SECOND = 1_000_000_000L;

    @Test
    void retryAfterIsOneSecondWithoutMeasurements() {
        assertEquals(1, new ServiceTime().retryAfterSeconds(1000, 1));
    }

    @ParameterizedTest
    @CsvSource({"0, 1, 1", "1, 1, 2", "10, 1, 20", "10, 4, 5", "11, 4, 6", "1000, 1, 60"})
    void retryAfterIsTheTimeToEmptyTheQueue(int waiting, int concurrency, int expectedSeconds) {
        ServiceTime time = new ServiceTime();
        for (int i = 0; i < 300; i++) {
            time.add(2 * SECOND - 1000);
        }
        assertEquals(expectedSeconds, time.retryAfterSeconds(waiting, concurrency));
    }

    @Test
    void newMeasurementHasAWeightOfOneEighth() {
        ServiceTime time = new ServiceTime();
        time.add(8 * SECOND);
        assertEquals(10, time.retryAfterSeconds(10, 1));
    }
}
