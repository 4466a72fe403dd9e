package io.bactrian.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.tensor.BadInputException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.Test;

/** The data format {@code json} in routes, with and without Bactrian's implementation. */
class JsonDataFormatTest {

    private static final String ROUTES =
            """
            - route:
                id: read
                from:
                  uri: direct:read
                  steps:
                    - unmarshal: {json: {}}
            - route:
                id: write
                from:
                  uri: direct:write
                  steps:
                    - marshal: {json: {}}
            """;

    private interface Use {
        void with(ProducerTemplate template) throws Exception;
    }

    private static void routes(boolean ours, Use use) throws Exception {
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            if (ours) {
                JsonDataFormat.useIn(context);
            }
            PluginHelper.getRoutesLoader(context)
                    .loadRoutes(ResourceHelper.fromString("json.camel.yaml", ROUTES));
            context.start();
            use.with(context.createProducerTemplate());
        }
    }

    private static String fault(ProducerTemplate template, Object body) {
        CamelExecutionException error =
                assertThrows(
                        CamelExecutionException.class,
                        () -> template.requestBody("direct:read", body));
        return assertInstanceOf(BadInputException.class, error.getCause()).getMessage();
    }

    /** A class that is read from a request. */
    public static class Named {
        public String name;
    }

    @Test
    void longUnknownPropertyIsBadInput() throws Exception {
        byte[] json = ("{\"" + "a.".repeat(100_000) + "\": 1}").getBytes(StandardCharsets.UTF_8);
        try (DefaultCamelContext context = new DefaultCamelContext();
                JsonDataFormat format = new JsonDataFormat()) {
            format.setUnmarshalType(Named.class);
            format.setCamelContext(context);
            format.start();
            BadInputException failure =
                    assertThrows(
                            BadInputException.class,
                            () -> format.unmarshal(new DefaultExchange(context), json));
            assertTrue(
                    failure.getMessage()
                            .startsWith("the body does not fit: Unrecognized field \"a.a."),
                    failure::getMessage);
        }
    }

    @Test
    void readsOneDocumentInItsCharset() throws Exception {
        routes(
                true,
                template -> {
                    assertEquals(
                            Map.of("a", List.of(1, 2.5, "é")),
                            template.requestBody("direct:read", "{\"a\": [1, 2.5, \"é\"]} \n"));
                    assertEquals(
                            "é",
                            template.requestBodyAndHeader(
                                    "direct:read",
                                    "\"é\"".getBytes(StandardCharsets.ISO_8859_1),
                                    Exchange.CONTENT_TYPE,
                                    "application/json; charset=iso-8859-1"));
                    assertEquals(
                            "the body is not valid JSON: The document root must not be followed by"
                                    + " other values. at offset: 3",
                            fault(template, "{}\n{}"));
                    assertEquals("the body is empty: expected JSON", fault(template, ""));
                });
    }

    @Test
    void writesNumbersAsPythonDoes() throws Exception {
        routes(
                true,
                template ->
                        assertEquals(
                                "[NaN,Infinity,-Infinity,0.1,NaN,\"🐪\"]",
                                template.requestBody(
                                        "direct:write",
                                        List.of(
                                                Float.NaN,
                                                Double.POSITIVE_INFINITY,
                                                Float.NEGATIVE_INFINITY,
                                                0.1f,
                                                Double.NaN,
                                                "🐪"),
                                        String.class)));
    }

    /** Having the jar on the class path does not replace Camel's own format. */
    @Test
    void contextsWithoutItKeepCamelsJson() throws Exception {
        routes(
                false,
                template -> {
                    assertEquals(Map.of(), template.requestBody("direct:read", "{}\n{}"));
                    assertEquals(
                            "[\"NaN\"]",
                            template.requestBody("direct:write", List.of(Float.NaN), String.class));
                });
    }

    /** The scanner, which checks documents first, accepts the same ones as Jackson. */
    @Test
    void acceptsTheSameDocumentsAsTheScanner() throws Exception {
        ObjectMapper jackson = new ObjectMapper();
        String seed =
                "{\"a\": [1, -2.5e3, 1e400, NaN, {}], \"b\\ud83d\\udc2a\": \"x\\né\", \"c\": [true, null]} \n";
        byte[] bytes = seed.getBytes(StandardCharsets.UTF_8);
        Random random = new Random(8);
        routes(
                true,
                template -> {
                    int taken = 0;
                    for (int i = 0; i < 20_000; i++) {
                        byte[] changed = bytes.clone();
                        for (int change = random.nextInt(3); change >= 0; change--) {
                            int at = random.nextInt(changed.length);
                            changed[at] =
                                    random.nextBoolean()
                                            ? bytes[random.nextInt(bytes.length)]
                                            : (byte) random.nextInt(256);
                        }
                        boolean valid = isValid(changed);
                        taken += valid ? 1 : 0;
                        String json = new String(changed, StandardCharsets.ISO_8859_1);
                        if (valid) {
                            Object value = template.requestBody("direct:read", changed);
                            if (!json.contains("NaN") && !json.contains("Infinity")) {
                                assertEquals(jackson.readValue(changed, Object.class), value, json);
                            }
                        } else {
                            assertTrue(!fault(template, changed).isEmpty(), json);
                        }
                    }
                    assertTrue(taken > 20, taken + " taken");
                });
    }

    private static boolean isValid(byte[] json) {
        try {
            JsonScanner scanner = new JsonScanner(json, Dialect.BACTRIAN);
            scanner.peekDocument();
            scanner.skipValue();
            scanner.endDocument();
            return true;
        } catch (BadInputException e) {
            return false;
        }
    }
}
