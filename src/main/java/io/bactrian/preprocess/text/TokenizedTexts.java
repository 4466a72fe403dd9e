package io.bactrian.preprocess.text;

import io.bactrian.pipeline.PipelineConstants;
import io.bactrian.pipeline.PipelineFaultException;
import java.util.List;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/**
 * What a tokenizer made of a request's texts, kept in the exchange property {@link
 * PipelineConstants#TOKENS} for steps after the model.
 *
 * @param texts the texts
 * @param pairs the second texts, in the order of the first; null without
 * @param rows the rows of the tensors, in their order
 * @param padsLeft whether rows are padded on the left
 */
public record TokenizedTexts(
        List<String> texts, @Nullable List<String> pairs, List<Row> rows, boolean padsLeft) {

    /**
     * A row of the tensors: a text, or a window of one.
     *
     * @param text which of the texts it is of
     * @param sequence its tokens, without padding
     */
    public record Row(int text, TokenSequence sequence) {}

    /** Keeps them for later steps. */
    public void keep(Exchange exchange) {
        exchange.setProperty(PipelineConstants.TOKENS, this);
    }

    /**
     * {@return what the tokenizer of this exchange made}
     *
     * @throws PipelineFaultException if there was none
     */
    public static TokenizedTexts of(Exchange exchange) {
        TokenizedTexts kept =
                exchange.getProperty(PipelineConstants.TOKENS, null, TokenizedTexts.class);
        if (kept == null) {
            throw new PipelineFaultException(
                    "there are no tokens: a TokenizerPreprocessor must come before the model");
        }
        return kept;
    }
}
