/**
 * The Camel component {@code tensorflow:model?signature=…}: the endpoint owns the model's life, the
 * producer predicts.
 */
package io.bactrian.tensorflow;
