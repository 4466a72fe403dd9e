/**
 * The Camel component {@code tensorflow:model?signature=…}: the endpoint loads the model, the
 * producer predicts, and routes are bound to the signatures of their models when they start.
 */
@NullMarked
package io.bactrian.tensorflow;

import org.jspecify.annotations.NullMarked;
