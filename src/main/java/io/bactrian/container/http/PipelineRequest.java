package io.bactrian.container.http;

import io.bactrian.invocation.PipelineCall;
import io.bactrian.invocation.RequestHeaders;
import io.bactrian.pipeline.PipelineConsumer;

/**
 * An HTTP request whose pipeline is known and whose body is there.
 *
 * @param pipeline the pipeline it goes to
 * @param call what was negotiated with that pipeline
 * @param headers the request's
 * @param body the request's, as it was sent but for its content coding
 */
record PipelineRequest(
        PipelineConsumer pipeline, PipelineCall call, RequestHeaders headers, byte[] body) {}
