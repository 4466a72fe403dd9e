package io.bactrian.preprocess.text;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A text as a sequence of token ids, or a window of it.
 *
 * @param ids the tokens' ids
 * @param typeIds 0 for the first text and its special tokens, 1 for the second
 * @param tokens the tokens' places in the texts; null if they were not asked for
 */
public record TokenSequence(long[] ids, long[] typeIds, @Nullable List<Token> tokens) {

    /**
     * A token's place in a text.
     *
     * @param text 0 for the first text, 1 for the second, -1 for a special token
     * @param word which of the text's words it is of, from 0; -1 for a special token
     * @param start where it begins in the text, in Unicode code points
     * @param end where it ends, exclusive, in Unicode code points
     */
    public record Token(int text, int word, int start, int end) {

        static final Token SPECIAL = new Token(-1, -1, 0, 0);
    }

    /** {@return how many tokens there are} */
    public int length() {
        return ids.length;
    }
}
