package io.bactrian.pipeline;

import org.tensorflow.ndarray.Shape;

/** A processor that makes the tensors of a model and can be bound to the signature it feeds. */
public interface InputBound {

    /**
     * Checks this processor's properties against the inputs of the signature that follows it in a
     * route, before the route starts; several times if it precedes several signatures.
     *
     * @throws PipelineFaultException if the tensors it makes can't be what the model takes
     */
    void bindInputs(SignatureTensors inputs);

    /**
     * {@return the shape of a tensor it makes where its properties decide all of it, whatever the
     * request; else {@link Shape#unknown()}}
     */
    default Shape shapeOfOne() {
        return Shape.unknown();
    }
}
