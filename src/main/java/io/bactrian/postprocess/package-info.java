/** The processors that pipelines name in YAML after the prediction: tensors to answers. */
package io.bactrian.postprocess;
