package io.bactrian.pipeline;

/**
 * A step that changes a model's outputs in a way that is known when its route starts, so that the
 * steps after it are bound to what it makes of them.
 */
public interface OutputMapping {

    /**
     * {@return the outputs after this step}
     *
     * @param outputs the outputs of a signature, before this step
     * @throws PipelineFaultException if this step can't change them
     */
    SignatureTensors map(SignatureTensors outputs);
}
