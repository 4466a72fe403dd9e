package io.bactrian.test;

import io.bactrian.invocation.Answer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The builder of a request to a pipeline. */
public final class TestRequest {

    private final Pipeline pipeline;
    private final Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private byte[] body = new byte[0];

    TestRequest(Pipeline pipeline) {
        this.pipeline = pipeline;
    }

    /**
     * Adds a header.
     *
     * @param name the header's name
     * @param value the header's value
     * @return this request
     */
    public TestRequest header(String name, String value) {
        headers.computeIfAbsent(name, first -> new ArrayList<>()).add(value);
        return this;
    }

    /**
     * Sets the type of the body.
     *
     * @param type the media type, such as {@code image/jpeg}
     * @return this request
     */
    public TestRequest contentType(String type) {
        return header("Content-Type", type);
    }

    /**
     * Sets the types that the answer may have.
     *
     * @param types media types as in the header {@code Accept}
     * @return this request
     */
    public TestRequest accept(String types) {
        return header("Accept", types);
    }

    /**
     * Sets the body to a text in UTF-8.
     *
     * @param text the text
     * @return this request
     */
    public TestRequest body(String text) {
        return body(text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Sets the body.
     *
     * @param bytes the bytes as they are sent
     * @return this request
     */
    public TestRequest body(byte[] bytes) {
        body = bytes.clone();
        return this;
    }

    /** {@return the answer, that to a failure included} */
    public PipelineAnswer send() {
        Answer answer;
        Throwable failure = null;
        try {
            answer = pipeline.pipelines().invoke(pipeline.name(), headers, body);
        } catch (Throwable e) {
            failure = e;
            answer = Answer.of(pipeline.pipelines().errors().of(e));
        }
        return new PipelineAnswer(answer, failure);
    }
}
