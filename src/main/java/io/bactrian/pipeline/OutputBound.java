package io.bactrian.pipeline;

import java.util.List;

/**
 * A step that reads the outputs of models and is bound to their signatures when its route starts,
 * as an {@link InputBound} is to those that it feeds.
 *
 * <p>Postprocessors extend {@code io.bactrian.postprocess.Postprocessor}, which implements this.
 */
public interface OutputBound {

    /**
     * Checks this step against signatures and takes from them what it leaves open. Each call
     * replaces the binding of the call before; one that throws must leave that as it was.
     *
     * @param outputs the outputs of each signature that this step can read from, never empty
     * @throws PipelineFaultException if the outputs of one of the models can't be what it reads
     */
    void bindOutputs(List<SignatureTensors> outputs);
}
