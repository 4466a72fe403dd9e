package io.bactrian.postprocess.image;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.List;

/**
 * The font of what is drawn on images: the characters of ASCII, 5 pixels wide and 7 high. Java's
 * own text needs fonts of the system, which containers have none of.
 *
 * <p>Accents are left out, and any other character is a box.
 */
final class BitmapFont {

    static final int GLYPH_WIDTH = 5;
    static final int GLYPH_HEIGHT = 7;

    /** A character and the space after it. */
    static final int ADVANCE = GLYPH_WIDTH + 1;

    private static final char FIRST = ' ';
    private static final char LAST = '~';
    private static final int LINES = GLYPH_HEIGHT + 1;
    private static final List<String> FONT = read();

    private BitmapFont() {}

    private static List<String> read() {
        try (InputStream in = BitmapFont.class.getResourceAsStream("font.txt")) {
            return new String(requireNonNull(in).readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@return the text as it is drawn, of one character for each glyph} */
    static String drawable(String text) {
        String plain = Normalizer.normalize(text, Normalizer.Form.NFD);
        StringBuilder drawable = new StringBuilder();
        plain.codePoints()
                .filter(each -> Character.getType(each) != Character.NON_SPACING_MARK)
                .forEach(
                        each ->
                                drawable.append(
                                        each >= FIRST && each <= LAST ? (char) each : (char) 0));
        return drawable.toString();
    }

    /** {@return whether a pixel of a character is set} */
    static boolean isSet(char character, int x, int y) {
        if (character < FIRST || character > LAST) {
            return x == 0 || x == GLYPH_WIDTH - 1 || y == 0 || y == GLYPH_HEIGHT - 1;
        }
        return FONT.get((character - FIRST) * LINES + 1 + y).charAt(x) == '#';
    }
}
