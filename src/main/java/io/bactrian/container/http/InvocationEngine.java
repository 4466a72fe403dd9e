package io.bactrian.container.http;

import io.bactrian.serving.NoHttpEngine;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntSupplier;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.component.platform.http.spi.PlatformHttpConsumer;
import org.apache.camel.component.platform.http.spi.PlatformHttpEngine;
import org.apache.camel.support.DefaultConsumer;

/**
 * The engine of Camel's {@code platform-http} component in this server. Its consumers get requests
 * from the pipeline's {@link DispatchQueue}, on worker threads.
 *
 * <p>Camel's own Vert.x consumer gets a request only when its body is complete, merges headers,
 * query parameters and form fields into one map, and uses one thread pool with an unbounded queue
 * for all routes. So it allows neither limits per pipeline nor a memory budget.
 */
public final class InvocationEngine implements PlatformHttpEngine {

    private final Map<String, Consumer> consumers = new ConcurrentHashMap<>();
    private final IntSupplier port;

    /**
     * Creates an engine without consumers.
     *
     * @param port returns the port that the server listens on
     */
    public InvocationEngine(IntSupplier port) {
        this.port = port;
    }

    /** The consumer of one of the {@link InvocationRoutes}. */
    final class Consumer extends DefaultConsumer implements PlatformHttpConsumer {

        private final String path;

        private Consumer(PlatformHttpEndpoint endpoint, Processor processor) {
            super(endpoint, processor);
            this.path = endpoint.getPath();
        }

        @Override
        public PlatformHttpEndpoint getEndpoint() {
            return (PlatformHttpEndpoint) super.getEndpoint();
        }

        @Override
        protected void doStart() throws Exception {
            super.doStart();
            consumers.put(path, this);
        }

        @Override
        protected void doStop() throws Exception {
            consumers.remove(path, this);
            super.doStop();
        }
    }

    @Override
    public PlatformHttpConsumer createConsumer(PlatformHttpEndpoint endpoint, Processor processor) {
        if (!InvocationRoutes.PATHS.contains(endpoint.getPath())) {
            throw NoHttpEngine.notServed(endpoint);
        }
        return new Consumer(endpoint, processor);
    }

    /** {@return the consumer of a path of {@link InvocationRoutes}} */
    Consumer consumer(String path) {
        Consumer consumer = consumers.get(path);
        if (consumer == null) {
            throw new IllegalStateException("no route from platform-http:" + path + " is started");
        }
        return consumer;
    }

    @Override
    public int getServerPort() {
        return port.getAsInt();
    }
}
