/** The processors before the model in a pipeline: they make tensors of message bodies. */
@NullMarked
package io.bactrian.preprocess;

import org.jspecify.annotations.NullMarked;
