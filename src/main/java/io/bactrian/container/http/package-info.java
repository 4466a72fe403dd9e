/**
 * The HTTP server of the inference container: endpoints, the way of a request's bytes from the
 * connection to its pipeline's queue and back, and the limits that clients are held to. It knows
 * Vert.x and Netty, and of pipelines only what {@link io.bactrian.invocation} needs.
 */
@NullMarked
package io.bactrian.container.http;

import org.jspecify.annotations.NullMarked;
