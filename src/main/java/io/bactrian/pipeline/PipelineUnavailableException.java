package io.bactrian.pipeline;

/** A pipeline that is there can't be served until somebody has mended it. */
public class PipelineUnavailableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message which pipeline and why
     */
    public PipelineUnavailableException(String message) {
        super(message, null, false, false);
    }
}
