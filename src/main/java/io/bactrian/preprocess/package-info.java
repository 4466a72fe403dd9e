/** The processors before the model in a pipeline: they make tensors of message bodies. */
package io.bactrian.preprocess;
