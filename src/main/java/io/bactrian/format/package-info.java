/** Wire formats over tensors: TensorFlow Serving's JSON (row and column) and NPY. */
@NullMarked
package io.bactrian.format;

import org.jspecify.annotations.NullMarked;
