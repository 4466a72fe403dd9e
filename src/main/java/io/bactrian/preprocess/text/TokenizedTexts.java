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

    /**
     * Keeps them for later steps.
     *
     * @param exchange the exchange of the request
     */
    public void keep(Exchange exchange) {
        exchange.setProperty(PipelineConstants.TOKENS, this);
    }

    /**
     * {@return what the tokenizer of this exchange made}
     *
     * @param exchange the exchange of the request
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

    /**
     * Checks that an output has a row for each row of tokens.
     *
     * @param count the output's rows
     * @param output the output, for the error
     * @throws PipelineFaultException if it has more or fewer
     */
    public void requireRows(long count, String output) {
        if (rows.size() != count) {
            throw new PipelineFaultException(
                    output + ", but there are " + rows.size() + " rows of tokens");
        }
    }

    /**
     * {@return the places in the texts of a row's tokens}
     *
     * @param row which row
     * @throws PipelineFaultException if the tokenizer did not keep them
     */
    public List<TokenSequence.Token> tokens(int row) {
        List<TokenSequence.Token> tokens = rows.get(row).sequence().tokens();
        if (tokens == null) {
            throw new PipelineFaultException(
                    "there are no words: set keepTokens: true in the TokenizerPreprocessor");
        }
        return tokens;
    }

    /**
     * {@return the index of a row's first token in an output [rows, length], padding left out}
     *
     * @param row which row
     * @param length the output's tokens in a row
     */
    public int firstToken(int row, int length) {
        int padding = length - rows.get(row).sequence().length();
        return row * length + (padsLeft ? Math.max(0, padding) : 0);
    }
}
