package io.bactrian.pipeline;

import java.util.Set;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeExtension;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.processor.OnCompletionProcessor;
import org.apache.camel.spi.Synchronization;

/**
 * The call of a pipeline of another Camel context: an exchange of that context, since steps look up
 * beans, languages and type converters in their exchange's. It begins with a copy of all that the
 * caller's exchange has, and what it ends with replaces that: so the caller can't tell the call
 * from one within its own context, which works on the caller's exchange.
 *
 * <p>Two things are the call's own: the original message, which is the one that the pipeline was
 * called with, and the route's {@code onCompletion} hooks, which run when the call ends.
 */
final class PipelineExchange {

    /** These hold route ids, which the other context's routes may have as well. */
    private static final Set<ExchangePropertyKey> ONE_CONTEXTS =
            Set.of(
                    ExchangePropertyKey.FATAL_FALLBACK_ERROR_HANDLER,
                    ExchangePropertyKey.ON_COMPLETION_ROUTE_IDS);

    private static final ExchangePropertyKey[] KEYS = ExchangePropertyKey.values();

    private final PipelineConsumer pipeline;
    private final Exchange caller;
    private final Exchange exchange;

    PipelineExchange(PipelineConsumer pipeline, Exchange caller) {
        this.pipeline = pipeline;
        this.caller = caller;
        this.exchange = pipeline.createExchange(false);
        copy(caller, exchange);
        ExchangeCaller.setCalled(exchange, caller);
    }

    private static void copy(Exchange from, Exchange to) {
        to.setPattern(from.getPattern());
        to.getMessage().copyFrom(from.getMessage());
        ExchangeCaller own = ExchangeCaller.of(to);
        to.getProperties().clear();
        to.getProperties().putAll(from.getProperties());
        own.setOn(to);
        for (ExchangePropertyKey key : KEYS) {
            if (!ONE_CONTEXTS.contains(key)) {
                to.setProperty(key, from.getProperty(key));
            }
        }
        if (to.hasVariables()) {
            to.getVariables().clear();
        }
        if (from.hasVariables()) {
            to.getVariables().putAll(from.getVariables());
        }
        copyState(from, to);
    }

    private static void copyState(Exchange from, Exchange to) {
        ExchangeExtension source = from.getExchangeExtension();
        ExchangeExtension target = to.getExchangeExtension();
        to.setRouteStop(from.isRouteStop());
        to.setRollbackOnly(from.isRollbackOnly());
        to.setRollbackOnlyLast(from.isRollbackOnlyLast());
        target.setNotifyEvent(source.isNotifyEvent());
        target.setRedeliveryExhausted(source.isRedeliveryExhausted());
        target.setErrorHandlerHandled(source.getErrorHandlerHandled());
        target.setFailureHandled(source.isFailureHandled());
        target.setInterrupted(source.isInterrupted());
        to.setException(from.getException());
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
        copy(exchange, caller);
        // Such as the deletion of a file that the caller has yet to read as its body.
        exchange.getUnitOfWork().handoverSynchronization(caller, PipelineExchange::isOfNoContext);
        pipeline.doneUoW(exchange);
        pipeline.releaseExchange(exchange, false);
    }

    private static boolean isOfNoContext(Synchronization completion) {
        return completion.getClass().getEnclosingClass() != OnCompletionProcessor.class;
    }
}
