package io.bactrian.tensorflow;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.bactrian.pipeline.ExchangeTensors;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.testing.TestModels;
import java.nio.file.Path;
import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.mock.MockEndpoint;
import org.apache.camel.test.junit5.CamelContextConfiguration;
import org.apache.camel.test.junit5.CamelTestSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.types.TFloat32;

/** Mocked and skipped model endpoints, and restarted contexts. */
class MockedEndpointTest extends CamelTestSupport {

    @TempDir static Path models;

    @Override
    public void configureContext(CamelContextConfiguration configuration) {
        super.configureContext(configuration);
        configuration.withMockEndpointsAndSkip("tensorflow:skipped*");
    }

    @Override
    protected CamelContext createCamelContext() throws Exception {
        TestModels.halfPlusTwo(models.resolve("half").resolve("1"));
        CamelContext context = super.createCamelContext();
        TensorFlowComponent component = new TensorFlowComponent();
        component.setModelDirectory(models.toString());
        component.addTo(context);
        return context;
    }

    @Override
    protected RoutesBuilder createRouteBuilder() {
        return new RouteBuilder() {
            @Override
            public void configure() {
                interceptSendToEndpoint("tensorflow:intercepted")
                        .skipSendToOriginalEndpoint()
                        .setBody(constant("instead"));
                from("direct:tensors")
                        .process(
                                exchange ->
                                        ExchangeTensors.setBody(
                                                exchange,
                                                NamedTensors.of("x", TFloat32.scalarOf(7))))
                        .to("direct:skipped");
                from("direct:skipped").to("tensorflow:skipped-model").to("mock:after");
                from("direct:intercepted").to("tensorflow:intercepted");
                from("direct:half").to("tensorflow:half").convertBodyTo(Double.class);
            }
        };
    }

    @Test
    void mockedEndpointNeedsNoModelAndKeepsWhatItReceived() throws InterruptedException {
        MockEndpoint model = getMockEndpoint("mock:tensorflow:skipped-model");
        model.expectedMessageCount(1);
        template.sendBody("direct:tensors", 7f);
        model.assertIsSatisfied();
        NamedTensors received =
                model.getReceivedExchanges().get(0).getMessage().getBody(NamedTensors.class);
        assertEquals(7f, ((TFloat32) received.get("x")).getFloat());
    }

    @Test
    void interceptedAndSkippedEndpointNeedsNoModel() {
        assertEquals("instead", template.requestBody("direct:intercepted", "x"));
    }

    @Test
    void predictsAgainAfterARestart() throws Exception {
        for (int i = 0; i < 3; i++) {
            // A new template, since a template caches the endpoints from before the restart.
            try (ProducerTemplate again = context.createProducerTemplate()) {
                assertEquals(3.0, again.requestBody("direct:half", List.of(2f), Double.class));
            }
            context.stop();
            context.start();
        }
    }
}
