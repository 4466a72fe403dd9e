package io.bactrian.test;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.cases.GoldenCase;
import io.bactrian.pipeline.MediaType;
import io.bactrian.pipeline.PipelineEndpoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.function.Executable;
import org.opentest4j.AssertionFailedError;

/**
 * The contract of any pipeline as tests, with a valid request and damaged ones:
 *
 * <ul>
 *   <li>another Content-Type is refused with 415, an Accept that can't be satisfied with 406, where
 *       the pipeline declares what it takes and gives;
 *   <li>a body over the limit is refused with 413, and an empty one is not answered with 5xx;
 *   <li>no damaged body is answered with 5xx, and each error is {@code {"error": "…"}} without a
 *       stack trace;
 *   <li>no header of the request comes back;
 *   <li>afterwards the valid request is still answered, and every tensor has been freed, unless the
 *       test class does not check tensors.
 * </ul>
 */
final class PipelineContract {

    private static final String UNKNOWN_TYPE = "application/x-unknown-to-any-pipeline";
    private static final int DAMAGED_BODIES = 200;

    private final Pipeline pipeline;
    private final Map<String, List<String>> headers;
    private final byte[] body;
    private final boolean checksTensors;

    /**
     * @param valid a request that the pipeline serves
     * @param checksTensors whether tensors that are not freed are failures
     */
    PipelineContract(Pipeline pipeline, GoldenCase valid, boolean checksTensors) {
        this.checksTensors = checksTensors;
        this.pipeline = pipeline;
        this.headers = valid.headers();
        this.body = valid.body();
    }

    Stream<DynamicTest> tests() {
        PipelineEndpoint endpoint = pipeline.consumer().getEndpoint();
        List<DynamicTest> tests = new ArrayList<>();
        tests.add(test("answers a valid request", this::answersAValidRequest));
        if (!endpoint.consumed().includes(MediaType.of(UNKNOWN_TYPE))) {
            tests.add(test("refuses another Content-Type", this::refusesAnotherType));
        }
        if (!endpoint.produced().canSatisfy(UNKNOWN_TYPE)) {
            tests.add(test("refuses an Accept that it can't satisfy", this::refusesAnAccept));
        }
        tests.add(test("does not fail on an empty body", () -> check(send(new byte[0]), "none")));
        tests.add(test("refuses a body over the limit", this::refusesALargeBody));
        tests.add(test("refuses damaged bodies", this::refusesDamagedBodies));
        tests.add(test("returns no header of the request", this::returnsNoHeader));
        tests.add(test("still answers a valid request", this::answersAValidRequest));
        return tests.stream();
    }

    private DynamicTest test(String name, Executable check) {
        return dynamicTest(name, checksTensors ? () -> TensorLeakCheck.around(check) : check);
    }

    private TestRequest request() {
        TestRequest request = pipeline.request();
        headers.forEach((name, values) -> values.forEach(value -> request.header(name, value)));
        return request;
    }

    private PipelineAnswer send(byte[] damaged) {
        return request().body(damaged).send();
    }

    private void answersAValidRequest() {
        PipelineAnswer answer = send(body);
        if (answer.status() >= 300) {
            answer.expectStatus(200);
        }
    }

    private void refusesAnotherType() {
        check(pipeline.send(body, UNKNOWN_TYPE).expectStatus(415), UNKNOWN_TYPE);
    }

    private void refusesAnAccept() {
        TestRequest request = pipeline.request().accept(UNKNOWN_TYPE).body(body);
        headers.getOrDefault("Content-Type", List.of()).forEach(request::contentType);
        check(request.send().expectStatus(406), UNKNOWN_TYPE);
    }

    private void refusesALargeBody() {
        long limit = pipeline.pipelines().config().maxBodyBytes();
        check(send(new byte[Math.toIntExact(limit + 1)]).expectStatus(413), "a large body");
    }

    /** The same ones in each run. */
    private void refusesDamagedBodies() {
        Random random = new Random(1);
        for (int i = 0; i < DAMAGED_BODIES; i++) {
            byte[] damaged = damage(random, i);
            check(send(damaged), "damaged body " + i + ", of " + damaged.length + " bytes");
        }
    }

    private byte[] damage(Random random, int which) {
        if (which % 4 == 0 || body.length == 0) {
            byte[] noise = new byte[random.nextInt(1000)];
            random.nextBytes(noise);
            return noise;
        }
        if (which % 4 == 1) {
            return Arrays.copyOf(body, random.nextInt(body.length));
        }
        byte[] changed = body.clone();
        for (int i = 0; i <= which % 8; i++) {
            changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
        }
        return changed;
    }

    private void returnsNoHeader() {
        String value = "value-of-a-header-of-the-request";
        PipelineAnswer answer = request().header("X-Canary", value).body(body).send();
        for (String name : answer.headerNames()) {
            if (name.equalsIgnoreCase("X-Canary") || value.equals(answer.header(name))) {
                throw new AssertionFailedError("the answer has a header of the request\n" + answer);
            }
        }
    }

    /** Fails unless the answer is a success, or an error that is the request's. */
    private void check(PipelineAnswer answer, String what) {
        if (answer.status() >= 500) {
            throw new AssertionFailedError(what + " is answered with " + answer, answer.failure());
        }
        if (answer.status() >= 400) {
            JsonNode error = answer.expectContentType("application/json").json().get("error");
            if (error == null || error.asText().isEmpty() || error.asText().contains("\tat ")) {
                throw new AssertionFailedError(what + " gets no sentence as its error: " + answer);
            }
        }
    }
}
