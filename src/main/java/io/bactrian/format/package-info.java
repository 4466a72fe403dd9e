/** Wire formats over tensors: TensorFlow Serving's JSON (row and column) and NPY. */
package io.bactrian.format;
