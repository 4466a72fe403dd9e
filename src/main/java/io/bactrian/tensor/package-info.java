/**
 * Reference-counted named tensors, dtypes, and the conversion between tensors and Java values.
 * Independent of Camel, HTTP and SavedModels.
 */
@NullMarked
package io.bactrian.tensor;

import org.jspecify.annotations.NullMarked;
