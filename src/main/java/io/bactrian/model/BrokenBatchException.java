package io.bactrian.model;

/**
 * A batch's outputs can't be split by rows: the signature promises what the model does not keep.
 */
final class BrokenBatchException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message which output, and what shape it has
     */
    BrokenBatchException(String message) {
        super(message, null, false, false);
    }
}
