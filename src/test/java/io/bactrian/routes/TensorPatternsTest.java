package io.bactrian.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.limit.Deadline;
import io.bactrian.model.ModelRepository;
import io.bactrian.model.SchedulerConfig;
import io.bactrian.model.TensorFlowConfig;
import io.bactrian.pipeline.ExchangeTensors;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.NumericElements;
import io.bactrian.tensorflow.TensorFlowComponent;
import io.bactrian.testing.Await;
import io.bactrian.testing.Exchanges;
import io.bactrian.testing.TestModels;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.camel.AggregationStrategy;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TFloat32;

/**
 * Camel's patterns with tensors as the body: the answer is correct, and every tensor is freed. A
 * request is a JSON object with {@code x}, which {@code #pre} converts to a tensor; {@code
 * tensorflow:half} computes x / 2 + 2, {@code tensorflow:twice} 2 x; {@code #post} converts the
 * outputs to text, and the aggregation strategy {@code #join} joins such texts.
 */
class TensorPatternsTest {

    @TempDir private static Path models;

    private static ModelRepository repository;

    private static final int CLIENTS = 8;

    private long open;

    /** The outputs as text. */
    public static final class Text {

        public static String of(Exchange exchange) {
            if (exchange.getMessage().getBody() instanceof String text) {
                return text;
            }
            try (NamedTensors.Reference outputs = ExchangeTensors.read(exchange)) {
                NumericElements numbers = NumericElements.of(outputs.select(null));
                StringBuilder text = new StringBuilder();
                for (int i = 0; i < numbers.size(); i++) {
                    text.append(i == 0 ? "" : " ").append(numbers.get(i));
                }
                return text.toString();
            }
        }
    }

    /** Reads the tensors of both exchanges, after those are done. */
    private static final class Join implements AggregationStrategy {
        @Override
        public Exchange aggregate(Exchange oldExchange, Exchange newExchange) {
            if (oldExchange == null) {
                return newExchange;
            }
            oldExchange.getMessage().setBody(Text.of(oldExchange) + ", " + Text.of(newExchange));
            return oldExchange;
        }
    }

    @BeforeAll
    static void loadModels() throws IOException {
        TestModels.model(
                models.resolve("half/1"),
                TFloat32.class,
                Shape.of(Shape.UNKNOWN_SIZE),
                (tf, x) -> tf.math.add(tf.math.div(x, tf.constant(2f)), tf.constant(2f)));
        TestModels.model(
                models.resolve("twice/1"),
                TFloat32.class,
                Shape.of(Shape.UNKNOWN_SIZE),
                (tf, x) -> tf.math.mul(x, tf.constant(2f)));
        // Fails in TensorFlow if an element divided by 0 is not finite.
        TestModels.model(
                models.resolve("broken/1"),
                TFloat32.class,
                Shape.of(Shape.UNKNOWN_SIZE),
                (tf, x) ->
                        tf.debugging.checkNumerics(tf.math.div(x, tf.constant(0f)), "not finite"));
        repository =
                new ModelRepository(
                        models, TensorFlowConfig.defaults(), SchedulerConfig.defaults());
    }

    @AfterAll
    static void closeModels() {
        repository.close();
    }

    @BeforeEach
    void count() {
        open = NamedTensors.open();
    }

    /** A test with a template of a context in which the routes are started. */
    private interface Use {
        void with(ProducerTemplate template) throws Exception;
    }

    private static void routes(String yaml, Use use) throws Exception {
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            TensorFlowComponent component = new TensorFlowComponent();
            component.setRepository(repository);
            context.addComponent("tensorflow", component);
            context.getRegistry().bind("join", new Join());
            context.getRegistry()
                    .bind(
                            "post",
                            (org.apache.camel.Processor)
                                    exchange -> exchange.getMessage().setBody(Text.of(exchange)));
            String beans =
                    """
                    - beans:
                        - name: pre
                          type: io.bactrian.preprocess.JsonArrayPreprocessor
                          properties: {field: x, batch: false}
                        - name: average
                          type: io.bactrian.pipeline.AverageTensors
                        - name: toInput
                          type: io.bactrian.pipeline.RenameTensors
                          properties: {names: {y: x}}
                    """;
            PluginHelper.getRoutesLoader(context)
                    .loadRoutes(ResourceHelper.fromString("it.camel.yaml", beans + yaml));
            context.start();
            use.with(context.createProducerTemplate());
        }
    }

    private static Arguments pattern(String name, String answer, String steps) {
        return pattern(name, answer, steps, "");
    }

    private static Arguments pattern(String name, String answer, String steps, String more) {
        String yaml =
                """
                %s
                - route:
                    id: it
                    from:
                      uri: pipeline:it
                      steps:
                %s
                """
                        .formatted(more, steps.indent(8));
        return Arguments.of(name, answer, yaml);
    }

    private static String sub(String uri, String steps) {
        return """
               - route:
                   from:
                     uri: %s
                     steps:
               %s
               """
                .formatted(uri, steps.indent(8));
    }

    /** The answers to {@code {"x": [2, 4]}}. */
    static Stream<Arguments> patterns() {
        String pre = "- process: {ref: \"#pre\"}\n";
        String half = "- to: {uri: \"tensorflow:half\"}\n";
        String twice = "- to: {uri: \"tensorflow:twice\"}\n";
        String broken = "- to: {uri: \"tensorflow:broken\"}\n";
        String post = "- process: {ref: \"#post\"}\n";
        String multicast =
                pre
                        + """
                          - multicast:
                              %s
                              steps:
                                - to: {uri: "tensorflow:half"}
                                - to: {uri: "tensorflow:twice"}
                          """
                        + post;
        String joined = "3.0 4.0, 4.0 8.0";
        return Stream.of(
                pattern("none", "3.0 4.0", pre + half + post),
                pattern("multicast", joined, multicast.formatted("aggregationStrategy: \"#join\"")),
                pattern(
                        "multicast averaged",
                        "3.5 6.0",
                        multicast.formatted(
                                "aggregationStrategy: \"#average\"\n    parallelProcessing: true")),
                pattern(
                        "multicast averaged, and tapped",
                        "3.5 6.0",
                        multicast
                                .formatted("aggregationStrategy: \"#average\"")
                                .replace(
                                        post,
                                        "- wireTap: {uri: \"direct:tap\"}\n"
                                                + "- delay: {constant: 5}\n"
                                                + post),
                        sub("direct:tap", "- delay: {constant: 20}\n" + post)),
                pattern(
                        "multicast of the latest",
                        "4.0 8.0",
                        multicast.formatted("parallelProcessing: false")),
                pattern(
                        "multicast in parallel",
                        joined,
                        multicast.formatted(
                                "aggregationStrategy: \"#join\"\n    parallelProcessing: true")),
                pattern(
                        "multicast with a shared unit of work",
                        joined,
                        multicast.formatted(
                                "aggregationStrategy: \"#join\"\n    shareUnitOfWork: true")),
                pattern(
                        "multicast in parallel with a shared unit of work",
                        joined,
                        multicast.formatted(
                                "aggregationStrategy: \"#join\"\n    shareUnitOfWork: true\n"
                                        + "    parallelProcessing: true")),
                pattern("multicast in streams", "4.0 8.0", multicast.formatted("streaming: true")),
                pattern(
                        "multicast to one branch that is no model",
                        "4.0 8.0",
                        pre
                                + """
                                  - multicast:
                                      steps:
                                        - to: {uri: "log:it"}
                                        - to: {uri: "tensorflow:twice"}
                                  """
                                + post),
                pattern(
                        "multicast before the tensors are made",
                        joined,
                        """
                        - multicast:
                            aggregationStrategy: "#join"
                            steps:
                              - to: {uri: "direct:half"}
                              - to: {uri: "direct:twice"}
                        """
                                + post,
                        sub("direct:half", pre + half) + sub("direct:twice", pre + twice)),
                pattern(
                        "split",
                        "3.0, 4.0",
                        """
                        - unmarshal: {json: {}}
                        - split:
                            simple: "${body[parts]}"
                            aggregationStrategy: "#join"
                            steps:
                              - setBody: {simple: "{\\"x\\": [${body}]}"}
                              - process: {ref: "#pre"}
                              - to: {uri: "tensorflow:half"}
                        """
                                + post),
                pattern(
                        "split in parallel with a shared unit of work",
                        "3.0, 4.0",
                        """
                        - unmarshal: {json: {}}
                        - split:
                            simple: "${body[parts]}"
                            aggregationStrategy: "#join"
                            parallelProcessing: true
                            shareUnitOfWork: true
                            steps:
                              - setBody: {simple: "{\\"x\\": [${body}]}"}
                              - process: {ref: "#pre"}
                              - to: {uri: "tensorflow:half"}
                        """
                                + post),
                pattern(
                        "recipientList",
                        joined,
                        pre
                                + """
                                  - recipientList:
                                      constant: "tensorflow:half,tensorflow:twice"
                                      aggregationStrategy: "#join"
                                      parallelProcessing: true
                                  """
                                + post),
                pattern(
                        "wireTap of the inputs",
                        "3.0 4.0",
                        pre + "- wireTap: {uri: \"direct:tap\"}\n" + half + post,
                        sub("direct:tap", twice)),
                pattern(
                        "wireTap of the outputs",
                        "3.0 4.0",
                        pre + half + "- wireTap: {uri: \"direct:tap\"}\n" + post,
                        sub("direct:tap", "- delay: {constant: 20}\n" + post)),
                pattern(
                        "enrich",
                        "2.0 4.0, 3.0 4.0",
                        pre
                                + """
                                  - enrich:
                                      constant: "tensorflow:half"
                                      aggregationStrategy: "#join"
                                  """
                                + post),
                pattern(
                        "enrich by a route",
                        "2.0 4.0, 3.0 4.0",
                        pre
                                + """
                                  - enrich:
                                      constant: "direct:half"
                                      aggregationStrategy: "#join"
                                  """
                                + post,
                        sub("direct:half", half)),
                pattern(
                        "seda that waits",
                        "3.0 4.0",
                        pre + "- to: {uri: \"seda:half?waitForTaskToComplete=Always\"}\n" + post,
                        sub("seda:half", half)),
                pattern(
                        "seda that does not wait",
                        "3.0 4.0",
                        pre
                                + "- to: {uri: \"seda:twice?waitForTaskToComplete=Never\"}\n"
                                + half
                                + post,
                        sub("seda:twice", "- delay: {constant: 20}\n" + twice)),
                pattern("threads", "3.0 4.0", pre + "- threads: {poolSize: 2}\n" + half + post),
                pattern(
                        "loop",
                        "3.0 4.0",
                        """
                        - setProperty: {name: request, simple: "${body}"}
                        - loop:
                            constant: 40
                            steps:
                              - setBody: {exchangeProperty: request}
                              - process: {ref: "#pre"}
                              - to: {uri: "tensorflow:half"}
                        """
                                + post),
                pattern(
                        "loop with copies",
                        "3.0 4.0",
                        pre
                                + """
                                  - loop:
                                      constant: 40
                                      copy: true
                                      steps:
                                        - to: {uri: "tensorflow:half"}
                                  """
                                + post),
                pattern(
                        "circuitBreaker",
                        "3.0 4.0",
                        pre
                                + """
                                  - circuitBreaker:
                                      steps:
                                        - to: {uri: "tensorflow:half"}
                                  """
                                + post),
                pattern(
                        "circuitBreaker that falls back",
                        "4.0 8.0",
                        pre
                                + """
                                  - circuitBreaker:
                                      steps:
                                        - to: {uri: "tensorflow:broken"}
                                      onFallback:
                                        steps:
                                          - to: {uri: "tensorflow:twice"}
                                  """
                                + post),
                pattern(
                        "loadBalance by failover",
                        "4.0 8.0",
                        pre
                                + """
                                  - loadBalance:
                                      failoverLoadBalancer: {}
                                      steps:
                                        - to: {uri: "tensorflow:broken"}
                                        - to: {uri: "tensorflow:twice"}
                                  """
                                + post),
                pattern(
                        "redelivery",
                        "4.0 8.0",
                        pre + "- to: {uri: \"direct:redelivers\"}\n" + post,
                        """
                        - route:
                            from:
                              uri: direct:redelivers
                              steps:
                                - to: {uri: "tensorflow:broken"}
                            errorHandler:
                              deadLetterChannel:
                                deadLetterUri: direct:dead
                                redeliveryPolicy:
                                  maximumRedeliveries: 2
                                  redeliveryDelay: 1
                        """
                                + sub("direct:dead", twice + post)),
                pattern(
                        "onException with the original message",
                        "4.0 8.0",
                        pre + "- to: {uri: \"direct:fails\"}\n" + post,
                        """
                        - onException:
                            exception: [java.lang.Exception]
                            handled: {constant: "true"}
                            steps:
                              - to: {uri: "tensorflow:twice"}
                              - process: {ref: "#post"}
                        """
                                + sub("direct:fails", broken)),
                pattern(
                        "doTry",
                        "4.0 8.0",
                        pre
                                + """
                                  - doTry:
                                      steps:
                                        - to: {uri: "tensorflow:broken"}
                                      doCatch:
                                        - exception: [java.lang.Exception]
                                          steps:
                                            - to: {uri: "tensorflow:twice"}
                                  """
                                + post),
                pattern(
                        "toD",
                        "3.0 4.0",
                        pre + "- toD: {uri: \"tensorflow:${header.model}\"}\n" + post),
                pattern(
                        "routingSlip",
                        "4.0 8.0",
                        pre
                                + """
                                  - setProperty: {name: inputs, simple: "${body}"}
                                  - routingSlip: {constant: "tensorflow:half,direct:again"}
                                  """
                                + post,
                        sub("direct:again", "- setBody: {exchangeProperty: inputs}\n" + twice)),
                pattern(
                        "two models on one exchange",
                        "3.0 4.0 and 4.0 8.0",
                        pre
                                + "- setProperty: {name: inputs, simple: \"${body}\"}\n"
                                + half
                                + "- setVariable: {name: outputs, simple: \"${body}\"}\n"
                                + "- setBody: {exchangeProperty: inputs}\n"
                                + twice
                                + post
                                + "- setProperty: {name: second, simple: \"${body}\"}\n"
                                + "- setBody: {variable: outputs}\n"
                                + post
                                + "- setBody: {simple: \"${body} and"
                                + " ${exchangeProperty.second}\"}\n"),
                pattern(
                        "two models in a chain",
                        "4.0 6.0",
                        pre + twice + "- process: {ref: \"#toInput\"}\n" + half + post),
                pattern(
                        "two postprocessors of one result",
                        "3.0 4.0, 3.0 4.0",
                        pre
                                + half
                                + """
                                  - multicast:
                                      aggregationStrategy: "#join"
                                      parallelProcessing: true
                                      steps:
                                        - process: {ref: "#post"}
                                        - process: {ref: "#post"}
                                  """),
                pattern(
                        "claimCheck",
                        "4.0 8.0",
                        pre
                                + "- claimCheck: {operation: Push}\n"
                                + half
                                + post
                                + "- claimCheck: {operation: Pop}\n"
                                + twice
                                + post),
                pattern(
                        "filter, choice and pipeline",
                        "3.0 4.0",
                        pre
                                + """
                                  - filter:
                                      simple: "${header.model} == 'half'"
                                      steps:
                                        - choice:
                                            when:
                                              - simple: "${header.model} == 'half'"
                                                steps:
                                                  - pipeline:
                                                      steps:
                                                        - to: {uri: "tensorflow:half"}
                                  """
                                + post));
    }

    /**
     * Patterns in which Camel drops copies of the exchange without completing them: the garbage
     * collector frees their tensors.
     */
    private static final Set<String> COLLECTED =
            Set.of("seda that does not wait", "redelivery", "routingSlip", "claimCheck");

    /**
     * Patterns whose branches may end after the exchange from which they were copied: the garbage
     * collector frees their remaining tensors.
     */
    private static final Pattern CONCURRENT = Pattern.compile("parallel|[tT]ap|seda|threads");

    @ParameterizedTest(name = "{0}")
    @MethodSource("patterns")
    void answerIsCorrectAndTensorsAreFreed(String name, String answer, String yaml)
            throws Exception {
        routes(
                yaml,
                template -> {
                    for (int i = 0; i < 3; i++) {
                        assertEquals(answer, request(template), name);
                    }
                });
        if (COLLECTED.contains(name) || CONCURRENT.matcher(name).find()) {
            Exchanges.awaitOpenTensors(open);
        } else {
            Await.await("freed tensors", () -> NamedTensors.open() <= open);
        }
    }

    /** A minute, by default; the memory that a pattern still uses must not be another's. */
    @Test
    void concurrentRequestsAreAnsweredAndFreed() throws Exception {
        List<Object[]> all = patterns().map(Arguments::get).toList();
        Duration each = Duration.ofSeconds(Integer.getInteger("bactrian.stress.seconds", 60));
        Deadline end = Deadline.after(each);
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
        try {
            while (!end.isPassed()) {
                for (Object[] pattern : all) {
                    routes(
                            (String) pattern[2],
                            template -> {
                                List<Future<?>> done = new ArrayList<>();
                                for (int i = 0; i < CLIENTS; i++) {
                                    done.add(
                                            clients.submit(
                                                    () -> {
                                                        for (int j = 0; j < 50; j++) {
                                                            check(
                                                                    (String) pattern[0],
                                                                    (String) pattern[1],
                                                                    template);
                                                        }
                                                    }));
                                }
                                for (Future<?> client : done) {
                                    client.get();
                                }
                            });
                }
            }
        } finally {
            clients.shutdownNow();
        }
        Exchanges.awaitOpenTensors(open);
    }

    /**
     * In parallel, Camel 4.18.0 drops the last branch of about one exchange in 30,000: {@code
     * MulticastProcessor.aggregate} reads how many were sent before it reads that all were.
     */
    private static void check(String name, String answer, ProducerTemplate template) {
        String actual;
        try {
            actual = request(template);
        } catch (CamelExecutionException e) {
            if (!name.equals("multicast averaged")) {
                throw new AssertionError("pattern " + name, e);
            }
            assertEquals(
                    "Camel has aggregated only 1 branches of the multicast",
                    e.getCause().getMessage());
            return;
        }
        boolean dropped = name.contains("parallel") || name.equals("recipientList");
        assertTrue(
                answer.equals(actual) || dropped && answer.startsWith(actual),
                name + ": " + actual);
    }

    private static String request(ProducerTemplate template) {
        return template.requestBodyAndHeader(
                "pipeline:it", "{\"x\": [2, 4], \"parts\": [2, 4]}", "model", "half", String.class);
    }
}
