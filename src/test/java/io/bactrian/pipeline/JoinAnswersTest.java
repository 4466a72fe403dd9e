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
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JoinAnswersTest extends CamelTestSupport {

    private boolean asList;

    private final JoinAnswers join = new JoinAnswers();

    private Object joined(Consumer<MulticastDefinition> options, Object... answers)
            throws Exception {
        return aggregated(join, options, answers);
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
        Exchange exchange =
                template.request("direct:join", each -> RequestItems.setList(each, asList));
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

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void answersInFieldsOfTheirOwnAreInTheOrderOfTheBranches(boolean parallel) throws Exception {
        join.setFields("first, second, third");
        Object answer =
                joined(
                        multicast -> multicast.parallelProcessing(parallel),
                        Map.of("a", 1),
                        List.of(2, 3),
                        "x");
        assertEquals(
                Map.of("first", Map.of("a", 1), "second", List.of(2, 3), "third", "x"), answer);
        assertEquals("[first, second, third]", ((Map<?, ?>) answer).keySet().toString());
    }

    @Test
    void itemsOfAListHaveFieldsOfTheirOwn() throws Exception {
        join.setFields("kind,mood");
        asList = true;
        assertEquals(
                List.of(Map.of("kind", 0, "mood", "x"), Map.of("kind", 1, "mood", "y")),
                joined(multicast -> {}, List.of(0, 1), List.of("x", "y")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "one; fields has 1 names, but the multicast has more branches",
                "one, two, three; fields has 3 names, but the multicast has 2 branches"
            })
    void fieldsForOtherBranchesAreAFault(String fields, String message) {
        join.setFields(fields);
        assertEquals(message, fault(Map.of("a", 1), Map.of("a", 2)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a,,b", "a, a"})
    void fieldsThatAreNoDifferentNamesAreAFault(String fields) {
        assertEquals(
                "fields must be different names with commas between, got " + fields,
                assertThrows(PipelineFaultException.class, () -> join.setFields(fields))
                        .getMessage());
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
