package io.bactrian.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.camel.AggregationStrategy;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.model.MulticastDefinition;
import org.apache.camel.test.junit5.CamelTestSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JoinAnswersTest extends CamelTestSupport {

    private Object joined(Consumer<MulticastDefinition> options, Object... answers)
            throws Exception {
        return aggregated(new JoinAnswers(), options, answers);
    }

    private Object aggregated(
            AggregationStrategy strategy, Consumer<MulticastDefinition> options, Object... answers)
            throws Exception {
        context.addRoutes(
                new RouteBuilder() {
                    @Override
                    public void configure() {
                        MulticastDefinition multicast = from("direct:join").multicast(strategy);
                        options.accept(multicast);
                        for (int i = 0; i < answers.length; i++) {
                            multicast.to("direct:" + i);
                            Object answer = answers[i];
                            from("direct:" + i)
                                    .process(
                                            exchange -> {
                                                if (answer instanceof RuntimeException failure) {
                                                    throw failure;
                                                }
                                                exchange.getMessage().setBody(answer);
                                            });
                        }
                    }
                });
        Exchange exchange = template.request("direct:join", each -> {});
        if (exchange.getException() != null) {
            throw exchange.getException();
        }
        return exchange.getMessage().getBody();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void objectHasTheFieldsOfAllAnswers(boolean parallel) throws Exception {
        assertEquals(
                Map.of("a", 1, "b", 2, "c", 3),
                joined(
                        multicast -> multicast.parallelProcessing(parallel),
                        Map.of("a", 1),
                        Map.of("b", 2),
                        Map.of("c", 3)));
    }

    @Test
    void listsAreJoinedItemByItem() throws Exception {
        assertEquals(
                List.of(Map.of("a", 1, "b", 3), Map.of("error", "no number")),
                joined(
                        multicast -> {},
                        List.of(Map.of("a", 1), Map.of("error", "no number")),
                        List.of(Map.of("b", 3), Map.of("error", "no number"))));
    }

    @Test
    void failureOfOneBranchIsTheWholes() {
        assertEquals(
                "no model",
                assertThrows(
                                IllegalStateException.class,
                                () ->
                                        joined(
                                                multicast -> {},
                                                new IllegalStateException("no model"),
                                                Map.of("b", 2)))
                        .getMessage());
    }

    @Test
    void answersThatCannotBeJoinedAreAFault() {
        assertEquals(
                "two answers have a field \"a\": set the postprocessors' field names",
                fault(Map.of("a", 1), Map.of("a", 2)));
    }

    @Test
    void answerWithoutFieldsIsAFault() {
        assertEquals(
                "an answer is a number, expected an object, or lists of objects in all branches:"
                        + " set the postprocessors' field names",
                fault(Map.of("a", 1), 2));
    }

    @Test
    void listsOfOtherLengthsAreAFault() {
        assertEquals(
                "lists of 1 and 2 answers can't be joined",
                fault(List.of(Map.of("a", 1)), List.of(Map.of("b", 1), Map.of("b", 2))));
    }

    /** A strategy that throws leaves Camel's multicast, and so the request, without an end. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void averageOfWhatIsNoTensorsFails(boolean parallel) {
        assertEquals(
                "expected tensors as the message body, got java.lang.Integer: a step before must"
                        + " make them",
                assertThrows(
                                PipelineFaultException.class,
                                () ->
                                        aggregated(
                                                new AverageTensors(),
                                                multicast -> multicast.parallelProcessing(parallel),
                                                1,
                                                2,
                                                3))
                        .getMessage());
    }

    private String fault(Object... answers) {
        return assertThrows(PipelineFaultException.class, () -> joined(multicast -> {}, answers))
                .getMessage();
    }
}
