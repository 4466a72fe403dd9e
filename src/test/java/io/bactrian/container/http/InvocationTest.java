package io.bactrian.container.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.bactrian.invocation.ErrorAnswers;
import io.bactrian.limit.MemoryBudget;
import io.bactrian.limit.OverloadedException;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Invocations whose answer can't be written. */
class InvocationTest {

    private final List<String> events = new ArrayList<>();
    private final MemoryBudget budget = new MemoryBudget(1000);

    private Invocation invocation() {
        HttpConnection connection =
                proxy(
                        HttpConnection.class,
                        method -> {
                            events.add(method);
                            return null;
                        });
        HttpServerRequest request =
                proxy(
                        HttpServerRequest.class,
                        method -> {
                            if (method.equals("connection")) {
                                return connection;
                            }
                            throw new OutOfMemoryError(method);
                        });
        return new Invocation(
                request, null, null, new ErrorAnswers(), budget, budget.reserve("a body", 10), 0);
    }

    private interface Handler {
        Object answer(String method);
    }

    private static <T> T proxy(Class<T> type, Handler handler) {
        return type.cast(
                Proxy.newProxyInstance(
                        type.getClassLoader(),
                        new Class<?>[] {type},
                        (proxy, method, arguments) -> handler.answer(method.getName())));
    }

    private void assertClosesTheConnection(Consumer<Invocation> action) {
        Invocation invocation = invocation();
        assertThrows(OutOfMemoryError.class, () -> action.accept(invocation));
        assertEquals(List.of("close"), events);
        assertEquals(0, budget.reserved());
    }

    @Test
    void failedAnswerOfARunClosesTheConnection() {
        assertClosesTheConnection(Invocation::run);
    }

    @Test
    void failedAnswerOfARejectionClosesTheConnection() {
        assertClosesTheConnection(
                invocation -> invocation.reject(new OverloadedException("full", 1)));
    }
}
