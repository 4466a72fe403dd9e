/** The processors after the model in a pipeline: they make answers of its outputs. */
package io.bactrian.postprocess;
