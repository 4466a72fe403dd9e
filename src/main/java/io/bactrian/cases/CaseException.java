package io.bactrian.cases;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Thrown when a file of a golden case is missing, unreadable or malformed; the message names it.
 */
public final class CaseException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    CaseException(String message) {
        super(message);
    }

    static CaseException unreadable(Path file, Exception cause) {
        return new CaseException(file + " can't be read: " + reason(cause));
    }

    static CaseException unwritable(Path file, IOException cause) {
        return new CaseException(file + " can't be written: " + reason(cause));
    }

    /** {@return what Java's message, which often is only the path, does not say} */
    private static String reason(Exception failure) {
        Throwable cause = failure instanceof UncheckedIOException ? failure.getCause() : failure;
        if (cause instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (cause instanceof NoSuchFileException) {
            return "no such file";
        }
        if (cause instanceof FileSystemLoopException loop) {
            return "the link " + loop.getFile() + " leads to a folder around it";
        }
        if (cause instanceof CharacterCodingException) {
            return "it is not UTF-8";
        }
        return String.valueOf(failure.getMessage());
    }
}
