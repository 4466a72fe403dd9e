/** The processors after the model in a pipeline: they make answers of its outputs. */
@NullMarked
package io.bactrian.postprocess;

import org.jspecify.annotations.NullMarked;
