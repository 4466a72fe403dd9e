package io.bactrian.pipeline;

import io.bactrian.tensor.BadInputException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/**
 * The items of a request that are wrong and answered by an error each, while the model predicts the
 * others. A preprocessor collects them, and a postprocessor puts their errors between the answers.
 *
 * <p>Not thread-safe.
 */
public final class RejectedItems {

    /** The most items that are rejected before the request is: their errors take memory. */
    static final int MAX_REJECTED = 1000;

    private static final String ERROR = "error";

    private final boolean answered;
    private final SortedMap<Integer, String> errors = new TreeMap<>();
    private int items;

    /**
     * Collects the wrong items of a request.
     *
     * @param policy what becomes of them
     */
    public RejectedItems(ItemErrors policy) {
        this.answered = policy == ItemErrors.ANSWER;
    }

    /**
     * Rejects an item of a list.
     *
     * @param index its index in the request, from 0; an item that was rejected before keeps its
     *     first error
     * @param error what is wrong
     * @throws BadInputException the error itself if wrong items fail their request; another if too
     *     many items are wrong
     */
    public void reject(int index, BadInputException error) {
        if (!answered) {
            throw error;
        }
        errors.putIfAbsent(index, String.valueOf(error.getMessage()));
        if (errors.size() > MAX_REJECTED) {
            throw new BadInputException(
                    "more than " + MAX_REJECTED + " items are wrong, the first: " + first());
        }
    }

    /**
     * {@return whether an item was rejected}
     *
     * @param index the item's index in the request, from 0
     */
    public boolean contains(int index) {
        return errors.containsKey(index);
    }

    /**
     * Keeps the rejected items for the answer, in the exchange property {@link
     * PipelineConstants#REJECTED_ITEMS}.
     *
     * @param exchange the exchange of the request
     * @param count the number of the request's items, with the rejected ones
     * @throws BadInputException if all are rejected, so that there is nothing to predict
     */
    public void keep(Exchange exchange, int count) {
        requireOthers(count);
        items = count;
        if (!errors.isEmpty()) {
            exchange.setProperty(PipelineConstants.REJECTED_ITEMS, this);
        }
    }

    /**
     * Checks that not all items are rejected, so that there is something to predict.
     *
     * @param count the number of the request's items, with the rejected ones
     * @throws BadInputException if all are
     */
    public void requireOthers(int count) {
        if (count > 0 && errors.size() == count) {
            throw new BadInputException(
                    count == 1
                            ? first()
                            : "all " + count + " items are wrong, the first: " + first());
        }
    }

    private String first() {
        return errors.entrySet().iterator().next().getValue();
    }

    /**
     * {@return the rejected items of a request, or null if there are none}
     *
     * @param exchange the exchange of the request
     */
    public static @Nullable RejectedItems of(Exchange exchange) {
        return exchange.getProperty(PipelineConstants.REJECTED_ITEMS, RejectedItems.class);
    }

    /**
     * {@return the answers to all items in their order, the rejected ones' errors among them}
     *
     * @param answers those to the items that were not rejected
     * @throws PipelineFaultException if they are not as many
     */
    public List<Object> complete(List<Object> answers) {
        int expected = items - errors.size();
        if (answers.size() != expected) {
            throw new PipelineFaultException(
                    "itemErrors is ANSWER, but the model was given "
                            + expected
                            + (expected == 1 ? " item" : " items")
                            + " and this step has "
                            + answers.size()
                            + (answers.size() == 1 ? " answer" : " answers"));
        }
        List<Object> all = new ArrayList<>(items);
        Iterator<Object> predicted = answers.iterator();
        for (int item = 0; item < items; item++) {
            String error = errors.get(item);
            all.add(error == null ? predicted.next() : Map.of(ERROR, error));
        }
        return all;
    }
}
