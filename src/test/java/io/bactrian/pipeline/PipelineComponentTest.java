package io.bactrian.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.bactrian.tensor.NamedTensors;
import java.util.List;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.Exchange;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.support.DefaultExchange;
import org.apache.camel.test.junit5.CamelTestSupport;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.tensorflow.types.TFloat32;

class PipelineComponentTest extends CamelTestSupport {

    @Override
    protected RoutesBuilder createRouteBuilder() {
        return new RouteBuilder() {
            @Override
            public void configure() {
                from("pipeline:shout?consumes=text/plain,text/*&produces=text/plain")
                        .routeId("shout")
                        .setBody(simple("${body}!"));
                from("direct:caller").to("pipeline:shout").setBody(simple("${body}?"));
                from("direct:nobody").to("pipeline:nobody");
                from("pipeline:tensor")
                        .process(
                                exchange ->
                                        ExchangeTensors.setBody(
                                                exchange,
                                                NamedTensors.of("x", TFloat32.scalarOf(1))))
                        .process(
                                exchange -> {
                                    if (exchange.getMessage().getHeader("fail") != null) {
                                        throw new IllegalStateException("after the tensors");
                                    }
                                });
            }
        };
    }

    @Test
    void pipelineIsCalledLikeDirect() {
        assertEquals("hello!", template.requestBody("pipeline:shout", "hello"));
        assertEquals("hello!?", template.requestBody("direct:caller", "hello"));
    }

    @Test
    void endpointHasConsumedAndProducedTypes() {
        PipelineEndpoint shout =
                PipelineComponent.of(context).pipelines().pipeline("shout").getEndpoint();
        assertEquals("text/plain, text/*", shout.consumed().toString());
        assertEquals("text/plain", shout.produced().first());
    }

    @Test
    void answerOfUndeclaredTypeIsLoggedOncePerPipeline() {
        Logger logger = (Logger) LoggerFactory.getLogger(PipelineEndpoint.class);
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        logger.addAppender(log);
        try {
            for (String name : List.of("one", "two")) {
                PipelineEndpoint endpoint = new PipelineEndpoint("pipeline:" + name, null, name);
                endpoint.setProduces("text/plain");
                endpoint.checkProduced(MediaType.of("text/plain"));
                endpoint.checkProduced(MediaType.of("text/csv"));
                endpoint.checkProduced(MediaType.of("image/png"));
            }
        } finally {
            logger.detachAppender(log);
        }
        assertEquals(
                List.of(
                        "pipeline \"one\" answers with text/csv, but declares that it produces"
                                + " text/plain",
                        "pipeline \"two\" answers with text/csv, but declares that it produces"
                                + " text/plain"),
                log.list.stream().map(ILoggingEvent::getFormattedMessage).toList());
    }

    @Test
    void unknownCharsetInProducesIsRejected() {
        assertEquals(
                "produces: no charset of that name is known here: text/plain; charset=bogus",
                assertThrows(
                                IllegalArgumentException.class,
                                () ->
                                        new PipelineEndpoint("pipeline:it", null, "it")
                                                .setProduces("text/plain; charset=bogus"))
                        .getMessage());
    }

    @Test
    void registryListsStartedPipelines() throws Exception {
        PipelineRegistry pipelines = PipelineComponent.of(context).pipelines();
        assertEquals(2, pipelines.pipelines().size());
        context.getRouteController().stopRoute("shout");
        assertNull(pipelines.pipeline("shout"));
        assertEquals(1, pipelines.pipelines().size());
    }

    @Test
    void missingPipelineIsReported() {
        CamelExecutionException failure =
                assertThrows(
                        CamelExecutionException.class,
                        () -> template.requestBody("direct:nobody", "hello"));
        assertEquals(
                "no pipeline \"nobody\" is served here: there are shout, tensor",
                failure.getCause().getMessage());
    }

    @Test
    void secondRouteOfTheSameNameIsRejected() {
        Exception failure =
                assertThrows(
                        Exception.class,
                        () ->
                                context.addRoutes(
                                        new RouteBuilder() {
                                            @Override
                                            public void configure() {
                                                from("pipeline:shout?produces=text/html")
                                                        .to("mock:second");
                                            }
                                        }));
        assertEquals("two routes from pipeline:shout", failure.getMessage());
    }

    @Test
    void callerOfATemplateClosesItsTensors() {
        long before = NamedTensors.open();
        NamedTensors[] carried = new NamedTensors[1];
        Exchange done =
                template.request(
                        "pipeline:tensor",
                        exchange ->
                                exchange.getExchangeExtension()
                                        .addOnCompletion(
                                                new org.apache.camel.support
                                                        .SynchronizationAdapter() {
                                                    @Override
                                                    public void onDone(Exchange it) {
                                                        carried[0] =
                                                                it.getMessage()
                                                                        .getBody(
                                                                                NamedTensors.class);
                                                    }
                                                }));
        assertSame(carried[0], done.getMessage().getBody());
        assertEquals(before + 1, NamedTensors.open());
        carried[0].close();
        assertTrue(NamedTensors.open() <= before);
    }

    @Test
    void tensorsAreClosedWhenTheExchangeFails() {
        long before = NamedTensors.open();
        Exchange failed =
                template.request(
                        "pipeline:tensor",
                        exchange -> exchange.getMessage().setHeader("fail", true));
        assertEquals("after the tensors", failed.getException().getMessage());
        assertTrue(NamedTensors.open() <= before);
    }

    @Test
    void bodyWithoutTensorsIsAPipelineFault() {
        Exchange exchange = new DefaultExchange(context);
        exchange.getMessage().setBody("text");
        assertEquals(
                "expected tensors as the message body, got java.lang.String: a step before must make"
                        + " them",
                assertThrows(PipelineFaultException.class, () -> ExchangeTensors.getBody(exchange))
                        .getMessage());
    }
}
