package io.bactrian.model;

/** A request names a model or pipeline that is not served here. */
public class ModelNotFoundException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message the name asked for and what there is
     */
    public ModelNotFoundException(String message) {
        super(message, null, false, false);
    }
}
