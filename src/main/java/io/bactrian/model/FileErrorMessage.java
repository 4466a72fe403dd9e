package io.bactrian.model;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.Objects;

/** The message for a file that can't be read. Java's own message is often only the path. */
public final class FileErrorMessage {

    private FileErrorMessage() {}

    /**
     * {@return the message, such as {@code permission denied: /opt/ml/model/1}}
     *
     * @param failure an {@link IOException}, or an {@link UncheckedIOException} with its cause
     */
    public static String of(Exception failure) {
        Exception e =
                failure instanceof UncheckedIOException wrapped
                        ? Objects.requireNonNull(wrapped.getCause())
                        : failure;
        if (e instanceof AccessDeniedException denied) {
            return "permission denied: " + denied.getFile();
        }
        if (e instanceof NoSuchFileException missing) {
            return "no such file: " + missing.getFile();
        }
        return e instanceof IOException && e.getMessage() != null ? e.getMessage() : e.toString();
    }
}
