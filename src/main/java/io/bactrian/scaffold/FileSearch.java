package io.bactrian.scaffold;

import io.bactrian.postprocess.LabelsCheck;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The search for files that processors need, such as the names of a model's classes, in the model's
 * folders and the assets of its SavedModel.
 */
final class FileSearch {

    private static final Pattern LABELS =
            Pattern.compile(
                    ".*(label|class|categor)[^.]*\\.(txt|tsv|json)", Pattern.CASE_INSENSITIVE);

    /** The folders in which processors search their files, in that order. */
    private final List<Path> folders;

    private final List<Path> places;

    /**
     * @param code the folder of the route file
     * @param version the folder of the SavedModel
     * @param model the model's folder
     */
    FileSearch(Path code, Path version, Path model) {
        this.folders = List.of(code, version, model);
        this.places = List.of(code, version, version.resolve("assets"), model);
    }

    /**
     * {@return the {@code labelsFile} of a postprocessor; null if there is no file that fits}
     *
     * @param classes how many classes the model has; -1 if that is not known
     */
    @Nullable String labels(long classes) {
        return find(
                file ->
                        LABELS.matcher(file.getFileName().toString()).matches()
                                && LabelsCheck.fits(file, classes));
    }

    /** {@return the relative path of a file of a name; null if there is none} */
    @Nullable String named(String name) {
        return find(file -> file.endsWith(name));
    }

    private @Nullable String find(Predicate<Path> isMeant) {
        for (Path place : places) {
            for (Path file : filesIn(place)) {
                String location = isMeant.test(file) ? location(file) : null;
                if (location != null) {
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
            return files.filter(Files::isRegularFile).sorted().toList();
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
