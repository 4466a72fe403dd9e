package io.bactrian.validation;

import java.nio.file.Path;

/**
 * A fault in a route file.
 *
 * @param file the file
 * @param line from 1; 1 also for a fault of the file as a whole
 * @param column from 1
 * @param message what is wrong, in a sentence
 */
public record RouteFault(Path file, int line, int column, String message) {

    RouteFault(Path file, Position position, String message) {
        this(file, position.line(), position.column(), message);
    }

    /** {@return {@code file:line:column: message}, as compilers print it} */
    @Override
    public String toString() {
        return file + ":" + line + ":" + column + ": " + message;
    }
}
