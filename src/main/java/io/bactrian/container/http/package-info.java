/**
 * The HTTP server of the inference container: endpoints, receiving and dispatching of requests, and
 * limits for clients. It depends on Vert.x and Netty, and uses pipelines only through {@link
 * io.bactrian.invocation}.
 */
@NullMarked
package io.bactrian.container.http;

import org.jspecify.annotations.NullMarked;
