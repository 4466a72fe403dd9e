package io.bactrian.test;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.builder.AdviceWith;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.mock.MockEndpoint;
import org.apache.camel.model.LogDefinition;
import org.apache.camel.test.junit5.CamelTestSupport;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The kit together with Camel's own. */
class KitBesideCamelTest {

    /** A stub in a context that CamelTestSupport starts. */
    @Nested
    class InCamelTestSupport extends CamelTestSupport {

        final StubModel model =
                StubModel.named("half")
                        .input("x", "float32", -1)
                        .output("y", "float32", -1)
                        .answer("y", List.of(3, 4));

        @Override
        protected CamelContext createCamelContext() throws Exception {
            CamelContext context = super.createCamelContext();
            model.addTo(context);
            return context;
        }

        @Override
        protected RoutesBuilder createRouteBuilder() {
            return new RouteBuilder() {
                @Override
                public void configure() {
                    from("direct:start").to("tensorflow:half").to("mock:end");
                }
            };
        }

        @Test
        void test() throws InterruptedException {
            MockEndpoint end = getMockEndpoint("mock:end");
            end.expectedMessageCount(1);
            assertEquals(
                    List.of(3f, 4f),
                    template.requestBody("direct:start", new float[] {2, 4}, List.class));
            end.assertIsSatisfied();
            model.verify().input("x").hasDtype("float32").hasValues(new int[] {2, 4});
        }
    }

    /** AdviceWith and a mock in a pipeline that the kit has started. */
    @Nested
    @BactrianTest(routes = "src/examples/patterns/shadow.camel.yaml")
    class WithAdvice {

        static final StubModel FIRST = model("first");
        static final StubModel SECOND = model("second");

        Pipelines pipelines;

        private static StubModel model(String name) {
            return StubModel.named(name)
                    .input("x", "float32", -1, 3)
                    .output("y", "float32", -1, 3)
                    .answer("y", new float[][] {{0, 0, 1}});
        }

        @Test
        void mockReceivesWhatAdviceAdds() throws Exception {
            CamelContext context = pipelines.context("shadow");
            AdviceWith.adviceWith(
                    context,
                    "candidate",
                    advice -> advice.weaveByType(LogDefinition.class).after().to("mock:candidate"));
            MockEndpoint candidate = context.getEndpoint("mock:candidate", MockEndpoint.class);
            candidate.expectedMessageCount(1);
            pipelines
                    .get("shadow")
                    .send("{\"features\": [1, 2, 3]}", "application/json")
                    .expectJson("{\"predicted_class\": 2}");
            candidate.assertIsSatisfied();
            assertEquals(
                    "{predicted_class=2}",
                    candidate.getExchanges().get(0).getMessage().getBody().toString());
            MockEndpoint.resetMocks(context);
        }
    }
}
