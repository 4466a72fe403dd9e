package io.bactrian.cases;

/** The files of a golden case are not what they should be; the message names the file. */
public final class CaseException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    CaseException(String message) {
        super(message);
    }
}
