package io.bactrian.container.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class RefusalPacerTest {

    private static final long SECOND = 1_000_000_000;

    private final RefusalPacer pacer = new RefusalPacer(1000);

    @Test
    void refusalsBelowTheRateAreNotDelayed() {
        for (int i = 0; i < 10_000; i++) {
            assertEquals(0, pacer.pause(i * SECOND / 999));
        }
    }

    @Test
    void burstIsNotDelayedAtFirst() {
        for (int i = 0; i < 50; i++) {
            assertEquals(0, pacer.pause(0));
        }
        assertTrue(pacer.pause(0) > 0);
    }

    @Test
    void refusalsBeyondTheRateAreDelayedInTurn() {
        long last = 0;
        for (int i = 0; i < 500; i++) {
            last = pacer.pause(0);
        }
        assertEquals(0.45 * SECOND, last, 1);
    }

    @Test
    void delayIsAtMostOneSecond() {
        for (int i = 0; i < 5000; i++) {
            assertTrue(pacer.pause(0) <= SECOND);
        }
        assertEquals(SECOND, pacer.pause(0));
        // After a time without refusals there is no delay.
        assertEquals(0, pacer.pause(3 * SECOND));
    }
}
