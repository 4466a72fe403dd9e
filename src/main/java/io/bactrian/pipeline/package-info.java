/**
 * The Camel component {@code pipeline:name?consumes=…&produces=…}: an endpoint like {@code direct:}
 * that says what it takes and gives and can be listed; and the tie between an exchange and the
 * tensors it carries.
 */
@NullMarked
package io.bactrian.pipeline;

import org.jspecify.annotations.NullMarked;
