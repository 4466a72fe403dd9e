package io.bactrian.command;

import io.bactrian.route.ConfigurationException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The settings of commands that load models and pipelines without a server. */
final class LocalSettings {

    private LocalSettings() {}

    /**
     * {@return the environment, with a folder for its {@code BACTRIAN_MODEL_DIR}}
     *
     * @throws ConfigurationException if there is no such folder
     */
    static Map<String, String> of(Path models) {
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.put("BACTRIAN_MODEL_DIR", existing(models).toString());
        return environment;
    }

    /**
     * {@return a folder of the command line}
     *
     * @throws ConfigurationException if it does not exist, in words that name no setting
     */
    static Path existing(Path folder) {
        if (Files.notExists(folder)) {
            throw new ConfigurationException("there is no folder " + folder);
        }
        return folder;
    }
}
