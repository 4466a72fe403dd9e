package io.bactrian.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.tensorflow.TensorFlowComponent;
import io.bactrian.testing.TestModels;
import java.nio.file.Path;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.apache.camel.test.junit5.CamelTestSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TString;

/** Fields of the request and of the route in answers. */
class AnswerFieldsTest extends CamelTestSupport {

    @TempDir Path folder;

    @Override
    protected CamelContext createCamelContext() throws Exception {
        CamelContext context = super.createCamelContext();
        TestModels.identity(folder.resolve("texts/1"), TString.class, Shape.of(Shape.UNKNOWN_SIZE));
        TensorFlowComponent component = new TensorFlowComponent();
        component.setModelDirectory(folder.toString());
        context.addComponent("tensorflow", component);
        return context;
    }

    private void load(String properties, String unmarshal) throws Exception {
        String yaml =
                """
                - beans:
                    - name: text
                      type: io.bactrian.preprocess.TextPreprocessor
                      properties: {itemErrors: ANSWER, %s}
                    - name: answer
                      type: io.bactrian.postprocess.OutputsPostprocessor
                    - name: fields
                      type: io.bactrian.postprocess.AnswerFields
                      properties:
                %s
                - route:
                    from:
                      uri: direct:texts
                      steps:
                %s
                        - process: {ref: "#text"}
                        - to: {uri: "tensorflow:texts"}
                        - process: {ref: "#answer"}
                        - process: {ref: "#fields"}
                        - marshal: {json: {}}
                """
                        .formatted(
                                unmarshal.isEmpty() ? "field: ''" : "field: text",
                                properties.indent(8),
                                unmarshal);
        PluginHelper.getRoutesLoader(context)
                .loadRoutes(ResourceHelper.fromString("test.camel.yaml", yaml));
    }

    private static final String JSON = "        - unmarshal: {json: {}}";

    private String answer(String body) {
        Exchange exchange =
                template.request(
                        "direct:texts",
                        each -> {
                            each.getMessage().setBody(body);
                            each.getMessage().setHeader("tenant", "acme");
                            each.setProperty("number", 7L);
                        });
        return exchange.getException() == null
                ? exchange.getMessage().getBody(String.class)
                : exchange.getException().getMessage();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"text\": \"a\", \"id\": 4, \"user\": null}| {\"y\":\"a\",\"id\":4,\"who\":null}",
                "[{\"text\": \"a\", \"id\": 4, \"user\": \"u\"}, {\"text\": 1, \"id\": [5], \"user\": {}}]"
                        + "| [{\"y\":\"a\",\"id\":4,\"who\":\"u\"},"
                        + "{\"error\":\"body[1] must be a string, got a number\",\"id\":[5],\"who\":{}}]",
                "{\"text\": [\"a\", \"b\"], \"id\": 4, \"user\": \"u\"}"
                        + "| [{\"y\":\"a\",\"id\":4,\"who\":\"u\"},{\"y\":\"b\",\"id\":4,\"who\":\"u\"}]",
                "{\"text\": \"a\", \"id\": 4}| missing field \"user\"",
                "[{\"text\": \"a\", \"id\": 4, \"user\": 1}, {\"text\": \"a\", \"user\": 1}]"
                        + "| [1]: missing field \"id\"",
                "[\"a\"]| [0]: missing field \"id\"",
            })
    void fieldsOfEachItemAreCopied(String request, String answer) throws Exception {
        load("requestFields: id, who=user", JSON);
        assertEquals(answer, answer(request));
    }

    @Test
    void fieldsThatAreNotRequiredAreLeftOut() throws Exception {
        load("requestFields: id\nrequired: false", JSON);
        assertEquals(
                "[{\"y\":\"a\"},{\"y\":\"b\",\"id\":2}]",
                answer("[\"a\", {\"text\": \"b\", \"id\": 2}]"));
    }

    @Test
    void valuesAreLiteralsOrExpressionsOfTheirOwnType() throws Exception {
        load(
                "values: '{\"status\": \"Ok\", \"version\": 3, \"none\": null, \"tenant\":"
                        + " \"t-${header.tenant}\", \"number\": \"${exchangeProperty.number}\"}'",
                JSON);
        assertEquals(
                "{\"y\":\"a\",\"status\":\"Ok\",\"version\":3,\"none\":null,\"tenant\":\"t-acme\","
                        + "\"number\":7}",
                answer("{\"text\": \"a\"}"));
    }

    @Test
    void wrapperTakesTheWholeAnswer() throws Exception {
        load("wrapper: predictions\nvalues: '{\"n\": 0.5}'\nnumbersAsText: true", JSON);
        assertEquals(
                "{\"predictions\":[{\"y\":\"a\"},{\"y\":\"b\"}],\"n\":\"0.5\"}",
                answer("{\"text\": [\"a\", \"b\"]}"));
    }

    @Test
    void requestThatWasNotUnmarshalledIsTheRoutesFault() throws Exception {
        load("requestFields: id", "");
        assertEquals(
                "fields (AnswerFields): requestFields: no preprocessor has kept the request: put"
                        + " unmarshal: json before it",
                answer("a"));
    }

    @Test
    void fieldThatTheAnswerHasIsTheRoutesFault() throws Exception {
        load("values: '{\"y\": 1}'", JSON);
        assertEquals(
                "fields (AnswerFields): the answer has a field \"y\" already",
                answer("{\"text\": \"a\"}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "requestFields: 'a, a'| requestFields has \"a\" twice",
                "values: '[1]'| values must be a JSON object, got [1]",
                "values: 'null'| values must be a JSON object, got null",
                "values: 'a=1'| values must be a JSON object, got a=1",
                "values: '{\"a\": \"${nonsense}\"}'| values, a: ",
                "requestFields: a\\nvalues: '{\"a\": 1}'| requestFields and values both have \"a\"",
                "requestFields: a\\nwrapper: a| wrapper is \"a\", as another field is",
            })
    void propertyThatIsWrongIsReportedAtStart(String properties, String message) {
        Exception fault =
                assertThrows(Exception.class, () -> load(properties.replace("\\n", "\n"), JSON));
        String text = "";
        for (Throwable each = fault; each != null; each = each.getCause()) {
            text += each.getMessage();
        }
        assertTrue(text.contains(message), text);
    }
}
