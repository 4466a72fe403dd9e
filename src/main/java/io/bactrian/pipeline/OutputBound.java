package io.bactrian.pipeline;

/** A processor that reads the tensors of a model and can be bound to the signature it follows. */
public interface OutputBound {

    /**
     * Checks this processor's properties against the outputs of the signature that precedes it in a
     * route, before the route starts; several times if it follows several signatures.
     *
     * @throws PipelineFaultException if what the model gives can't be what it reads
     */
    void bindOutputs(SignatureTensors outputs);
}
