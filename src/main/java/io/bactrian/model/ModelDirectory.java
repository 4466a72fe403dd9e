package io.bactrian.model;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The SavedModels in a directory, in the layouts of SageMaker and TensorFlow Serving:
 *
 * <ul>
 *   <li>{@code saved_model.pb} in the directory itself;
 *   <li>{@code <version>/saved_model.pb}, or the same below {@code export/Servo/};
 *   <li>any of these in {@code <name>/}, for each of several models.
 * </ul>
 *
 * Versions are integers, with leading zeros allowed. Hidden folders and those that macOS and file
 * systems create are skipped. Nothing is written.
 *
 * <p>A folder that looks like a model but can't be served is listed with its problem, so that the
 * problem can be reported at start and to requests. It does not hide the other models.
 *
 * @param models the models, including those with a problem
 * @param warnings likely mistakes that do not prevent a model from being served
 */
public record ModelDirectory(List<ModelVersions> models, List<String> warnings) {

    static final String SAVED_MODEL = "saved_model.pb";

    private static final Pattern VERSION = Pattern.compile("\\d+");
    private static final BigInteger MAX_VERSION = BigInteger.valueOf(Long.MAX_VALUE);
    private static final Set<String> SYSTEM_FOLDERS = Set.of("__MACOSX", "lost+found");

    /** The folder with a model's own pre- and post-processing. */
    private static final String CODE = "code";

    /** A folder that is named by a version. */
    private record VersionFolder(BigInteger number, Path path, boolean complete) {

        boolean isTooLarge() {
            return number.compareTo(MAX_VERSION) > 0;
        }
    }

    /**
     * Lists a model directory.
     *
     * @param directory such as {@code /opt/ml/model}
     * @return the models found, and warnings
     * @throws ModelLoadException if the directory is missing or can't be read
     */
    public static ModelDirectory read(Path directory) {
        try {
            if (!isFolder(directory)) {
                throw new ModelLoadException("no model directory " + directory);
            }
            ModelVersions own = model(directory, false);
            List<ModelVersions> named = new ArrayList<>();
            List<String> empty = new ArrayList<>();
            for (Path child : foldersIn(directory)) {
                if (child.endsWith(CODE)) {
                    continue;
                }
                ModelVersions model = named(child);
                if (model != null) {
                    named.add(model);
                } else if (isEmpty(child)) {
                    empty.add(child + " is empty: no model is served from it");
                }
            }
            return own == null ? severalIn(directory, named, empty) : loneIn(directory, own, named);
        } catch (IOException | UncheckedIOException e) {
            throw new ModelLoadException(
                    "can't read the model directory " + directory + ": " + FileErrorMessage.of(e),
                    e);
        }
    }

    private static ModelDirectory loneIn(
            Path directory, ModelVersions own, List<ModelVersions> named) {
        List<String> warnings = new ArrayList<>();
        for (ModelVersions model : named) {
            if (model.problem() == null && !isVersion(model.folder())) {
                warnings.add(
                        model.folder()
                                + " is a model as well and is not served, since "
                                + directory
                                + " is one itself: give each model a folder of its own");
            }
        }
        return new ModelDirectory(List.of(own), warnings);
    }

    private static ModelDirectory severalIn(
            Path directory, List<ModelVersions> named, List<String> warnings) throws IOException {
        // A number without a model is meant as a version, not as a model's name.
        named.removeIf(model -> model.problem() != null && isVersion(model.folder()));
        String instead = SavedModelDiagnosis.explainFiles(directory);
        if (named.stream().anyMatch(ModelVersions::isCertain)) {
            if (instead != null) {
                warnings.add(instead);
            }
            return new ModelDirectory(named, warnings);
        }
        ModelVersions incomplete = incomplete(directory, false);
        if (incomplete != null) {
            named.add(incomplete);
        } else if (instead != null && named.isEmpty()) {
            named.add(broken(directory, false, instead));
        }
        return new ModelDirectory(named, warnings);
    }

    /** {@return the model in a subfolder, or null if the folder does not look like a model} */
    private static @Nullable ModelVersions named(Path folder) {
        try {
            ModelVersions model = model(folder, true);
            if (model == null) {
                model = incomplete(folder, true);
            }
            if (model == null) {
                String instead = SavedModelDiagnosis.explain(folder);
                model = instead == null ? null : broken(folder, true, instead);
            }
            return model;
        } catch (IOException | UncheckedIOException e) {
            return broken(folder, true, FileErrorMessage.of(e));
        }
    }

    /** {@return the model, or null if there is no {@code saved_model.pb} in any of the layouts} */
    private static @Nullable ModelVersions model(Path folder, boolean named) throws IOException {
        List<VersionFolder> numbers = versionFoldersIn(folder);
        NavigableMap<Long, Path> versions = new TreeMap<>();
        for (VersionFolder version : numbers) {
            if (version.complete() && !version.isTooLarge()) {
                versions.put(version.number().longValue(), version.path());
            }
        }
        if (numbers.stream().anyMatch(VersionFolder::complete)) {
            return new ModelVersions(
                    nameOf(folder), named, folder, versions, problemOfHighest(numbers));
        }
        if (isFile(folder.resolve(SAVED_MODEL))) {
            BigInteger number = isVersion(folder) ? new BigInteger(nameOf(folder)) : BigInteger.ONE;
            versions.put(number.min(MAX_VERSION).longValue(), folder);
            return new ModelVersions(nameOf(folder), named, folder, versions, null);
        }
        return null;
    }

    /** {@return a model whose version folders all lack {@code saved_model.pb}, or null} */
    private static @Nullable ModelVersions incomplete(Path folder, boolean named)
            throws IOException {
        List<VersionFolder> numbers = versionFoldersIn(folder);
        if (numbers.isEmpty()) {
            return null;
        }
        NavigableMap<Long, Path> versions = new TreeMap<>();
        for (VersionFolder version : numbers) {
            versions.put(version.number().min(MAX_VERSION).longValue(), version.path());
        }
        return new ModelVersions(
                nameOf(folder), named, folder, versions, problemOfHighest(numbers));
    }

    private static ModelVersions broken(Path folder, boolean named, String problem) {
        return new ModelVersions(nameOf(folder), named, folder, new TreeMap<>(), problem);
    }

    private static @Nullable String problemOfHighest(List<VersionFolder> ascending)
            throws IOException {
        VersionFolder highest = ascending.get(ascending.size() - 1);
        if (isBrokenLink(highest.path())) {
            return "its highest version, "
                    + highest.path()
                    + ", is a symbolic link to "
                    + Files.readSymbolicLink(highest.path())
                    + ", which does not exist";
        }
        if (isFile(highest.path())) {
            return "its highest version, " + highest.path() + ", is a file and not a folder";
        }
        if (!highest.complete()) {
            String instead = SavedModelDiagnosis.explain(highest.path());
            return "its highest version, "
                    + highest.path()
                    + ", has no "
                    + SAVED_MODEL
                    + (instead == null ? "" : ": " + instead);
        }
        if (highest.isTooLarge()) {
            return "its highest version, "
                    + highest.path()
                    + ", is larger than "
                    + MAX_VERSION
                    + ", the largest number that a version can have";
        }
        if (ascending.size() > 1) {
            VersionFolder next = ascending.get(ascending.size() - 2);
            if (next.number().equals(highest.number())) {
                return next.path() + " and " + highest.path() + " are the same version";
            }
        }
        return null;
    }

    /** {@return the version folders in ascending order} */
    private static List<VersionFolder> versionFoldersIn(Path folder) throws IOException {
        List<VersionFolder> found = new ArrayList<>();
        for (Path parent : List.of(folder, folder.resolve("export").resolve("Servo"))) {
            if (!isFolder(parent)) {
                continue;
            }
            List<Path> children = foldersIn(parent);
            children.addAll(nonFoldersIn(parent));
            for (Path child : children) {
                if (isVersion(child)) {
                    found.add(
                            new VersionFolder(
                                    new BigInteger(nameOf(child)),
                                    child,
                                    isFile(child.resolve(SAVED_MODEL))));
                }
            }
        }
        found.sort(Comparator.comparing(VersionFolder::number));
        return found;
    }

    static boolean isVersion(Path folder) {
        return VERSION.matcher(nameOf(folder)).matches();
    }

    static List<Path> foldersIn(Path directory) throws IOException {
        List<Path> folders = new ArrayList<>();
        try (DirectoryStream<Path> children = Files.newDirectoryStream(directory)) {
            for (Path child : children) {
                String name = child.getFileName().toString();
                if (!name.startsWith(".") && !SYSTEM_FOLDERS.contains(name) && isFolder(child)) {
                    folders.add(child);
                }
            }
        }
        folders.sort(null);
        return folders;
    }

    /** A version that is a file or a dangling link is a mistake to report. */
    private static List<Path> nonFoldersIn(Path directory) throws IOException {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> children = Files.newDirectoryStream(directory)) {
            for (Path child : children) {
                if (!isFolder(child)) {
                    found.add(child);
                }
            }
        }
        return found;
    }

    private static boolean isEmpty(Path folder) throws IOException {
        try (DirectoryStream<Path> children = Files.newDirectoryStream(folder)) {
            return !children.iterator().hasNext();
        }
    }

    private static boolean isBrokenLink(Path path) throws IOException {
        return Files.isSymbolicLink(path) && attributes(path) == null;
    }

    private static boolean isFolder(Path path) throws IOException {
        BasicFileAttributes attributes = attributes(path);
        return attributes != null && attributes.isDirectory();
    }

    static boolean isFile(Path path) throws IOException {
        BasicFileAttributes attributes = attributes(path);
        return attributes != null && attributes.isRegularFile();
    }

    /**
     * {@return the attributes, or null if the file does not exist}
     *
     * @throws AccessDeniedException where {@link Files#isDirectory} would return false
     */
    private static @Nullable BasicFileAttributes attributes(Path path) throws IOException {
        try {
            return Files.readAttributes(path, BasicFileAttributes.class);
        } catch (AccessDeniedException e) {
            throw e;
        } catch (FileSystemException e) {
            return null;
        }
    }

    private static String nameOf(Path folder) {
        Path name = folder.toAbsolutePath().normalize().getFileName();
        return name == null ? "model" : name.toString();
    }
}
