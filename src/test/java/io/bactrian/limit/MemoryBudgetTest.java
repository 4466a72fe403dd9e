package io.bactrian.limit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class MemoryBudgetTest {

    @Test
    void reservationIsReleasedOnce() {
        MemoryBudget budget = new MemoryBudget(100);
        MemoryBudget.Reservation first = budget.reserve("a body", 60);
        assertEquals(60, budget.reserved());
        first.close();
        first.close();
        assertEquals(0, budget.reserved());
    }

    @Test
    void reservationAboveTheLimitIsInsufficientMemory() {
        MemoryBudget budget = new MemoryBudget(100);
        InsufficientMemoryException e =
                assertThrows(
                        InsufficientMemoryException.class,
                        () -> budget.reserve("decoding a JPEG", 101));
        assertEquals(
                "decoding a JPEG takes 101 bytes of memory, more than the 100 bytes that requests"
                        + " may take",
                e.getMessage());
        assertEquals(0, budget.reserved());
    }

    @Test
    void reservationThatDoesNotFitNowIsOverloaded() {
        MemoryBudget budget = new MemoryBudget(100);
        budget.reserve("a body", 60);
        OverloadedException e =
                assertThrows(OverloadedException.class, () -> budget.reserve("a body", 41));
        assertEquals("not enough memory now: a body takes 41 bytes", e.getMessage());
        assertEquals(1, e.retryAfterSeconds());
        assertEquals(60, budget.reserved());
    }

    @Test
    void reservationGrowsUpToTheLimit() {
        MemoryBudget budget = new MemoryBudget(100);
        try (MemoryBudget.Reservation body = budget.open()) {
            assertTrue(body.tryGrow(70));
            assertFalse(body.tryGrow(31));
            assertTrue(body.tryGrow(30));
            assertEquals(100, body.bytes());
        }
        assertEquals(0, budget.reserved());
    }

    @Test
    void reservationCanShrink() {
        MemoryBudget budget = new MemoryBudget(100);
        try (MemoryBudget.Reservation image = budget.reserve("an image", 90)) {
            image.shrinkTo(20);
            assertEquals(20, image.bytes());
            assertEquals(20, budget.reserved());
        }
        assertEquals(0, budget.reserved());
    }

    @Test
    void closedReservationDoesNotGrow() {
        MemoryBudget budget = new MemoryBudget(100);
        MemoryBudget.Reservation body = budget.open();
        body.close();
        assertFalse(body.tryGrow(1));
        assertEquals(0, budget.reserved());
    }

    @Test
    void unlimitedBudgetAcceptsAnySize() {
        MemoryBudget budget = MemoryBudget.unlimited();
        budget.reserve("a body", Long.MAX_VALUE - 1).close();
        assertEquals(0, budget.reserved());
    }

    @Test
    void chargeMayExceedTheLimitAndBlocksReservations() {
        MemoryBudget budget = new MemoryBudget(100);
        MemoryBudget.Reservation answer = budget.charge(150);
        assertTrue(budget.isExceeded());
        assertFalse(budget.open().tryGrow(1));
        answer.close();
        assertFalse(budget.isExceeded());
        assertEquals(0, budget.reserved());
    }

    @Test
    void limitCanChangeWhileMemoryIsReserved() {
        MemoryBudget budget = new MemoryBudget(100);
        MemoryBudget.Reservation body = budget.reserve("a body", 60);
        budget.setLimit(50);
        assertEquals(50, budget.limit());
        assertFalse(body.tryGrow(1));
        body.close();
        assertTrue(budget.open().tryGrow(50));
        assertThrows(IllegalArgumentException.class, () -> budget.setLimit(0));
    }
}
