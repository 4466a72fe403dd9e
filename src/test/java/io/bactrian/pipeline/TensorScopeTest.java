package io.bactrian.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.tensor.NamedTensors;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.apache.camel.support.ExchangeHelper;
import org.apache.camel.support.UnitOfWorkHelper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.types.TFloat32;

/** References to the tensors of an exchange that creates many of them, as in a loop. */
class TensorScopeTest {

    private static final int MAX_STRONG = 16;

    private final DefaultCamelContext context = new DefaultCamelContext();

    private Exchange exchange() {
        return new DefaultExchange(context);
    }

    private static List<WeakReference<NamedTensors>> make(Exchange exchange, int bundles) {
        List<WeakReference<NamedTensors>> made = new ArrayList<>();
        for (int i = 0; i < bundles; i++) {
            NamedTensors tensors = NamedTensors.of("x", TFloat32.scalarOf(i));
            ExchangeTensors.setBody(exchange, tensors);
            made.add(new WeakReference<>(tensors));
        }
        return made;
    }

    /** Runs the garbage collector until these have been collected. */
    private static void awaitCollection(List<WeakReference<NamedTensors>> garbage) {
        for (int i = 0; i < 100 && garbage.stream().anyMatch(each -> each.get() != null); i++) {
            System.gc();
        }
        garbage.forEach(each -> assertNull(each.get()));
    }

    @Test
    void onlyTheLastTensorsAreStronglyReferenced() {
        Exchange exchange = exchange();
        List<WeakReference<NamedTensors>> made = make(exchange, MAX_STRONG + 3);
        awaitCollection(made.subList(0, 3));
        made.subList(3, made.size()).forEach(each -> assertNotNull(each.get()));
        done(exchange);
    }

    @Test
    void copyCanCreateTensorsAfterItsOwnAreCollected() {
        Exchange exchange = exchange();
        List<WeakReference<NamedTensors>> made = make(exchange, MAX_STRONG);
        exchange.getMessage().setBody(null);
        Exchange copy = ExchangeHelper.createCopy(exchange, true);
        done(exchange);
        awaitCollection(made);
        make(copy, 1);
        assertEquals(0, ((NamedTensors) copy.getMessage().getBody()).retain().get("x").rank());
        done(copy);
    }

    /** As Camel makes one for {@code ${body[score]}}, and drops it. */
    @Test
    void copyThatCannotLeadToTensorsDoesNotHoldThem() {
        long before = NamedTensors.open();
        Exchange exchange = exchange();
        make(exchange, 1);
        exchange.getMessage().setBody(Map.of("scores", List.of(0.5f, Map.of("label", "a"))));
        Exchange copy = ExchangeHelper.createCopy(exchange, true);
        done(exchange);
        assertEquals(before, NamedTensors.open());
        assertNotNull(copy);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void copyThatMayLeadToTensorsHoldsThem(boolean inAMap) {
        Exchange exchange = exchange();
        make(exchange, 1);
        NamedTensors tensors = (NamedTensors) exchange.getMessage().getBody();
        record Opaque(Object any) {}
        exchange.getMessage()
                .setBody(
                        inAMap
                                ? Map.of("a", List.of(1, tensors))
                                : List.of(new AtomicReference<>(new Opaque(tensors))));
        Exchange copy = ExchangeHelper.createCopy(exchange, true);
        done(exchange);
        tensors.retain().close();
        done(copy);
        assertTrue(exchange != copy);
    }

    private static void done(Exchange exchange) {
        UnitOfWorkHelper.doneSynchronizations(
                exchange, exchange.getExchangeExtension().handoverCompletions());
        assertTrue(exchange.getException() == null);
    }
}
