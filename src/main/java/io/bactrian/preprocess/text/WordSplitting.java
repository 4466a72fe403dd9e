package io.bactrian.preprocess.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How a text is split into words, or characters.
 *
 * @param lowerCase what is put into lower case
 * @param separators the characters that end a word
 * @param removed the characters that are left out
 * @param characters whether each character, a Unicode code point, is a word
 */
public record WordSplitting(
        LowerCase lowerCase, String separators, String removed, boolean characters) {

    /** What is put into lower case. */
    public enum LowerCase {
        /** Every letter, as by Python's {@code str.lower}. */
        ALL,
        /** A to Z, as by {@code tf.strings.lower}. */
        ASCII,
        /** Nothing. */
        NONE
    }

    /** What {@code tf.strings.split} takes for white space. */
    private static final String WHITE_SPACE = " \t\n\u000b\f\r";

    /** What TextVectorization's {@code strip_punctuation} removes. */
    private static final String PUNCTUATION = "!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~'";

    private static final String KERAS_FILTERS = "!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n";

    /**
     * {@return that of Keras' {@code TextVectorization} by default: {@code
     * lower_and_strip_punctuation} and white space}
     */
    public static WordSplitting textVectorization() {
        return new WordSplitting(LowerCase.ASCII, WHITE_SPACE, PUNCTUATION, false);
    }

    /** {@return lower case and white space, punctuation being part of words} */
    public static WordSplitting lowerCaseWords() {
        return new WordSplitting(LowerCase.ALL, WHITE_SPACE, "", false);
    }

    /** {@return white space only} */
    public static WordSplitting words() {
        return new WordSplitting(LowerCase.NONE, WHITE_SPACE, "", false);
    }

    /** {@return this, with each character as a word} */
    public WordSplitting ofCharacters() {
        return new WordSplitting(lowerCase, separators, removed, true);
    }

    /**
     * {@return that of Keras' {@code Tokenizer} (keras/legacy/preprocessing/text.py,
     * text_to_word_sequence)}
     *
     * @param config its configuration; a missing member has Keras' default
     */
    static WordSplitting kerasTokenizer(JsonNode config) {
        boolean characters = config.path("char_level").asBoolean(false);
        return new WordSplitting(
                config.path("lower").asBoolean(true) ? LowerCase.ALL : LowerCase.NONE,
                characters
                        ? ""
                        : config.path("filters").asText(KERAS_FILTERS)
                                + config.path("split").asText(" "),
                "",
                characters);
    }

    /** {@return the words of a text} */
    List<String> split(String text) {
        String lower =
                switch (lowerCase) {
                    case ALL -> text.toLowerCase(Locale.ROOT);
                    case ASCII, NONE -> text;
                };
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        for (int i = 0; i < lower.length(); ) {
            int character = lower.codePointAt(i);
            i += Character.charCount(character);
            if (lowerCase == LowerCase.ASCII && character >= 'A' && character <= 'Z') {
                character += 'a' - 'A';
            }
            if (removed.indexOf(character) >= 0) {
                continue;
            }
            boolean separates = !characters && separators.indexOf(character) >= 0;
            if (!separates) {
                word.appendCodePoint(character);
            }
            if ((separates || characters) && word.length() > 0) {
                words.add(word.toString());
                word.setLength(0);
            }
        }
        if (word.length() > 0) {
            words.add(word.toString());
        }
        return words;
    }
}
