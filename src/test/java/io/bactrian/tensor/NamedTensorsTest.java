package io.bactrian.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.testing.Exchanges;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TType;

/** The lifetime of a bundle's native memory. */
class NamedTensorsTest {

    private final TFloat32 tensor = TFloat32.vectorOf(1, 2);
    private long open;
    private NamedTensors bundle;

    @BeforeEach
    void make() {
        open = NamedTensors.open();
        bundle = NamedTensors.of("x", tensor);
    }

    @AfterEach
    void everythingIsFreed() {
        assertTrue(NamedTensors.open() <= open);
    }

    private static boolean isFreed(TType tensor) {
        try {
            tensor.numBytes();
            return false;
        } catch (IllegalStateException e) {
            return true;
        }
    }

    @Test
    void lastReferenceFreesTheTensors() {
        NamedTensors.Reference first = bundle.retain();
        NamedTensors.Reference second = bundle.retain();
        bundle.close();
        bundle.close();
        first.close();
        first.close();
        assertFalse(isFreed(tensor));
        assertSame(tensor, second.get("x"));
        second.close();
        assertEquals(true, isFreed(tensor));
        String freed =
                "the tensors [x] are freed: the exchange that they belonged to is done; retain them"
                        + " before, or copy their values";
        for (Runnable use :
                List.<Runnable>of(
                        () -> bundle.get("x"),
                        () -> bundle.asMap(),
                        () -> bundle.select(null),
                        () -> bundle.retain(),
                        () -> bundle.renamed(Map.of("x", "y")))) {
            assertEquals(freed, assertThrows(IllegalStateException.class, use::run).getMessage());
        }
        assertNull(bundle.retainIfOpen());
        assertEquals(
                "the reference to the tensors is closed",
                assertThrows(IllegalStateException.class, () -> second.get("x")).getMessage());
        assertEquals("tensors{x: freed}", bundle.toString());
    }

    @Test
    void bundleHandedOverIsNotClosedByItsOwner() {
        NamedTensors.Reference reference = bundle.handOver();
        bundle.close();
        assertFalse(isFreed(tensor));
        NamedTensors.Reference again = bundle.handOver();
        reference.close();
        assertFalse(isFreed(tensor));
        again.close();
        assertEquals(true, isFreed(tensor));
    }

    @Test
    void bundleLeftIsClosedByItsNewOwner() {
        NamedTensors.Reference reference = bundle.handOver();
        reference.leave();
        assertFalse(isFreed(tensor));
        bundle.close();
        assertEquals(true, isFreed(tensor));
    }

    /** It is unknown how long a tensor taken out of a shared bundle is read. */
    @Test
    void tensorTakenOutOfABundleMayBeKept() {
        NamedTensors.Reference reference = bundle.handOver();
        TFloat32 kept = (TFloat32) bundle.get("x");
        reference.close();
        assertThrows(IllegalStateException.class, () -> bundle.get("x"));
        assertEquals(2f, kept.getFloat(1));
    }

    @Test
    void droppedBundleIsFreedByTheGarbageCollector() {
        NamedTensors.of("dropped", TFloat32.scalarOf(1)).handOver().leave();
        assertEquals(open + 2, NamedTensors.open());
        Exchanges.awaitOpenTensors(open + 1);
        bundle.close();
    }

    @Test
    void weakReferenceKeepsNothingAlive() {
        NamedTensors.Reference reference =
                NamedTensors.of("dropped", TFloat32.scalarOf(1)).handOver();
        reference.weaken();
        Exchanges.awaitOpenTensors(open + 1);
        assertNull(reference.bundle());
        reference.close();
        bundle.close();
    }

    @Test
    void renamedBundleSharesItsTensors() {
        NamedTensors both =
                NamedTensors.builder()
                        .put("a", TFloat32.scalarOf(1))
                        .put("b", TFloat32.scalarOf(2))
                        .build();
        Map<String, String> names = new LinkedHashMap<>();
        names.put("b", "x");
        NamedTensors renamed = both.renamed(names);
        TType b = both.get("b");
        both.close();
        assertEquals("[x]", renamed.names().toString());
        assertSame(b, renamed.get("x"));
        assertFalse(isFreed(b));
        names.put("a", "x");
        NamedTensors.Reference held = renamed.retain();
        renamed.close();
        assertFalse(isFreed(b));
        held.close();
        assertEquals(true, isFreed(b));
        assertEquals(
                "no tensor \"c\": there are [x]",
                assertThrows(IllegalArgumentException.class, () -> bundle.renamed(Map.of("c", "d")))
                        .getMessage());
        bundle.close();
    }

    /** Threads that get a reference can read, others get an exception; it is freed once. */
    @Test
    void referencesAreThreadSafe() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            for (int round = 0; round < 500; round++) {
                NamedTensors shared = NamedTensors.of("x", TFloat32.vectorOf(round));
                NamedTensors.Reference reference = shared.handOver();
                float expected = round;
                List<Future<?>> done = new ArrayList<>();
                for (int i = 0; i < 3; i++) {
                    done.add(
                            threads.submit(
                                    () -> {
                                        NamedTensors.Reference mine = shared.retainIfOpen();
                                        if (mine != null) {
                                            TFloat32 read = (TFloat32) mine.get("x");
                                            assertEquals(expected, read.getFloat(0));
                                            mine.close();
                                        }
                                    }));
                }
                done.add(threads.submit(reference::close));
                for (Future<?> each : done) {
                    each.get();
                }
            }
        } finally {
            threads.shutdownNow();
        }
        bundle.close();
    }
}
