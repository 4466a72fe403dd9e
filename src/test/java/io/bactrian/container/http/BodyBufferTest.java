package io.bactrian.container.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.invocation.BodyTooLargeException;
import io.bactrian.limit.MemoryBudget;
import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;

class BodyBufferTest {

    private final MemoryBudget budget = new MemoryBudget(1 << 20);
    private final MemoryBudget.Reservation memory = budget.open();

    @Test
    void smallBodyReservesItsAnnouncedLength() {
        BodyBuffer body = new BodyBuffer(1000, 5, budget, memory);
        body.append(Buffer.buffer("ab"));
        body.append(Buffer.buffer("cde"));
        assertEquals(5, memory.bytes());
        assertArrayEquals("abcde".getBytes(), body.toByteArray());
        assertSame(body.toByteArray(), body.toByteArray());
    }

    @Test
    void announcedLengthAloneReservesNothing() {
        BodyBuffer body = new BodyBuffer(1 << 30, 1 << 29, budget, memory);
        assertEquals(0, memory.bytes());
        body.append(Buffer.buffer("ab"));
        assertEquals(8192, memory.bytes());
    }

    @Test
    void atMostTwiceTheReceivedBytesAreReserved() {
        BodyBuffer body = new BodyBuffer(1 << 20, -1, budget, memory);
        byte[] part = new byte[1000];
        for (int i = 1; i <= 500; i++) {
            body.append(part, part.length);
            assertTrue(memory.bytes() >= 1000L * i);
            assertTrue(memory.bytes() <= Math.max(8192, 2000L * i), "at " + i);
        }
        assertEquals(500_000, body.toByteArray().length);
    }

    @Test
    void bodyBeyondTheLimitIsRejected() {
        BodyBuffer body = new BodyBuffer(10, -1, budget, memory);
        body.append(new byte[10], 10);
        assertThrows(BodyTooLargeException.class, () -> body.append(new byte[1], 1));
        assertEquals(10, body.toByteArray().length);
    }

    @Test
    void bodyWithoutBytesIsEmpty() {
        assertEquals(0, new BodyBuffer(10, -1, budget, memory).toByteArray().length);
    }
}
