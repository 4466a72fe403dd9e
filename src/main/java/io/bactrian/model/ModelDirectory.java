package io.bactrian.model;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Finds SavedModels as SageMaker and TensorFlow Serving lay them out:
 *
 * <ul>
 *   <li>the folder itself holds {@code saved_model.pb};
 *   <li>{@code <version>/saved_model.pb}, or the same below {@code export/Servo/};
 *   <li>{@code <name>/} with any of these, for each of several models.
 * </ul>
 *
 * Versions are whole numbers, leading zeros allowed. Hidden folders are passed over. Nothing is
 * written.
 */
public final class ModelDirectory {

    private static final String SAVED_MODEL = "saved_model.pb";
    private static final Pattern VERSION = Pattern.compile("\\d{1,18}");

    private ModelDirectory() {}

    /**
     * @param directory such as {@code /opt/ml/model}
     * @return the models found, by name; empty if there are none
     * @throws ModelLoadException if the directory is not there or can't be read
     */
    public static List<SavedModelFiles> find(Path directory) {
        if (!Files.isDirectory(directory)) {
            throw new ModelLoadException("no model directory " + directory);
        }
        try {
            NavigableMap<Long, Path> own = versionsIn(directory);
            if (!own.isEmpty()) {
                return List.of(new SavedModelFiles(nameOf(directory), false, directory, own));
            }
            List<SavedModelFiles> models = new ArrayList<>();
            for (Path child : foldersIn(directory)) {
                NavigableMap<Long, Path> versions = versionsIn(child);
                if (!versions.isEmpty()) {
                    models.add(new SavedModelFiles(nameOf(child), true, child, versions));
                }
            }
            return models;
        } catch (IOException | UncheckedIOException e) {
            throw new ModelLoadException("can't read the model directory " + directory, e);
        }
    }

    private static NavigableMap<Long, Path> versionsIn(Path folder) throws IOException {
        NavigableMap<Long, Path> versions = new TreeMap<>();
        for (Path parent : List.of(folder, folder.resolve("export").resolve("Servo"))) {
            if (!Files.isDirectory(parent)) {
                continue;
            }
            for (Path child : foldersIn(parent)) {
                String name = child.getFileName().toString();
                if (VERSION.matcher(name).matches()
                        && Files.isRegularFile(child.resolve(SAVED_MODEL))) {
                    versions.put(Long.parseLong(name), child);
                }
            }
        }
        if (versions.isEmpty() && Files.isRegularFile(folder.resolve(SAVED_MODEL))) {
            String name = nameOf(folder);
            versions.put(VERSION.matcher(name).matches() ? Long.parseLong(name) : 1L, folder);
        }
        return versions;
    }

    private static List<Path> foldersIn(Path directory) throws IOException {
        List<Path> folders = new ArrayList<>();
        try (DirectoryStream<Path> children = Files.newDirectoryStream(directory)) {
            for (Path child : children) {
                if (Files.isDirectory(child) && !child.getFileName().toString().startsWith(".")) {
                    folders.add(child);
                }
            }
        }
        folders.sort(null);
        return folders;
    }

    private static String nameOf(Path folder) {
        Path name = folder.toAbsolutePath().normalize().getFileName();
        return name == null ? "model" : name.toString();
    }
}
