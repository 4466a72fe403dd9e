package io.bactrian.pipeline;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;

/**
 * A step that makes the inputs of models and is bound to their signatures when its route starts, so
 * that what it leaves open defaults from a signature, and what contradicts one is an error before
 * the first request.
 *
 * <p>The step is bound to every signature that its tensors can reach unchanged: those of both
 * branches of a choice, for example, and of every route that uses the same bean. It is not bound at
 * all where nothing is known of what happens to its tensors, or where a mock replaces the model;
 * then its own defaults hold. docs/decisions/signature-binding.md has the rules.
 *
 * <p>Preprocessors extend {@code io.bactrian.preprocess.Preprocessor}, which implements this.
 */
public interface InputBound {

    /**
     * Checks this step against signatures and takes from them what it leaves open. Each call
     * replaces the binding of the call before; one that throws must leave that as it was, since
     * other routes may be serving with it.
     *
     * @param inputs the inputs of each signature, never empty
     * @throws PipelineFaultException if the tensors that this step makes can't be what one of the
     *     models takes, or the signatures differ in what it would take from them
     */
    void bindInputs(List<SignatureTensors> inputs);

    /**
     * {@return the shape of every tensor that this step makes, if properties and signatures fix all
     * of it; else {@link Shape#unknown()}} Models are tried on zeros of this shape, since some
     * refuse shapes that their signatures allow.
     */
    default Shape fixedShape() {
        return Shape.unknown();
    }

    /**
     * {@return the range of the pixels in the tensors that this step makes; null if it makes none}
     * A pipeline that scales pixels before a graph that does is warned of.
     */
    default @Nullable PixelRange pixelRange() {
        return null;
    }
}
