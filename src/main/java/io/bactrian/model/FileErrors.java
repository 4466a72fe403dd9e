package io.bactrian.model;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;

/** Describes why a file can't be read: Java's own message is often nothing but the path. */
public final class FileErrors {

    private FileErrors() {}

    /** {@return such as {@code permission denied: /opt/ml/model/1}} */
    public static String describe(Exception failure) {
        Exception e =
                failure instanceof UncheckedIOException wrapped ? wrapped.getCause() : failure;
        if (e instanceof AccessDeniedException denied) {
            return "permission denied: " + denied.getFile();
        }
        if (e instanceof NoSuchFileException missing) {
            return "no such file: " + missing.getFile();
        }
        return e instanceof IOException && e.getMessage() != null ? e.getMessage() : e.toString();
    }
}
