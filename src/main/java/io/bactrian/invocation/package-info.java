/**
 * One request to a pipeline as data, without an HTTP server: content negotiation, what a route sees
 * of the request, the answer that is made of what it leaves, and the mapping of failures to
 * statuses.
 */
@NullMarked
package io.bactrian.invocation;

import org.jspecify.annotations.NullMarked;
