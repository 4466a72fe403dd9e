package io.bactrian.tensorflow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.pipeline.ExchangeTensors;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.NumericElements;
import io.bactrian.testing.Exchanges;
import io.bactrian.testing.TestModels;
import java.nio.file.Path;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.test.junit5.CamelTestSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TType;

class TensorFlowComponentTest extends CamelTestSupport {

    @TempDir static Path models;

    @Override
    protected CamelContext createCamelContext() throws Exception {
        TestModels.sumAndProduct(models.resolve("pair").resolve("1"));
        CamelContext context = super.createCamelContext();
        TensorFlowComponent component = new TensorFlowComponent();
        component.setModelDirectory(models.toString());
        context.addComponent("tensorflow", component);
        return context;
    }

    @Override
    protected RoutesBuilder createRouteBuilder() {
        return new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:pair").to("tensorflow:pair").process(this::read).to("mock:pair");
                from("direct:negate").to("tensorflow:pair?signature=negate").process(this::read);
            }

            private void read(Exchange exchange) {
                StringBuilder text = new StringBuilder();
                ExchangeTensors.getBody(exchange)
                        .asMap()
                        .forEach(
                                (name, tensor) ->
                                        text.append(name)
                                                .append('=')
                                                .append(NumericElements.of(tensor).get(0))
                                                .append(' '));
                exchange.getMessage().setBody(text.toString().strip());
            }
        };
    }

    private Exchange send(
            String endpoint, String a, TType first, String b, TType second, String signature) {
        return template.request(
                endpoint,
                exchange -> {
                    NamedTensors.Builder inputs = NamedTensors.builder().put(a, first);
                    if (b != null) {
                        inputs.put(b, second);
                    }
                    ExchangeTensors.setBody(exchange, inputs.build());
                    if (signature != null) {
                        exchange.getMessage()
                                .setHeader(TensorFlowConstants.SIGNATURE_NAME, signature);
                    }
                });
    }

    @Test
    void endpointPredicts() throws InterruptedException {
        long before = NamedTensors.open();
        getMockEndpoint("mock:pair").expectedBodiesReceived("product=6.0 sum=5.0");
        send("direct:pair", "a", TFloat32.vectorOf(2), "b", TFloat32.vectorOf(3), null);
        getMockEndpoint("mock:pair").assertIsSatisfied();
        Exchanges.awaitOpenTensors(before);
    }

    @Test
    void headerOverridesTheSignatureOfTheEndpoint() {
        assertEquals(
                "negative=-2.0",
                send("direct:negate", "a", TFloat32.vectorOf(2), null, null, null)
                        .getMessage()
                        .getBody());
        assertEquals(
                "negative=-2.0",
                send("direct:pair", "a", TFloat32.vectorOf(2), null, null, "negate")
                        .getMessage()
                        .getBody());
    }

    @Test
    void badInputIsReportedAsBadInput() {
        long before = NamedTensors.open();
        Exchange failed =
                send("direct:pair", "a", TInt32.vectorOf(2), "b", TFloat32.vectorOf(3), null);
        assertInstanceOf(BadInputException.class, failed.getException());
        assertEquals(
                "input \"a\" takes float32 [-1], got int32 [1]",
                failed.getException().getMessage());
        failed = send("direct:pair", "a", TFloat32.vectorOf(2), null, null, "nope");
        assertInstanceOf(BadInputException.class, failed.getException());
        assertTrue(NamedTensors.open() <= before);
    }

    @Test
    void routeToAMissingModelOrSignatureDoesNotStart() {
        assertTrue(
                startFailure("tensorflow:nope")
                        .contains("no model \"nope\" is served here: there is pair in " + models));
        assertTrue(
                startFailure("tensorflow:pair?signature=nope")
                        .contains("\"nope\" not found in signature def"));
    }

    private String startFailure(String uri) {
        Throwable failure =
                assertThrows(
                        Exception.class,
                        () ->
                                context.addRoutes(
                                        new RouteBuilder() {
                                            @Override
                                            public void configure() {
                                                from("direct:" + uri.hashCode()).to(uri);
                                            }
                                        }));
        while (failure.getCause() != null) {
            failure = failure.getCause();
        }
        return failure.getMessage();
    }

    @Test
    void consumersAreRejected() {
        assertThrows(
                Exception.class,
                () ->
                        context.addRoutes(
                                new RouteBuilder() {
                                    @Override
                                    public void configure() {
                                        from("tensorflow:pair").to("mock:never");
                                    }
                                }));
    }
}
