package io.bactrian;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Consistent terminology and American spelling in code and documents. */
class GlossaryTest {

    private static final List<String> TREES =
            List.of("src/main", "docs", "routes", "README.md", "CONTRIBUTING.md", "SECURITY.md");

    private static final Pattern TEXT = Pattern.compile(".*\\.(java|md|yaml|properties|xml)");

    /** The words to avoid, as regular expressions, and their replacements. */
    private static final Map<String, String> WORDS = words();

    private static Map<String, String> words() {
        Map<String, String> words = new TreeMap<>();
        words.put("(?<!Multi-|multi)[Pp]ictures?", "image");
        words.put("\\b[Cc]olour", "color");
        words.put("\\b[Gg]rey", "gray");
        words.put("[Bb]ehaviour", "behavior");
        words.put("[Nn]eighbour", "neighbor");
        words.put("[Hh]onour", "honor");
        words.put("\\b[Cc]entre\\b", "center");
        words.put("[Oo]ptimis(e|a|i)", "optimize");
        words.put("[Nn]ormalis(e|a|i)", "normalize");
        words.put("[Ii]nitialis(e|a|i)", "initialize");
        words.put("[Ss]erialis(e|a|i)", "serialize");
        words.put("[Rr]ecognis(e|a|i)", "recognize");
        words.put("\\bMOST_", "MAX_");
        words.put("\\bLEAST_", "MIN_");
        words.put("[Mm]antissa", "significand");
        words.put("time was up", "deadline exceeded");
        words.put("in the house", "in flight");
        words.put("made[- ]up (input|data|number)", "synthetic");
        words.put("turned on its side", "transposed");
        words.put("foretell", "predict");
        words.put("can't do that", "unknown command");
        return words;
    }

    @Test
    void wordsToAvoidDoNotOccur() throws IOException {
        List<String> found = new ArrayList<>();
        for (String tree : TREES) {
            try (Stream<Path> files = Files.walk(Path.of(tree))) {
                files.filter(file -> TEXT.matcher(file.toString()).matches())
                        .forEach(file -> look(file, found));
            }
        }
        assertEquals("", String.join("\n", found));
    }

    private static void look(Path file, List<String> found) {
        String text;
        try {
            text = Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        WORDS.forEach(
                (unused, used) -> {
                    Matcher word = Pattern.compile(unused).matcher(text);
                    while (word.find()) {
                        long line = text.substring(0, word.start()).lines().count();
                        found.add(file + ":" + line + ": \"" + word.group() + "\": write " + used);
                    }
                });
    }
}
