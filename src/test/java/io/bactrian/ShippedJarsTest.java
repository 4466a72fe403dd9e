package io.bactrian;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The libraries of the distribution are those of the table in SECURITY.md, with their versions. */
class ShippedJarsTest {

    /** {@code group:artifact:jar:version:scope}, as Maven lists it. */
    private static final Pattern LISTED =
            Pattern.compile("^ +[\\w.-]+:([\\w.-]+):jar:([\\w.-]+):(?:compile|runtime)\\b");

    private static final Pattern ROW =
            Pattern.compile("^\\| ([a-z][\\w., -]*) \\| (\\d[\\w.-]*) \\| ");

    private static Set<String> shipped() throws IOException {
        Set<String> jars = new TreeSet<>();
        try (InputStream list = ShippedJarsTest.class.getResourceAsStream("/shipped-jars.txt")) {
            new String(list.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(LISTED::matcher)
                    .filter(Matcher::find)
                    .forEach(jar -> jars.add(jar.group(1) + " " + jar.group(2)));
        }
        return jars;
    }

    private static Set<String> documented() throws IOException {
        Set<String> jars = new TreeSet<>();
        for (String line : Files.readAllLines(Path.of("SECURITY.md"))) {
            Matcher row = ROW.matcher(line);
            if (row.find()) {
                for (String jar : row.group(1).split(", ")) {
                    assertTrue(jars.add(jar + " " + row.group(2)), () -> "twice: " + jar);
                }
            }
        }
        return jars;
    }

    @Test
    void everyShippedJarIsInTheTable() throws IOException {
        Set<String> shipped = shipped();
        assertTrue(shipped.contains("netty-codec-http 4.1.140.Final"), shipped::toString);
        assertEquals(String.join("\n", documented()), String.join("\n", shipped));
    }
}
