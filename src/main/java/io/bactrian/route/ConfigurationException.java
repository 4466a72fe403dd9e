package io.bactrian.route;

/** Thrown when a setting of the container is invalid. */
public class ConfigurationException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception without cause or stack trace.
     *
     * @param message the name of the setting and what is wrong with it
     */
    public ConfigurationException(String message) {
        super(message, null, false, false);
    }
}
