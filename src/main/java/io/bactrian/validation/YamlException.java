package io.bactrian.validation;

/** A text is not the YAML that a route file may have. */
final class YamlException extends Exception {

    private static final long serialVersionUID = 1L;

    private final transient Position position;

    YamlException(Position position, String message) {
        super(message, null, false, false);
        this.position = position;
    }

    Position position() {
        return position;
    }
}
