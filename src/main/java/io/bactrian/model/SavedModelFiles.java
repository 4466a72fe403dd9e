package io.bactrian.model;

import java.nio.file.Path;
import java.util.NavigableMap;

/**
 * One model's SavedModels on disk.
 *
 * @param name the folder's name
 * @param named whether the model has a folder of its own among others; a model directory that is
 *     itself the model (or holds nothing but its versions) gives it no name of its own
 * @param folder the model's own folder: the one that holds its versions, and the {@code code} that
 *     came with it
 * @param versions each version's folder, the one with {@code saved_model.pb} unless there is a
 *     problem; empty only where there is one
 * @param problem why no version can be served although this looks like a model, or null: an older
 *     version never takes the place of a highest one that is broken
 */
public record SavedModelFiles(
        String name,
        boolean named,
        Path folder,
        NavigableMap<Long, Path> versions,
        String problem) {

    /**
     * {@return whether this is a model without doubt, since it has version folders; if not, its
     * {@code problem} says what lies there instead of a SavedModel}
     */
    public boolean isCertain() {
        return !versions.isEmpty();
    }

    /** {@return the highest version, the one that is served} */
    public long latest() {
        return versions.lastKey();
    }

    /** {@return the folder of the highest version} */
    public Path latestPath() {
        return versions.lastEntry().getValue();
    }
}
