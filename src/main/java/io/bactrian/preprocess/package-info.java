/** The processors that pipelines name in YAML before the prediction: bytes to tensors. */
package io.bactrian.preprocess;
