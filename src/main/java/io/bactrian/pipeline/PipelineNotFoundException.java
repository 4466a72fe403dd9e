package io.bactrian.pipeline;

/** A route calls a pipeline by a name that no pipeline has. */
public class PipelineNotFoundException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message the name, and those that there are
     */
    public PipelineNotFoundException(String message) {
        super(message, null, false, false);
    }
}
