package io.bactrian.pipeline;

import io.bactrian.tensor.NamedTensors;
import java.lang.ref.WeakReference;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeExtension;
import org.apache.camel.Message;
import org.apache.camel.SafeCopyProperty;
import org.apache.camel.spi.CamelEvent;
import org.apache.camel.spi.CamelEvent.ExchangeCompletedEvent;
import org.apache.camel.spi.CamelEvent.ExchangeEvent;
import org.apache.camel.spi.CamelEvent.ExchangeFailedEvent;
import org.apache.camel.spi.EventNotifier;
import org.apache.camel.support.SimpleEventNotifierSupport;
import org.apache.camel.support.SynchronizationAdapter;
import org.apache.camel.support.service.ServiceHelper;
import org.jspecify.annotations.Nullable;

/**
 * The references that one exchange holds to tensors, from the step that sets them as the body until
 * the exchange is done. Camel asks for a {@linkplain #safeCopy copy} at each copy that it makes of
 * the exchange, so that each holds references of its own.
 *
 * <p>An exchange is done before its aggregation strategy, or the caller of a template, reads what
 * it came to. So the tensors that its message, properties or variables then still have are not
 * freed with it, but with the {@linkplain Origin exchange that all copies stem from}; and those of
 * that one are its caller's.
 */
final class TensorScope extends SynchronizationAdapter implements SafeCopyProperty {

    private static final String KEY = "bactrian.tensors";

    /** More than any pipeline has at a time, but for one that makes new ones in a loop. */
    private static final int MAX_STRONG = 16;

    private final CamelContext context;
    private final Origin origin;

    /** Whether this was copied from the scope of an exchange that was not done. */
    private final boolean copiedAlive;

    /** Oldest first; all but the last {@link #MAX_STRONG} are weak. */
    private final List<NamedTensors.Reference> held = new ArrayList<>(4);

    /** The exchange that this is the scope of, once a step of ours has seen it. */
    private @Nullable WeakReference<Exchange> exchange;

    private boolean done;

    /** Whether only what something refers to is kept. */
    private boolean weak;

    /** What is left to be read once the exchange is done, for whom its results are copied to. */
    private final List<WeakReference<NamedTensors>> results = new ArrayList<>(0);

    /** The first exchange, to which the copies' results return. */
    private static final class Origin {

        private final WeakReference<Exchange> exchange;

        /** What copies left to be read, as long as something refers to it. */
        private final List<NamedTensors.Reference> left = new ArrayList<>(0);

        /** The scopes of the copies of late, whose references are strong. */
        private final Deque<TensorScope> recent = new ArrayDeque<>(0);

        private boolean done;

        Origin(Exchange exchange) {
            this.exchange = new WeakReference<>(exchange);
        }

        boolean is(Exchange other) {
            return exchange.refersTo(other);
        }

        /**
         * A loop drops the copies that it makes, without a word. So of many copies that share a
         * unit of work the older ones keep only what something still refers to.
         */
        void addCopy(TensorScope copy) {
            TensorScope oldest;
            synchronized (this) {
                recent.add(copy);
                oldest = recent.size() > MAX_STRONG ? recent.remove() : null;
            }
            if (oldest != null) {
                oldest.weaken();
            }
        }

        /** {@return whether the reference is closed when the origin is done} */
        synchronized boolean add(NamedTensors.Reference reference) {
            if (done) {
                return false;
            }
            left.removeIf(each -> each.bundle() == null);
            reference.weaken();
            left.add(reference);
            return true;
        }

        synchronized List<NamedTensors.Reference> finish() {
            done = true;
            List<NamedTensors.Reference> all = List.copyOf(left);
            left.clear();
            recent.clear();
            return all;
        }
    }

    private TensorScope(CamelContext context, Origin origin, boolean copiedAlive) {
        this.context = context;
        this.origin = origin;
        this.copiedAlive = copiedAlive;
    }

    /**
     * {@return the scope of an exchange, made if it has none, or one that is done; it ends with the
     * exchange's unit of work}
     */
    static TensorScope of(Exchange exchange) {
        ExchangeExtension extension = exchange.getExchangeExtension();
        TensorScope scope = find(exchange);
        if (scope == null || scope.isDone()) {
            scope = new TensorScope(exchange.getContext(), new Origin(exchange), false);
            extension.setSafeCopyProperty(KEY, scope);
        }
        if (scope.attach(exchange)) {
            extension.addOnCompletion(scope);
            if (!scope.origin.is(exchange)) {
                scope.origin.addCopy(scope);
            }
        }
        return scope;
    }

    private static @Nullable TensorScope find(Exchange exchange) {
        return exchange.getExchangeExtension().getSafeCopyProperty(KEY, TensorScope.class);
    }

    private synchronized boolean isDone() {
        return done;
    }

    private synchronized boolean attach(Exchange to) {
        boolean first = exchange == null;
        if (first) {
            exchange = new WeakReference<>(to);
        }
        return first;
    }

    /**
     * Holds a reference until an exchange is done; if it is, as in an aggregation strategy, until
     * the one that it stems from is.
     */
    static void add(Exchange exchange, NamedTensors.Reference reference) {
        TensorScope scope = find(exchange);
        if (scope == null || !scope.addResult(reference)) {
            of(exchange).add(reference);
        }
    }

    private synchronized boolean addResult(NamedTensors.Reference reference) {
        NamedTensors result = reference.bundle();
        boolean added = done && origin.add(reference);
        if (added) {
            results.add(new WeakReference<>(result));
        }
        return added;
    }

    private synchronized void add(NamedTensors.Reference reference) {
        if (done) {
            reference.close();
            return;
        }
        held.add(reference);
        if (held.size() > MAX_STRONG) {
            held.removeIf(each -> each.bundle() == null);
        }
        if (weak) {
            reference.weaken();
        } else if (held.size() > MAX_STRONG) {
            held.get(held.size() - MAX_STRONG - 1).weaken();
        }
    }

    /**
     * Holds a reference to tensors that an exchange has from elsewhere, if it has none yet, until
     * it is done; not if it is done already.
     */
    static void keep(Exchange exchange, NamedTensors tensors) {
        TensorScope scope = find(exchange);
        if (scope == null || !scope.isDone()) {
            of(exchange).keep(tensors);
        }
    }

    private synchronized void keep(NamedTensors tensors) {
        for (NamedTensors.Reference each : held) {
            if (each.bundle() == tensors) {
                return;
            }
        }
        add(tensors.retain());
    }

    private synchronized void weaken() {
        weak = true;
        held.forEach(NamedTensors.Reference::weaken);
    }

    @Override
    public synchronized TensorScope safeCopy() {
        DoneNotifier.install(context);
        TensorScope copy = new TensorScope(context, origin, !done);
        Exchange copied = exchange == null ? null : exchange.get();
        for (NamedTensors.Reference each : held) {
            NamedTensors bundle = each.bundle();
            if (copied != null && bundle != null && TensorSearch.isAbsent(copied, bundle)) {
                // Camel makes copies for a moment, as for ${body[score]}, and says nothing of their
                // end: they must not hold what can't be reached through them.
                continue;
            }
            NamedTensors.Reference reference = each.copy();
            if (reference != null) {
                copy.held.add(reference);
                if (copied != null && !isReadable(copied, each.bundle())) {
                    // Whoever keeps the copy, as a mock does, need not keep these.
                    reference.weaken();
                }
            }
        }
        for (WeakReference<NamedTensors> each : results) {
            NamedTensors result = each.get();
            NamedTensors.Reference reference = result == null ? null : result.retainIfOpen();
            if (reference != null) {
                copy.held.add(reference);
            }
        }
        return copy;
    }

    /** A copy of the exchange has a copy of this. */
    @Override
    public boolean allowHandover() {
        return false;
    }

    @Override
    public void onDone(Exchange exchange) {
        boolean isOrigin = origin.is(exchange);
        List<NamedTensors.Reference> ended;
        synchronized (this) {
            if (done) {
                return;
            }
            done = true;
            ended = new ArrayList<>(held);
            held.clear();
            if (!isOrigin) {
                for (NamedTensors.Reference each : ended) {
                    if (isReadable(exchange, each.bundle())) {
                        results.add(new WeakReference<>(each.bundle()));
                    }
                }
            }
        }
        if (isOrigin) {
            ended.addAll(origin.finish());
            endOrigin(exchange, ended);
        } else {
            endCopy(exchange, ended);
        }
    }

    /** The caller of a template gets the message, and looks no further. */
    private static void endOrigin(Exchange exchange, List<NamedTensors.Reference> ended) {
        for (NamedTensors.Reference each : ended) {
            if (!exchange.isFailed() && isInMessage(exchange, each.bundle())) {
                each.leave();
            } else {
                each.close();
            }
        }
    }

    /**
     * Whoever has made the copy may read its results until the first exchange is done; after that,
     * only where the copy is to be answered.
     */
    private void endCopy(Exchange exchange, List<NamedTensors.Reference> ended) {
        boolean isRead = !copiedAlive || exchange.getPattern().isOutCapable();
        for (NamedTensors.Reference each : ended) {
            if (!isReadable(exchange, each.bundle())) {
                each.close();
            } else if (!origin.add(each)) {
                if (isRead) {
                    each.leave();
                } else {
                    each.close();
                }
            }
        }
    }

    private static boolean isReadable(Exchange exchange, @Nullable NamedTensors bundle) {
        return isInMessage(exchange, bundle)
                || (bundle != null
                        && ((exchange.hasProperties() && has(exchange.getProperties(), bundle))
                                || (exchange.hasVariables()
                                        && has(exchange.getVariables(), bundle))));
    }

    private static boolean isInMessage(Exchange exchange, @Nullable NamedTensors bundle) {
        Message message = exchange.getMessage();
        return bundle != null
                && (has(message.getBody(), bundle)
                        || (message.hasHeaders() && has(message.getHeaders(), bundle)));
    }

    private static boolean has(@Nullable Object value, NamedTensors bundle) {
        if (value instanceof Map<?, ?> map) {
            return has(map.values(), bundle);
        }
        if (value instanceof Collection<?> collection) {
            for (Object each : collection) {
                if (each == bundle) {
                    return true;
                }
            }
            return false;
        }
        return value == bundle;
    }

    /** Ends the scopes of copies that no step of ours has seen. */
    private static final class DoneNotifier extends SimpleEventNotifierSupport {

        DoneNotifier() {
            setIgnoreCamelContextInitEvents(true);
            setIgnoreCamelContextEvents(true);
            setIgnoreRouteEvents(true);
            setIgnoreServiceEvents(true);
            setIgnoreExchangeEvents(false);
            setIgnoreExchangeCompletedEvent(false);
            setIgnoreExchangeFailedEvents(false);
        }

        @Override
        public boolean isEnabled(CamelEvent event) {
            return event instanceof ExchangeCompletedEvent || event instanceof ExchangeFailedEvent;
        }

        static void install(CamelContext context) {
            if (isInstalled(context)) {
                return;
            }
            synchronized (DoneNotifier.class) {
                if (!isInstalled(context)) {
                    DoneNotifier notifier = new DoneNotifier();
                    ServiceHelper.startService(notifier);
                    context.getManagementStrategy().addEventNotifier(notifier);
                }
            }
        }

        private static boolean isInstalled(CamelContext context) {
            for (EventNotifier each : context.getManagementStrategy().getEventNotifiers()) {
                if (each instanceof DoneNotifier) {
                    return true;
                }
            }
            return false;
        }

        @Override
        public void notify(CamelEvent event) {
            Exchange exchange = ((ExchangeEvent) event).getExchange();
            TensorScope scope = find(exchange);
            if (scope != null) {
                scope.onDone(exchange);
            }
        }
    }
}
