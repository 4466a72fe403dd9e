package io.bactrian.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.Expression;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.ExpressionBuilder;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.language.SimpleExpression;
import org.apache.camel.support.SynchronizationAdapter;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A call of a pipeline has the same result whether or not it is in the caller's Camel context. */
class CallOfAnotherContextTest {

    /** The steps of the called pipelines, by name. */
    private static final Map<String, Consumer<RouteDefinition>> CALLED = new LinkedHashMap<>();

    /** The ways of calling a pipeline, by name. */
    private static final Map<String, Caller> CALLERS = new LinkedHashMap<>();

    interface Caller {
        void configure(RouteDefinition route, String uri);
    }

    static {
        CALLED.put("body", route -> route.setBody().simple("${body}!"));
        CALLED.put("headers", route -> route.setHeader("Set", bodyText()).removeHeader("Given"));
        CALLED.put(
                "properties",
                route -> route.setProperty("set", bodyText()).removeProperty("given"));
        CALLED.put(
                "variables", route -> route.setVariable("set", bodyText()).removeVariable("given"));
        CALLED.put("charset", route -> route.setProperty(Exchange.CHARSET_NAME, bodyText()));
        CALLED.put("stop", RouteDefinition::stop);
        CALLED.put("rollback", route -> route.markRollbackOnly());
        CALLED.put("rollback-last", route -> route.markRollbackOnlyLast());
        CALLED.put("fails", route -> route.throwException(new IOException("no")));
        CALLED.put(
                "handled",
                route ->
                        route.onException(IOException.class)
                                .handled(true)
                                .setBody()
                                .constant("handled")
                                .end()
                                .throwException(new IOException("no")));
        CALLED.put(
                "continued",
                route ->
                        route.onException(IOException.class)
                                .continued(true)
                                .end()
                                .throwException(new IOException("no"))
                                .setBody()
                                .constant("continued"));
        CALLED.put(
                "caught",
                route ->
                        route.doTry()
                                .throwException(new IOException("no"))
                                .doCatch(IOException.class)
                                .setBody()
                                .simple("caught ${exception.message}")
                                .end());
        CALLED.put("threads", route -> route.threads(1).setBody().simple("${body} later"));
        CALLED.put(
                "delayed", route -> route.delay(1).asyncDelayed().setVariable("set", bodyText()));
        CALLED.put("out", route -> route.process(CallOfAnotherContextTest::setOut));
        CALLED.put("split", route -> route.split(bodyText()).setProperty("part", bodyText()).end());
        CALLED.put("pattern", route -> route.setExchangePattern(ExchangePattern.InOnly));

        CALLERS.put("to", (route, uri) -> route.to(uri));
        CALLERS.put("toD", (route, uri) -> route.toD(uri));
        CALLERS.put(
                "doTry",
                (route, uri) ->
                        route.doTry()
                                .to(uri)
                                .doCatch(Exception.class)
                                .setBody()
                                .simple("caught ${exception.message}")
                                .endDoTry()
                                .doFinally()
                                .setHeader("Finally", bodyText())
                                .end());
        CALLERS.put(
                "onException",
                (route, uri) ->
                        route.onException(Exception.class)
                                .handled(true)
                                .setBody()
                                .simple("handled ${exception.message}")
                                .end()
                                .to(uri));
        CALLERS.put("multicast", (route, uri) -> route.multicast().to(uri, uri).end());
        CALLERS.put("recipientList", (route, uri) -> route.recipientList(constant(uri)));
        CALLERS.put("routingSlip", (route, uri) -> route.routingSlip(constant(uri)));
        CALLERS.put("enrich", (route, uri) -> route.enrich(uri));
        CALLERS.put("loop", (route, uri) -> route.loop(2).to(uri).end());
        CALLERS.put("split", (route, uri) -> route.split(bodyText()).to(uri).end());
        CALLERS.put("variable", (route, uri) -> route.toV(uri, null, "received"));
    }

    @SuppressWarnings("deprecation")
    private static void setOut(Exchange exchange) {
        exchange.getOut().setBody("out");
    }

    private static SimpleExpression bodyText() {
        return new SimpleExpression("${body}");
    }

    private static Expression constant(String text) {
        return ExpressionBuilder.constantExpression(text);
    }

    static Stream<String[]> calls() {
        List<String[]> all = new ArrayList<>();
        for (String caller : CALLERS.keySet()) {
            for (String called : CALLED.keySet()) {
                all.add(new String[] {caller, called});
            }
        }
        return all.stream();
    }

    private static CamelContext one;
    private static CamelContext other;
    private static ProducerTemplate template;

    @BeforeAll
    static void start() throws Exception {
        PipelineRegistry pipelines = new PipelineRegistry();
        one = context(pipelines, "own");
        other = context(pipelines, "others");
        one.addRoutes(
                new RouteBuilder() {
                    @Override
                    public void configure() {
                        for (String[] call : calls().toList()) {
                            for (String whose : List.of("own", "others")) {
                                RouteDefinition route = from(entry(call[0], call[1], whose));
                                route.routeId(whose + call[0] + "-" + call[1]);
                                CALLERS.get(call[0])
                                        .configure(route, "pipeline:" + whose + call[1]);
                                route.setHeader("After", bodyText());
                            }
                        }
                    }
                });
        other.addRoutes(
                new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("pipeline:temporary").process(exchange -> setTemporaryFile(exchange));
                        from("pipeline:back").to("pipeline:forth");
                    }
                });
        one.addRoutes(
                new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("direct:temporary")
                                .to("pipeline:temporary")
                                .process(
                                        exchange ->
                                                exchange.getMessage()
                                                        .setBody(
                                                                Files.readString(
                                                                        exchange.getMessage()
                                                                                .getBody(
                                                                                        Path
                                                                                                .class))));
                        from("pipeline:forth").to("pipeline:back");
                        from("pipeline:itself").to("pipeline:itself");
                        from("pipeline:down")
                                .process(
                                        exchange ->
                                                exchange.getMessage()
                                                        .setBody(
                                                                exchange.getMessage()
                                                                                .getBody(int.class)
                                                                        - 1))
                                .filter(simple("${body} > 0"))
                                .to("pipeline:down")
                                .end();
                    }
                });
        template = one.createProducerTemplate();
    }

    private static CamelContext context(PipelineRegistry pipelines, String whose) throws Exception {
        CamelContext context = new DefaultCamelContext();
        context.getRegistry().bind("pipelines", pipelines);
        context.addRoutes(
                new RouteBuilder() {
                    @Override
                    public void configure() {
                        CALLED.forEach(
                                (name, steps) ->
                                        steps.accept(
                                                from("pipeline:" + whose + name)
                                                        .routeId(whose + name)));
                    }
                });
        context.start();
        return context;
    }

    @AfterAll
    static void stop() {
        one.stop();
        other.stop();
    }

    private static String entry(String caller, String called, String whose) {
        return "direct:" + whose + caller + "-" + called;
    }

    private static String outcome(String caller, String called, String whose) {
        return describe(
                        template.send(
                                entry(caller, called, whose),
                                exchange -> {
                                    exchange.setPattern(ExchangePattern.InOut);
                                    exchange.getMessage().setBody("a,b");
                                    exchange.getMessage().setHeader("Given", 1);
                                    exchange.setProperty("given", 2);
                                    exchange.setVariable("given", 3);
                                }))
                .replace(whose, "");
    }

    private static String describe(Exchange exchange) {
        Map<String, Object> properties = new TreeMap<>(exchange.getProperties());
        properties.keySet().removeIf(name -> name.startsWith("bactrian."));
        for (ExchangePropertyKey key : ExchangePropertyKey.values()) {
            if (exchange.getProperty(key) != null) {
                properties.put(key.getName(), exchange.getProperty(key));
            }
        }
        // Only set if there is an error handler.
        properties.remove(Exchange.FATAL_FALLBACK_ERROR_HANDLER);
        return String.join(
                        "\n",
                        "body " + exchange.getMessage().getBody(),
                        "headers " + new TreeMap<>(exchange.getMessage().getHeaders()),
                        "properties " + properties,
                        "variables " + new TreeMap<>(exchange.getVariables()),
                        "exception " + exchange.getException(),
                        "pattern " + exchange.getPattern(),
                        "stop " + exchange.isRouteStop(),
                        "rollback " + exchange.isRollbackOnly() + exchange.isRollbackOnlyLast(),
                        "handled "
                                + exchange.getExchangeExtension().getErrorHandlerHandled()
                                + exchange.getExchangeExtension().isFailureHandled(),
                        "exhausted " + exchange.getExchangeExtension().isRedeliveryExhausted())
                .replaceAll("@[0-9a-f]+|[0-9A-F]{15}-[0-9A-F]{16}", "");
    }

    @ParameterizedTest
    @MethodSource("calls")
    void callOfAnotherContextHasTheSameResult(String caller, String called) throws Exception {
        assertEquals(outcome(caller, called, "own"), outcome(caller, called, "others"));
    }

    private static void setTemporaryFile(Exchange exchange) throws IOException {
        Path file = Files.createTempFile("bactrian", ".txt");
        Files.writeString(file, "still there");
        exchange.getExchangeExtension()
                .addOnCompletion(
                        new SynchronizationAdapter() {
                            @Override
                            public void onDone(Exchange done) {
                                deleted = file.toFile().delete();
                            }
                        });
        exchange.getMessage().setBody(file);
    }

    private static boolean deleted;

    @Test
    void fileDeletedOnCompletionIsReadableByTheCaller() {
        assertEquals(
                "still there", template.requestBody("direct:temporary", (Object) "", String.class));
        assertTrue(deleted);
    }

    @ParameterizedTest
    @ValueSource(strings = {"itself", "forth"})
    void endlessRecursionFails(String pipeline) {
        Exchange exchange = template.request("pipeline:" + pipeline, sent -> {});
        assertInstanceOf(PipelineFaultException.class, exchange.getException());
        assertTrue(
                exchange.getException()
                        .getMessage()
                        .contains("is called from within itself without an end"));
    }

    @Test
    void finiteRecursionIsSupported() {
        assertEquals(
                0,
                template.requestBody("pipeline:down", PipelineProducer.MAX_DEPTH, Integer.class));
    }
}
