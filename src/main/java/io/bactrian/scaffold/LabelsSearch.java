package io.bactrian.scaffold;

import io.bactrian.postprocess.LabelsCheck;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The search for a file with the names of a model's classes, in its folders and the assets of its
 * SavedModel.
 */
final class LabelsSearch {

    private static final Pattern NAME =
            Pattern.compile(
                    ".*(label|class|categor)[^.]*\\.(txt|tsv|json)", Pattern.CASE_INSENSITIVE);

    /** The folders in which {@code labelsFile} is searched, in that order. */
    private final List<Path> folders;

    private final List<Path> places;

    /**
     * @param code the folder of the route file
     * @param version the folder of the SavedModel
     * @param model the model's folder
     */
    LabelsSearch(Path code, Path version, Path model) {
        this.folders = List.of(code, version, model);
        this.places = List.of(code, version, version.resolve("assets"), model);
    }

    /**
     * {@return the {@code labelsFile} of a postprocessor; null if there is no file that fits}
     *
     * @param classes how many classes the model has; -1 if that is not known
     */
    @Nullable String find(long classes) {
        for (Path place : places) {
            for (Path file : filesIn(place)) {
                String location = location(file);
                if (location != null && LabelsCheck.fits(file, classes)) {
                    return location;
                }
            }
        }
        return null;
    }

    private static List<Path> filesIn(Path place) {
        if (!Files.isDirectory(place)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(place)) {
            return files.filter(file -> NAME.matcher(file.getFileName().toString()).matches())
                    .filter(Files::isRegularFile)
                    .sorted()
                    .toList();
        } catch (IOException | UncheckedIOException e) {
            // A folder that can't be read has no file that the server could read.
            return List.of();
        }
    }

    /** {@return the relative path by which this file is found; null if another is found by it} */
    private @Nullable String location(Path file) {
        for (Path folder : folders) {
            if (file.startsWith(folder)) {
                Path relative = folder.relativize(file);
                Path found =
                        folders.stream()
                                .map(each -> each.resolve(relative))
                                .filter(Files::isRegularFile)
                                .findFirst()
                                .orElse(null);
                if (file.equals(found)) {
                    return relative.toString().replace('\\', '/');
                }
            }
        }
        return null;
    }
}
