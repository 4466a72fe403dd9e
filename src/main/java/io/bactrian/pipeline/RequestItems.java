package io.bactrian.pipeline;

import org.apache.camel.Exchange;

/**
 * Whether a request holds one item or a list of them, which preprocessors know and postprocessors
 * need: the answer to a list is a list, even of one.
 */
public final class RequestItems {

    private RequestItems() {}

    /**
     * Keeps whether the request is a list, in the exchange property {@link PipelineConstants#LIST}.
     *
     * @param exchange the exchange of the request
     * @param list whether the request is a list of items
     */
    public static void setList(Exchange exchange, boolean list) {
        exchange.setProperty(PipelineConstants.LIST, list);
    }

    /**
     * {@return whether the request is a list, as far as a preprocessor has said so}
     *
     * @param exchange the exchange of the request
     */
    public static boolean isList(Exchange exchange) {
        return exchange.getProperty(PipelineConstants.LIST, false, boolean.class);
    }
}
