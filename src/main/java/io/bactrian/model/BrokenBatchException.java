package io.bactrian.model;

/** The outputs of a batch can't be split by rows, contrary to what the signature declares. */
final class BrokenBatchException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message the output and its shape
     */
    BrokenBatchException(String message) {
        super(message, null, false, false);
    }
}
