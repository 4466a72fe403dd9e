package io.bactrian.scaffold;

import io.bactrian.model.FileErrorMessage;
import io.bactrian.model.LoadedModel;
import io.bactrian.model.ModelLoadException;
import io.bactrian.model.ModelLoader;
import io.bactrian.model.ModelVersions;
import io.bactrian.model.SavedModelTraits;
import io.bactrian.model.Signature;
import io.bactrian.route.ConfigurationException;
import io.bactrian.route.RouteFile;
import io.bactrian.route.RouteFiles;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The scaffolding of a route file for one model of a model directory. */
public final class ModelScaffold {

    private final ModelVersions files;
    private final Path code;

    /**
     * Creates the scaffolding; nothing is read or written yet.
     *
     * @param files the model
     */
    public ModelScaffold(ModelVersions files) {
        this.files = files;
        this.code = files.folder().resolve(RouteFiles.CODE);
    }

    /**
     * {@return the model's route files; none if it has no route yet}
     *
     * @throws ConfigurationException if the folder can't be read
     */
    public List<Path> existing() {
        return RouteFiles.in(code);
    }

    /**
     * Guesses the route of the model's highest version, which is loaded for that.
     *
     * @return the route
     * @throws ModelLoadException if the model can't be served, with the reason
     */
    public RouteScaffold guess() {
        if (files.problem() != null) {
            throw new ModelLoadException(files.problem());
        }
        Path version = files.latestPath();
        try (LoadedModel model =
                ModelLoader.inspect(files.name(), files.latest(), version, false)) {
            Signature signature = signature(model);
            return RouteScaffold.of(
                    new ModelFacts(
                            files.name(),
                            signature,
                            isDefault(model, signature),
                            others(model, signature),
                            SavedModelTraits.of(version, signature),
                            new FileSearch(code, version, files.folder())));
        }
    }

    /** A model that was loaded has a signature that can be run. */
    private static Signature signature(LoadedModel model) {
        return model.canRun(null)
                ? model.signature(null)
                : model.signatures().values().stream()
                        .filter(Signature::isRunnable)
                        .findFirst()
                        .orElseThrow();
    }

    /** {@return the signatures that differ from one, unlike Keras' "serve"} */
    private static List<String> others(LoadedModel model, Signature signature) {
        return model.signatures().values().stream()
                .filter(Signature::isRunnable)
                .filter(other -> !describe(other).equals(describe(signature)))
                .map(Signature::name)
                .toList();
    }

    private static String describe(Signature signature) {
        return Stream.of(signature.inputs(), signature.outputs())
                .map(
                        tensors ->
                                tensors.values().stream()
                                        .map(ModelFacts::describe)
                                        .collect(Collectors.joining(", ")))
                .collect(Collectors.joining(" to "));
    }

    private static boolean isDefault(LoadedModel model, Signature signature) {
        return model.canRun(null) && model.signature(null).name().equals(signature.name());
    }

    /**
     * {@return the file to write a route to}
     *
     * @param route one of the routes of this scaffold
     */
    public Path target(RouteScaffold route) {
        return code.resolve(route.pipeline() + RouteFile.SUFFIX);
    }

    /**
     * Writes a route to its file.
     *
     * @param route one of the routes of this scaffold
     * @throws ConfigurationException if the file is there already, or can't be written
     */
    public void write(RouteScaffold route) {
        Path target = target(route);
        try {
            Files.createDirectories(code);
            Files.writeString(target, route.yaml(), StandardOpenOption.CREATE_NEW);
        } catch (FileAlreadyExistsException e) {
            throw new ConfigurationException(
                    "can't write " + target + ": " + e.getFile() + " is there already");
        } catch (IOException e) {
            throw new ConfigurationException(
                    "can't write " + target + ": " + FileErrorMessage.of(e));
        }
    }
}
