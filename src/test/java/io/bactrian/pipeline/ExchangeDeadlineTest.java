package io.bactrian.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.limit.Deadline;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.mock.MockEndpoint;
import org.apache.camel.support.DefaultExchange;
import org.apache.camel.test.junit5.CamelTestSupport;
import org.junit.jupiter.api.Test;

/** The deadline of a request in copies of its exchange. */
class ExchangeDeadlineTest extends CamelTestSupport {

    @Override
    protected RoutesBuilder createRouteBuilder() {
        return new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:request")
                        .process(exchange -> record(exchange, "own"))
                        .wireTap("direct:tapped")
                        .to(ExchangePattern.InOnly, "seda:later")
                        .to("seda:waited")
                        .multicast()
                        .parallelProcessing()
                        .to("direct:branch")
                        .end()
                        .to("mock:done");
                from("direct:tapped").process(exchange -> record(exchange, "tap")).to("mock:tap");
                from("seda:later").process(exchange -> record(exchange, "later")).to("mock:later");
                from("seda:waited").process(exchange -> record(exchange, "waited"));
                from("direct:branch").process(exchange -> record(exchange, "branch"));
            }

            private void record(Exchange exchange, String step) {
                boolean passed = ExchangeDeadline.of(exchange).isPassed();
                template.sendBody("mock:seen", step + " " + passed);
            }
        };
    }

    @Test
    void copiesThatNoCallerWaitsForHaveNoDeadline() throws InterruptedException {
        MockEndpoint seen = getMockEndpoint("mock:seen");
        seen.expectedBodiesReceivedInAnyOrder(
                "own true", "tap false", "later false", "waited true", "branch true");
        Exchange answer =
                template.send(
                        "direct:request",
                        exchange -> ExchangeDeadline.set(exchange, Deadline.at(System.nanoTime())));
        assertEquals(null, answer.getException());
        seen.assertIsSatisfied();
    }

    @Test
    void deadlineAppliesToAnyExchangePattern() {
        for (ExchangePattern pattern : List.of(ExchangePattern.InOnly, ExchangePattern.InOut)) {
            Exchange exchange = new DefaultExchange(context, pattern);
            assertFalse(ExchangeDeadline.of(exchange).isPassed());
            exchange.setProperty(PipelineConstants.DEADLINE, Deadline.at(System.nanoTime()));
            assertTrue(ExchangeDeadline.of(exchange).isPassed());
        }
    }

    @Test
    void answeredRequestHasNoDeadline() {
        Exchange exchange = new DefaultExchange(context);
        Deadline deadline = Deadline.at(System.nanoTime());
        ExchangeDeadline.set(exchange, deadline);
        assertTrue(ExchangeDeadline.of(exchange).isPassed());
        deadline.end();
        assertFalse(ExchangeDeadline.of(exchange).isPassed());
        Deadline.none().end();
        assertFalse(Deadline.none().isOver());
    }
}
