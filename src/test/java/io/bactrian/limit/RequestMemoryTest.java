package io.bactrian.limit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class RequestMemoryTest {

    private static final long MIB = 1 << 20;

    @Test
    void budgetIsHalfOfTheHeapIfMemoryIsAmple() {
        RequestMemory memory = new RequestMemory(1024 * MIB, 64 * MIB, 16384 * MIB, 15000 * MIB);
        assertEquals(512 * MIB, memory.budget());
        assertNull(memory.shortage());
    }

    @Test
    void shortMemoryReducesTheBudgetAndIsReported() {
        RequestMemory memory = new RequestMemory(512 * MIB, 64 * MIB, 512 * MIB, 132 * MIB);
        assertEquals(100 * MIB, memory.budget());
        assertEquals(
                "memory is short: Java's heap may grow by 448 MiB, and of 512 MiB only 132 are"
                        + " left; give the container more memory, or serve fewer models",
                memory.shortage());
    }

    @Test
    void budgetHasAMinimum() {
        RequestMemory memory = new RequestMemory(128 * MIB, 64 * MIB, 512 * MIB, 0);
        assertEquals(16 * MIB, memory.budget());
    }

    @Test
    void budgetOfThisProcessIsPlausible() {
        RequestMemory memory = RequestMemory.now();
        assertTrue(memory.budget() >= 16 * MIB, memory::toString);
        assertTrue(memory.budget() <= Runtime.getRuntime().maxMemory(), memory::toString);
    }
}
