package io.bactrian.pipeline;

import java.util.HashMap;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.Message;

/**
 * The call of a pipeline of another Camel context: an exchange of that context, since steps look up
 * beans, languages and type converters in their exchange's. It has a copy of the caller's message
 * and properties; its message, or its failure, becomes the caller's.
 */
final class PipelineExchange {

    private final PipelineConsumer pipeline;
    private final Exchange caller;
    private final Exchange exchange;

    PipelineExchange(PipelineConsumer pipeline, Exchange caller) {
        this.pipeline = pipeline;
        this.caller = caller;
        this.exchange = pipeline.createExchange(false);
        exchange.setPattern(caller.getPattern());
        copy(caller.getMessage(), exchange.getIn());
        caller.getProperties().forEach(exchange::setProperty);
        Object charset = caller.getProperty(ExchangePropertyKey.CHARSET_NAME);
        if (charset != null) {
            exchange.setProperty(ExchangePropertyKey.CHARSET_NAME, charset);
        }
    }

    private static void copy(Message from, Message to) {
        to.setBody(from.getBody());
        // Of a map of Camel's own no copy would be made.
        to.setHeaders(new HashMap<>(from.getHeaders()));
    }

    /** Has what {@link org.apache.camel.AsyncProcessor#process} has. */
    boolean process(AsyncCallback callback) {
        try {
            pipeline.createUoW(exchange);
        } catch (Exception e) {
            caller.setException(e);
            callback.done(true);
            return true;
        }
        // As of a copy: the tensors that are its result are freed when the caller is done.
        TensorScope.of(caller);
        caller.getExchangeExtension().copySafeCopyPropertiesTo(exchange.getExchangeExtension());
        TensorScope.of(exchange);
        return pipeline.getAsyncProcessor()
                .process(
                        exchange,
                        synchronous -> {
                            finish();
                            callback.done(synchronous);
                        });
    }

    private void finish() {
        copy(exchange.getMessage(), caller.getMessage());
        caller.setException(exchange.getException());
        pipeline.doneUoW(exchange);
        pipeline.releaseExchange(exchange, false);
    }
}
