package io.bactrian.test;

import io.bactrian.cases.FileTypes;
import io.bactrian.pipeline.PipelineConsumer;
import io.bactrian.serving.LocalPipelines;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A pipeline under test. */
public final class Pipeline {

    private final LocalPipelines pipelines;
    private final PipelineConsumer consumer;

    Pipeline(LocalPipelines pipelines, PipelineConsumer consumer) {
        this.pipelines = pipelines;
        this.consumer = consumer;
    }

    /** {@return its name} */
    public String name() {
        return consumer.getEndpoint().getName();
    }

    /**
     * {@return its answer to a request whose body is text, sent in UTF-8}
     *
     * @param body the request's body
     * @param contentType the body's media type, such as {@code application/json}
     */
    public PipelineAnswer send(String body, String contentType) {
        return send(body.getBytes(StandardCharsets.UTF_8), contentType);
    }

    /**
     * {@return its answer to a request}
     *
     * @param body the request's body
     * @param contentType the body's media type, such as {@code application/json}
     */
    public PipelineAnswer send(byte[] body, String contentType) {
        return request().contentType(contentType).body(body).send();
    }

    /**
     * {@return its answer to a request whose body is a file's content, of the type that the file's
     * extension says}
     *
     * @param file the file, such as {@code cat.jpg}
     */
    public PipelineAnswer send(Path file) {
        try {
            return send(Files.readAllBytes(file), FileTypes.of(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@return a request without a body or headers, to be sent when it has them} */
    public TestRequest request() {
        return new TestRequest(this);
    }

    LocalPipelines pipelines() {
        return pipelines;
    }

    PipelineConsumer consumer() {
        return consumer;
    }

    @Override
    public String toString() {
        return "pipeline " + name();
    }
}
