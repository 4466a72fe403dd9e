package io.bactrian.route;

/** A setting of the container is wrong; its message names the setting. */
public class ConfigurationException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message which setting and what is wrong with it
     */
    public ConfigurationException(String message) {
        super(message, null, false, false);
    }
}
