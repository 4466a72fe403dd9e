package io.bactrian.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.bactrian.testing.Await;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Routes behave in HTTP requests as they do elsewhere in Camel. */
class HttpEdgeTest {

    private static final String ROUTES =
            """
            - beans:
                - {name: other, type: io.bactrian.container.OtherSystem}
            - route:
                id: tenant
                from:
                  uri: pipeline:tenant
                  parameters: {requestHeaders: "X-Tenant, X-More"}
                  steps:
                    - choice:
                        when:
                          - simple: "${header.x-tenant} == 'gold'"
                            steps: [{setBody: {constant: gold}}]
                        otherwise:
                          steps: [{setBody: {simple: "saw ${headers}"}}]
            - route:
                id: marshal
                from:
                  uri: pipeline:marshal
                  steps:
                    - setBody: {simple: "${ref:other}"}
                    - marshal: {json: {}}
            - route:
                id: upstream
                from:
                  uri: pipeline:upstream
                  steps:
                    - to: {uri: "other:not-json"}
                    - unmarshal: {json: {}}
            - route:
                id: audited
                from:
                  uri: pipeline:audited
                  steps:
                    - to: {uri: "other:audit", pattern: InOnly}
                    - unmarshal: {json: {}}
                    - marshal: {json: {}}
            - route:
                id: told-text
                from:
                  uri: pipeline:told-text
                  steps:
                    - convertBodyTo: {type: java.lang.String}
                    - to: {uri: "other:audit", pattern: InOnly}
                    - unmarshal: {json: {}}
            - route:
                id: kept-text
                from:
                  uri: pipeline:kept-text
                  steps:
                    - convertBodyTo: {type: java.lang.String}
                    - setProperty: {name: kept, simple: "${body}"}
                    - to: {uri: "other:x"}
                    - setBody: {exchangeProperty: kept}
                    - unmarshal: {json: {}}
            - route:
                id: answer-text
                from:
                  uri: pipeline:answer-text
                  steps:
                    - to: {uri: "other:no"}
                    - setBody: {simple: "${body} json"}
                    - unmarshal: {json: {}}
            - route:
                id: answer-to-text
                from:
                  uri: pipeline:answer-to-text
                  steps:
                    - convertBodyTo: {type: java.lang.String}
                    - to: {uri: "other:no"}
                    - log: "${body}"
                    - unmarshal: {json: {}}
            - route:
                id: answer-then-told
                from:
                  uri: pipeline:answer-then-told
                  steps:
                    - to: {uri: "other:no"}
                    - to: {uri: "other:audit", pattern: InOnly}
                    - unmarshal: {json: {}}
            - route:
                id: to-dynamic
                from:
                  uri: pipeline:to-dynamic
                  steps:
                    - toD: {uri: "other:${body}"}
                    - unmarshal: {json: {}}
            - route:
                id: enriched
                from:
                  uri: pipeline:enriched
                  steps:
                    - enrich: {constant: "other:no"}
                    - unmarshal: {json: {}}
            - route:
                id: to-recipients
                from:
                  uri: pipeline:to-recipients
                  steps:
                    - recipientList: {constant: "other:no"}
                    - unmarshal: {json: {}}
            - route:
                id: tried
                from:
                  uri: pipeline:tried
                  steps:
                    - doTry: {steps: [{to: {uri: "other:no"}}], doCatch: [{exception: [java.io.IOException]}]}
                    - unmarshal: {json: {}}
            - route:
                id: header
                from:
                  uri: pipeline:header
                  steps:
                    - setHeader: {name: X-Body, simple: "${body}"}
                    - setHeader: {name: X-Many, simple: "${bodyAs(String).split(',')}"}
                    - setHeader: {name: Content-Length, constant: "5"}
                    - setHeader: {name: transfer-encoding, constant: chunked}
                    - setHeader: {name: Proxy-Connection, constant: close}
                    - setBody: {constant: answered}
            - route:
                id: dynamic
                from:
                  uri: pipeline:dynamic
                  steps:
                    - toD: {uri: "tensorflow:${body}"}
            - route:
                id: dynamic-pipeline
                from:
                  uri: pipeline:dynamic-pipeline
                  steps:
                    - recipientList: {simple: "pipeline:${body}"}
            - route:
                id: tapped
                from:
                  uri: pipeline:tapped
                  steps:
                    - wireTap: {uri: "direct:tap"}
                    - setBody: {constant: answered}
            - route:
                id: tapped-parts
                from:
                  uri: pipeline:tapped-parts
                  steps:
                    - wireTap: {uri: "direct:parts"}
                    - setBody: {constant: answered}
            - route:
                id: parts
                from:
                  uri: direct:parts
                  steps:
                    - split:
                        constant: a
                        stopOnException: true
                        steps: [{to: {uri: "direct:tap"}}]
            - route:
                id: one-way
                from:
                  uri: pipeline:one-way
                  steps:
                    - setExchangePattern: InOnly
                    - unmarshal: {json: {}}
            - route:
                id: tap
                from:
                  uri: direct:tap
                  steps:
                    - throwException: {exceptionType: java.io.IOException, message: in the tap}
            """;

    @RegisterExtension static TestServer server = TestServer.notStarted();

    @RegisterExtension final TestServer other = TestServer.notStarted();

    private final Queue<ILoggingEvent> log = new ConcurrentLinkedQueue<>();
    private final AppenderBase<ILoggingEvent> appender =
            new AppenderBase<>() {
                @Override
                protected void append(ILoggingEvent event) {
                    log.add(event);
                }
            };

    @BeforeAll
    static void start() throws Exception {
        server.model("a/1");
        server.file(server.routes.resolve("r.camel.yaml"), ROUTES);
        // Hooks apply to all routes of their file.
        server.file(
                server.routes.resolve("original.camel.yaml"),
                """
                - onException:
                    exception: [java.io.IOException]
                    handled: {constant: "true"}
                    useOriginalMessage: true
                    steps:
                      - setBody: {simple: "${bodyAs(String)} of ${headers}"}
                - route:
                    id: original
                    from:
                      uri: pipeline:original
                      parameters: {requestHeaders: X-Tenant}
                      steps:
                        - setBody: {constant: changed}
                        - throwException: {exceptionType: java.io.IOException, message: no}
                """);
        server.file(
                server.routes.resolve("hooked.camel.yaml"),
                """
                - onCompletion:
                    onFailureOnly: true
                    steps: [{process: {ref: "#class:io.bactrian.container.BodyRecorder"}}]
                - onCompletion:
                    onCompleteOnly: true
                    steps: [{process: {ref: "#class:io.bactrian.container.BodyRecorder"}}]
                - route:
                    id: hooked
                    from:
                      uri: pipeline:hooked
                      steps:
                        - choice:
                            when:
                              - simple: "${bodyAs(String)} == 'fail'"
                                steps:
                                  - throwException:
                                      exceptionType: java.io.IOException
                                      message: no
                              - simple: "${bodyAs(String)} == 'unsent'"
                                steps: [{setBody: {simple: "${ref:other}"}}]
                            otherwise:
                              steps:
                                - unmarshal: {json: {}}
                                - marshal: {json: {}}
                """);
        server.file(
                server.routes.resolve("broken-hook.camel.yaml"),
                """
                - onCompletion:
                    steps:
                      - throwException: {exceptionType: java.io.IOException, message: in the hook}
                - route:
                    id: broken-hook
                    from: {uri: "pipeline:broken-hook", steps: [{setBody: {constant: answered}}]}
                """);
        server.start();
        assertEquals(List.of(), server.container().pipelines().loaded().faults());
    }

    @BeforeEach
    void startLogCapture() {
        BodyRecorder.BODIES.clear();
        appender.start();
        ((Logger) LoggerFactory.getLogger("io.bactrian")).addAppender(appender);
    }

    @AfterEach
    void stopLogCapture() {
        ((Logger) LoggerFactory.getLogger("io.bactrian")).detachAppender(appender);
    }

    private static HttpResponse<String> post(String pipeline, String body, String... headers) {
        return server.http()
                .post(
                        "/models/" + pipeline + "/invoke?token=secret",
                        body.getBytes(StandardCharsets.UTF_8),
                        headers);
    }

    private boolean isLogged(Level level, String... parts) {
        return log.stream()
                .anyMatch(
                        event -> {
                            String text =
                                    event.getFormattedMessage()
                                            + (event.getThrowableProxy() == null
                                                    ? ""
                                                    : event.getThrowableProxy().getMessage());
                            return event.getLevel() == level
                                    && List.of(parts).stream().allMatch(text::contains);
                        });
    }

    @Test
    void originalMessageHasOnlyTheListedHeaders() {
        HttpResponse<String> response =
                post(
                        "original",
                        "abc",
                        "X-Tenant",
                        "me",
                        "X-Secret",
                        "hidden",
                        "traceparent",
                        "00-1");
        assertEquals(200, response.statusCode(), response.body());
        assertTrue(response.body().startsWith("abc of {"), response.body());
        assertTrue(response.body().contains("X-Tenant=me"), response.body());
        assertTrue(response.body().contains("traceparent=00-1"), response.body());
        for (String hidden : List.of("ecret", "token", "bactrian", "hidden")) {
            assertFalse(response.body().contains(hidden), response.body());
        }
        for (String header : List.of("X-Tenant", "traceparent", "X-Secret", "token")) {
            assertTrue(response.headers().firstValue(header).isEmpty(), header);
        }
    }

    @Test
    void routeReceivesTheHeadersItLists() {
        HttpResponse<String> gold = post("tenant", "", "X-Tenant", "gold");
        assertEquals("gold", gold.body());
        assertTrue(gold.headers().firstValue("X-Tenant").isEmpty());
        String seen =
                post("tenant", "", "X-More", "a", "X-More", "b", "X-Other", "c", "CamelX", "d")
                        .body();
        assertTrue(seen.contains("X-More=a, b"), seen);
        assertFalse(seen.contains("X-Other") || seen.contains("CamelX"), seen);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "CamelHttpUri | requestHeaders: a request could steer the route by CamelHttpUri",
                "X-A, camelFoo | requestHeaders: a request could steer the route by camelFoo",
                "X A | requestHeaders: \"X A\" is not the name of a header",
                "'X-A,' | requestHeaders: \"\" is not the name of a header"
            })
    void invalidRequestHeadersParameterIsReported(String headers, String message) throws Exception {
        other.model("a/1");
        other.routes(
                "p",
                """
                - route:
                    id: p
                    from:
                      uri: pipeline:p
                      parameters: {requestHeaders: "%s"}
                      steps: [{setBody: {constant: x}}]
                """
                        .formatted(headers));
        other.start();
        assertTrue(other.report().contains(message), other.report());
    }

    @Test
    void completionHooksAreCalledByOutcome() throws Exception {
        assertEquals("{\"a\":1}", post("hooked", "{\"a\": 1}").body());
        assertEquals("{\"a\":1}", BodyRecorder.BODIES.poll(10, TimeUnit.SECONDS));
        assertEquals(500, post("hooked", "fail").statusCode());
        assertEquals("fail, no", BodyRecorder.BODIES.poll(10, TimeUnit.SECONDS));
        assertEquals(400, post("hooked", "no json").statusCode());
        String refused = BodyRecorder.BODIES.poll(10, TimeUnit.SECONDS);
        assertTrue(refused.startsWith("no json, the body is not valid JSON"), refused);
        assertEquals(500, post("hooked", "unsent").statusCode());
        assertNotNull(BodyRecorder.BODIES.poll(10, TimeUnit.SECONDS));
        assertEquals(List.of(), List.copyOf(BodyRecorder.BODIES));
    }

    @Test
    void failureToMarshalIsAnInternalError() {
        HttpResponse<String> response = post("marshal", "{}");
        assertEquals(500, response.statusCode(), response.body());
        assertTrue(response.body().contains("internal error, id "), response.body());
        assertTrue(isLogged(Level.ERROR, "request failed, error id "));
    }

    @Test
    void unreadableAnswerOfAnotherSystemIsABadGateway() {
        HttpResponse<String> response = post("upstream", "{}");
        assertEquals(502, response.statusCode());
        assertEquals(
                "{\"error\": \"another system that the pipeline calls gave an answer that can't be"
                        + " read\"}",
                response.body());
        assertTrue(isLogged(Level.WARN, "can't be read: the body is not valid JSON: "));
    }

    @ParameterizedTest
    @CsvSource({
        "told-text, 400",
        "kept-text, 400",
        "answer-text, 502",
        "answer-to-text, 502",
        "answer-then-told, 502",
        "to-dynamic, 502",
        "enriched, 502",
        "to-recipients, 502",
        "tried, 502"
    })
    void statusDependsOnTheOriginOfTheBody(String pipeline, int status) {
        assertEquals(status, post(pipeline, "no json").statusCode());
    }

    @Test
    void responseHeadersAreSentAsText() {
        HttpResponse<String> response = post("header", "a,b");
        assertEquals("answered", response.body());
        assertEquals(List.of("a,b"), response.headers().allValues("X-Body"));
        assertEquals(List.of("a", "b"), response.headers().allValues("X-Many"));
        assertEquals(List.of("8"), response.headers().allValues("Content-Length"));
        assertEquals(List.of(), response.headers().allValues("Transfer-Encoding"));
        assertEquals(List.of(), response.headers().allValues("Proxy-Connection"));
        for (String body : List.of("a\r\nInjected: b", "a\nb", "\u2028", "\u0000")) {
            HttpResponse<String> refused = post("header", body);
            assertEquals(500, refused.statusCode());
            assertTrue(refused.headers().firstValue("Injected").isEmpty());
        }
    }

    @Test
    void oneWayCallsDoNotChangeTheOriginOfTheBody() {
        assertEquals("{\"a\":1}", post("audited", "{\"a\": 1}").body());
        assertEquals(400, post("audited", "no json").statusCode());
    }

    @ParameterizedTest
    @CsvSource({
        "dynamic, {{env:PATH}}, 404",
        "dynamic, {{sys:java.home}}, 404",
        "dynamic, {{absent:a}}, 404",
        "dynamic, a?signature={{env:PATH}}, 400",
        "dynamic-pipeline, {{env:PATH}}, 404"
    })
    void placeholdersInRequestsAreNotResolved(String pipeline, String body, int status) {
        HttpResponse<String> response = post(pipeline, body);
        assertEquals(status, response.statusCode(), response.body());
        assertFalse(response.body().contains(System.getenv("PATH")), response.body());
        assertFalse(response.body().contains(System.getProperty("java.home")), response.body());
        assertTrue(response.body().contains(body.substring(body.indexOf('{'))), response.body());
    }

    /** A class that requests must not be able to instantiate. */
    public static class Instantiated {

        static final AtomicInteger COUNT = new AtomicInteger();

        public Instantiated() {
            COUNT.incrementAndGet();
        }
    }

    @ParameterizedTest
    @CsvSource({"dynamic, a?signature", "dynamic-pipeline, tapped?consumes"})
    void requestsCannotInstantiateClasses(String pipeline, String option) {
        HttpResponse<String> response =
                post(pipeline, option + "=#class:" + Instantiated.class.getName());
        assertEquals(400, response.statusCode(), response.body());
        assertEquals(0, Instantiated.COUNT.get());
    }

    @Test
    void missingModelNamedByARequestIsNotFound() {
        HttpResponse<String> response = post("dynamic", "absent");
        assertEquals(404, response.statusCode(), response.body());
        assertEquals(
                "{\"error\": \"no model \\\"absent\\\" is served here: there is a\"}",
                response.body());
    }

    @Test
    void failureOfABackgroundExchangeIsLogged() {
        assertEquals("answered", post("tapped", "").body());
        Await.await(
                "a line about the wire tap",
                () ->
                        isLogged(
                                Level.ERROR,
                                "an exchange that no request waits for failed",
                                "in the tap"));
        assertEquals("answered", post("broken-hook", "").body());
        Await.await(
                "a line about the hook",
                () ->
                        isLogged(
                                Level.ERROR,
                                "an exchange that no request waits for failed",
                                "in the hook"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"tapped", "tapped-parts"})
    void failureOfABackgroundExchangeIsLoggedOnce(String pipeline) {
        assertEquals("answered", post(pipeline, "").body());
        Await.await("a line", () -> isLogged(Level.ERROR, "no request waits", "in the tap"));
        // A second message would be logged before that of the next request.
        log.clear();
        assertEquals("answered", post("broken-hook", "").body());
        Await.await("a line", () -> isLogged(Level.ERROR, "no request waits", "in the hook"));
        assertEquals(1, log.size(), log.toString());
    }

    @Test
    void badRequestOfAOneWayRouteIsNotLogged() {
        assertEquals(400, post("one-way", "no json").statusCode());
        assertEquals(List.of(), List.copyOf(log));
    }

    @Test
    void badRequestIsNotLogged() {
        assertEquals(400, post("audited", "no json").statusCode());
        assertEquals(List.of(), List.copyOf(log));
    }
}
