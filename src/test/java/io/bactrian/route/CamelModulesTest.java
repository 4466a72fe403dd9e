package io.bactrian.route;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.camel.catalog.CamelCatalog;
import org.apache.camel.catalog.DefaultCamelCatalog;
import org.apache.camel.tooling.model.ArtifactModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CamelModulesTest {

    private static final Path INDEX =
            Path.of("src/main/resources/io/bactrian/route/camel-modules.properties");

    /** Run with {@code -Dupdate.docs=true} to regenerate the index. */
    @Test
    void indexAgreesWithCamelsCatalog() throws IOException {
        CamelCatalog catalog = new DefaultCamelCatalog();
        SortedMap<String, String> modules = new TreeMap<>();
        catalog.findComponentNames()
                .forEach(name -> put(modules, "COMPONENT", name, catalog.componentModel(name)));
        catalog.findDataFormatNames()
                .forEach(name -> put(modules, "DATA_FORMAT", name, catalog.dataFormatModel(name)));
        catalog.findLanguageNames()
                .forEach(name -> put(modules, "LANGUAGE", name, catalog.languageModel(name)));
        StringBuilder expected = new StringBuilder("# Made by CamelModulesTest.\n");
        expected.append("version=").append(catalog.getCatalogVersion()).append('\n');
        modules.forEach((key, module) -> expected.append(key + "=" + module + "\n"));
        if (Boolean.getBoolean("update.docs")) {
            Files.writeString(INDEX, expected);
        }
        assertEquals(
                expected.toString(),
                Files.readString(INDEX),
                INDEX + ": run mvn test -Dtest=CamelModulesTest -Dupdate.docs=true");
    }

    private static void put(
            SortedMap<String, String> modules, String kind, String name, ArtifactModel<?> model) {
        modules.put(kind + "." + name, model.getArtifactId());
    }

    @ParameterizedTest
    @CsvSource({
        "DATA_FORMAT, base64, data format, camel-base64",
        "DATA_FORMAT, avroJackson, data format, camel-jackson-avro",
        "COMPONENT, http, component, camel-http",
        "COMPONENT, aws2-s3, component, camel-aws2-s3",
        "LANGUAGE, jsonpath, language, camel-jsonpath"
    })
    void missingModuleIsNamed(CamelModules.Kind kind, String name, String text, String module) {
        String version = new DefaultCamelCatalog().getCatalogVersion();
        assertEquals(
                text
                        + " \""
                        + name
                        + "\" is not included: put the jar of org.apache.camel:"
                        + module
                        + ":"
                        + version
                        + ", and those it depends on, into lib beside the route file",
                CamelModules.explainMissing(kind, name));
    }

    @Test
    void misspelledNameGetsASuggestion() {
        assertEquals(
                "there is no component \"kafak\"; did you mean 'kafka'?",
                CamelModules.explainMissing(CamelModules.Kind.COMPONENT, "kafak"));
        assertEquals(
                "there is no component \"tensorfow\"; did you mean 'tensorflow'?",
                CamelModules.explainMissing(CamelModules.Kind.COMPONENT, "tensorfow"));
        assertEquals(
                "there is no data format \"nyp\"; did you mean 'npy'?",
                CamelModules.explainMissing(CamelModules.Kind.DATA_FORMAT, "nyp"));
        assertEquals(
                "there is no language \"frobnicate\"",
                CamelModules.explainMissing(CamelModules.Kind.LANGUAGE, "frobnicate"));
    }
}
