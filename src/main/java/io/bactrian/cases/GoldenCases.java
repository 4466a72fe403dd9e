package io.bactrian.cases;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads the {@linkplain GoldenCase golden cases} of a folder. The cases in a subfolder are for the
 * pipeline of its name; what lies below that only groups them.
 */
public final class GoldenCases {

    /** The folder beside pipelines that holds their cases. */
    public static final String FOLDER = "cases";

    /** {@code spam.request.json}; the extension may be missing. */
    private static final Pattern BODY =
            Pattern.compile("(?<name>.+)\\.(?<kind>request|expected)(\\.[^.]+)?");

    private final Path folder;
    private final String prefix;
    private final @Nullable String pipeline;
    private final Map<Path, Path> requests = new TreeMap<>();
    private final Map<Path, Path> expected = new TreeMap<>();
    private final Map<Path, Path> settings = new TreeMap<>();

    private GoldenCases(Path folder, String prefix, @Nullable String pipeline) {
        this.folder = folder;
        this.prefix = prefix;
        this.pipeline = pipeline;
    }

    /**
     * {@return the cases of a folder in the order of their names}
     *
     * @param folder a folder
     * @param pipeline the pipeline of cases that are in no subfolder and name none; null for the
     *     default
     * @throws CaseException if there is no such folder, or a file is not what it should be
     */
    public static List<GoldenCase> in(Path folder, @Nullable String pipeline) {
        return in(folder, "", pipeline);
    }

    /**
     * {@return the cases of a folder that must have some}
     *
     * @param folder the folder with the cases' files
     * @param pipeline the pipeline of cases whose files name none; null if each must name one
     * @throws CaseException if it has none
     * @see #in(Path, String)
     */
    public static List<GoldenCase> atLeastOneIn(Path folder, @Nullable String pipeline) {
        List<GoldenCase> cases = in(folder, pipeline);
        if (cases.isEmpty()) {
            throw new CaseException(
                    "there are no golden cases in "
                            + folder
                            + ", no *"
                            + GoldenCase.REQUEST
                            + ".*");
        }
        return cases;
    }

    /**
     * {@return the cases of one of several folders}
     *
     * @param folder the folder with the cases' files
     * @param prefix what their names begin with, to tell them from those of the others
     * @param pipeline the pipeline of cases whose files name none; null if each must name one
     * @throws CaseException if there is no such folder, or a file is not what it should be
     * @see #in(Path, String)
     */
    public static List<GoldenCase> in(Path folder, String prefix, @Nullable String pipeline) {
        if (!Files.isDirectory(folder)) {
            throw new CaseException(
                    Files.exists(folder)
                            ? folder + " is a file: name the folder with the cases"
                            : "there is no folder " + folder);
        }
        GoldenCases cases = new GoldenCases(folder, prefix, pipeline);
        cases.find();
        return cases.read();
    }

    private void find() {
        // Kubernetes mounts a ConfigMap as links to files in a hidden folder.
        try (Stream<Path> files = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
            files.filter(this::isCasesFile).sorted().forEach(this::add);
        } catch (UncheckedIOException | IOException e) {
            throw CaseException.unreadable(folder, e);
        }
    }

    /** {@return whether it is a file that is not hidden, nor in a hidden folder} */
    private boolean isCasesFile(Path file) {
        for (Path each : folder.relativize(file)) {
            if (each.toString().startsWith(".")) {
                return false;
            }
        }
        return Files.isRegularFile(file);
    }

    private void add(Path file) {
        String fileName = file.getFileName().toString();
        if (fileName.endsWith(".case.yml")) {
            throw new CaseException(file + ": its name must end with " + GoldenCase.SETTINGS);
        }
        Matcher body = BODY.matcher(fileName);
        if (fileName.endsWith(GoldenCase.SETTINGS)) {
            int end = fileName.length() - GoldenCase.SETTINGS.length();
            settings.put(file.resolveSibling(fileName.substring(0, end)), file);
        } else if (body.matches()) {
            boolean isRequest = body.group("kind").equals("request");
            Map<Path, Path> files = isRequest ? requests : expected;
            Path other = files.put(file.resolveSibling(body.group("name")), file);
            if (other != null) {
                throw new CaseException(
                        "one case has one "
                                + (isRequest ? "request" : "expected answer")
                                + ", but there are "
                                + other
                                + " and "
                                + file.getFileName());
            }
        }
    }

    private List<GoldenCase> read() {
        Map<Path, CaseSettings> all = new TreeMap<>();
        requests.keySet().forEach(base -> all.put(base, CaseSettings.DEFAULTS));
        settings.forEach((base, file) -> all.put(base, CaseSettings.read(file)));
        for (Map.Entry<Path, Path> orphan : expected.entrySet()) {
            if (!all.containsKey(orphan.getKey())) {
                throw new CaseException(
                        orphan.getValue()
                                + ": there is no "
                                + orphan.getKey().getFileName()
                                + GoldenCase.REQUEST
                                + ".* beside it");
            }
        }
        List<GoldenCase> cases = new ArrayList<>();
        all.forEach(
                (base, each) -> {
                    Path relative = folder.relativize(base);
                    cases.add(
                            new GoldenCase(
                                    prefix + relative.toString().replace('\\', '/'),
                                    base,
                                    relative.getNameCount() > 1
                                            ? relative.getName(0).toString()
                                            : pipeline,
                                    requests.get(base),
                                    expected.get(base),
                                    each));
                });
        return cases;
    }
}
