package io.bactrian.model;

import java.nio.file.Path;
import java.util.NavigableMap;
import org.jspecify.annotations.Nullable;

/**
 * The versions of one model on disk.
 *
 * @param name the folder's name
 * @param named whether the model has a subfolder of the model directory to itself; a model
 *     directory that is itself the model, or holds only its versions, gives the model no name
 * @param folder the model's folder, which holds its versions and its {@code code} folder
 * @param versions by version number, the folder with {@code saved_model.pb}; without that file, or
 *     empty, only if there is a {@code problem}
 * @param problem why the model can't be served, or null. A broken highest version is a problem: no
 *     older version replaces it
 */
public record ModelVersions(
        String name,
        boolean named,
        Path folder,
        NavigableMap<Long, Path> versions,
        @Nullable String problem) {

    /**
     * {@return whether the folder is certainly meant as a model because it has version folders; if
     * not, {@code problem} says what it holds in place of a SavedModel}
     */
    public boolean isCertain() {
        return !versions.isEmpty();
    }

    /** {@return the highest version, which is the one served} */
    public long latest() {
        return versions.lastKey();
    }

    /** {@return the folder of the highest version} */
    public Path latestPath() {
        return versions.lastEntry().getValue();
    }
}
