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
 * The engine of Camel's {@code platform-http} component in this server: its consumers are given
 * each request by the pipeline's {@link DispatchQueue}, on a worker's thread.
 *
 * <p>Camel's own Vert.x consumer takes a request only with its whole body, merges headers, query
 * parameters and form fields into one map, and shares one pool of threads and its unbounded queue
 * among all routes, so that neither admission by pipeline nor by memory would be possible.
 */
public final class InvocationEngine implements PlatformHttpEngine {

    private final Map<String, Consumer> consumers = new ConcurrentHashMap<>();
    private final IntSupplier port;

    /**
     * @param port gives the port that is listened on
     */
    public InvocationEngine(IntSupplier port) {
        this.port = port;
    }

    /** The start of one of the {@link InvocationRoutes}. */
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

    /** {@return the started route of a path of {@link InvocationRoutes}} */
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
