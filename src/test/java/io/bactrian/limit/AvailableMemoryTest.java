package io.bactrian.limit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

class AvailableMemoryTest {

    private static final long MB = 1 << 20;

    private static final String STATUS =
            """
            Name:	java
            VmHWM:	  307200 kB
            VmRSS:	  307200 kB
            RssAnon:	  102400 kB
            RssFile:	  203776 kB
            RssShmem:	    1024 kB
            """;

    private static final String MACHINE =
            """
            MemTotal:       16384000 kB
            MemFree:          204800 kB
            MemAvailable:    1024000 kB
            Buffers:           20480 kB
            SwapTotal:        512000 kB
            SwapFree:         102400 kB
            """;

    @Test
    void availableMemoryIsTheContainersLimitMinusUsage() {
        AvailableMemory memory = AvailableMemory.of(512 * MB, STATUS, MACHINE);
        assertEquals(101 * MB, memory.used());
        assertEquals(411 * MB, memory.bytes());
    }

    @Test
    void availableMemoryIsAtMostThatOfTheMachine() {
        AvailableMemory memory = AvailableMemory.of(16_000 * MB, STATUS, MACHINE);
        assertEquals(1_100 * MB, memory.machine());
        assertEquals(1_100 * MB, memory.bytes());
    }

    @Test
    void unknownUsageLeavesTheWholeLimit() {
        assertEquals(512 * MB, AvailableMemory.of(512 * MB, "", "").bytes());
    }

    @Test
    void availableMemoryIsNotNegative() {
        assertEquals(0, AvailableMemory.of(64 * MB, STATUS, MACHINE).bytes());
    }

    @Test
    void availableMemoryOfThisProcessIsPlausible() {
        AvailableMemory memory = AvailableMemory.now();
        assertTrue(memory.bytes() > 0);
        assertTrue(memory.bytes() <= memory.limit());
        long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        assertTrue(memory.used() == 0 || memory.used() > heap / 2, memory.toString());
    }
}
