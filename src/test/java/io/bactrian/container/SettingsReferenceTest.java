package io.bactrian.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.setting.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class SettingsReferenceTest {

    private static final Path PAGE = Path.of("docs/settings.md");
    private static final Path EMBEDDING = Path.of("docs/embedding.md");
    private static final String BEGIN =
            "<!-- Generated from io.bactrian.model.ModelSettings by SettingsReferenceTest. -->\n";
    private static final String END = "<!-- The end of the generated part. -->\n";

    /** Run with {@code -Dupdate.docs=true} to write the page anew. */
    @Test
    void pageListsTheSettings() throws IOException {
        if (Boolean.getBoolean("update.docs")) {
            Files.writeString(PAGE, SettingsReference.markdown());
        }
        assertEquals(
                SettingsReference.markdown(),
                Files.readString(PAGE),
                "docs/settings.md differs from Settings: run mvn test"
                        + " -Dtest=SettingsReferenceTest -Dupdate.docs=true");
    }

    /** Run with {@code -Dupdate.docs=true} to write the table anew. */
    @Test
    void embeddingPageListsTheOptionsOfTheComponent() throws IOException {
        String page = Files.readString(EMBEDDING);
        String expected =
                page.substring(0, page.indexOf(BEGIN) + BEGIN.length())
                        + "\n"
                        + SettingsReference.options()
                        + "\n"
                        + page.substring(page.indexOf(END));
        if (Boolean.getBoolean("update.docs")) {
            Files.writeString(EMBEDDING, expected);
        }
        assertEquals(
                expected,
                Files.readString(EMBEDDING),
                "docs/embedding.md differs from ModelSettings: run mvn test"
                        + " -Dtest=SettingsReferenceTest -Dupdate.docs=true");
    }

    @Test
    void helpNamesEverySettingWithItsDefault() {
        String help = SettingsReference.help().replaceAll("\\s+", " ");
        for (Setting<?> setting : Settings.all()) {
            String entry =
                    setting.name() + " " + setting.meaning() + " (" + setting.defaultText() + ") ";
            assertTrue(help.contains(entry), entry);
        }
    }

    @Test
    void helpFitsIntoAHundredColumns() {
        SettingsReference.help().lines().forEach(line -> assertTrue(line.length() <= 100, line));
    }
}
