package io.bactrian.preprocess;

import java.util.Locale;

/** A change of text to upper or lower case, whatever the default locale. */
public enum CaseFolding {
    /** Lower case by Unicode's full mapping, as Python's {@code str.lower}. */
    LOWER {
        @Override
        String apply(String text) {
            return text.toLowerCase(Locale.ROOT);
        }
    },
    /** Upper case by Unicode's full mapping, as Python's {@code str.upper}. */
    UPPER {
        @Override
        String apply(String text) {
            return text.toUpperCase(Locale.ROOT);
        }
    },
    /** A to Z in lower case and the rest unchanged, as {@code tf.strings.lower} by default. */
    ASCII_LOWER {
        @Override
        String apply(String text) {
            char[] chars = text.toCharArray();
            for (int i = 0; i < chars.length; i++) {
                if (chars[i] >= 'A' && chars[i] <= 'Z') {
                    chars[i] = (char) (chars[i] + 'a' - 'A');
                }
            }
            return new String(chars);
        }
    },
    /** The text unchanged. */
    NONE {
        @Override
        String apply(String text) {
            return text;
        }
    };

    abstract String apply(String text);
}
