package io.bactrian.test;

import io.bactrian.container.Container;
import io.bactrian.container.ContainerConfig;
import io.bactrian.route.LoadFault;
import io.bactrian.route.RouteCoverage;
import io.bactrian.serving.LocalPipelines;
import io.bactrian.validation.RouteValidator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;

/** The started pipelines and the stubs of a class with {@link BactrianTest}. */
final class PipelinesUnderTest implements AutoCloseable {

    private static final String STRICT = "BACTRIAN_STRICT";

    private final Path empty;
    private final boolean checksTensors;
    private final ContainerConfig config;
    private final List<StubModel> stubs;
    private final LocalPipelines local;
    private final Pipelines pipelines;
    private volatile boolean hasRunTests;

    private PipelinesUnderTest(BactrianTest test, List<StubModel> stubs) throws IOException {
        this.stubs = stubs;
        checksTensors = test.checkTensors();
        List<Path> routes = Arrays.stream(test.routes()).map(Path::of).toList();
        if (routes.isEmpty() && test.models().isEmpty() && stubs.isEmpty()) {
            throw new ExtensionConfigurationException(
                    "@BactrianTest names neither routes nor models, and there is no StubModel");
        }
        routes.forEach(PipelinesUnderTest::checkExists);
        checkExists(Path.of(test.models()));
        // A folder without models, or without routes, where there are to be none.
        empty = Files.createTempDirectory("bactrian");
        empty.toFile().deleteOnExit();
        List<Path> files = routes.stream().filter(Files::isRegularFile).toList();
        Map<String, String> settings = settings(test);
        // For the container of ServerContract.
        settings.put("BACTRIAN_HOST", "127.0.0.1");
        settings.put("SAGEMAKER_BIND_TO_PORT", "0");
        settings.put(
                "BACTRIAN_MODEL_DIR", test.models().isEmpty() ? empty.toString() : test.models());
        settings.put("BACTRIAN_ROUTES_DIR", folder(routes).toString());
        ContainerConfig all = ContainerConfig.of(settings);
        config = files.isEmpty() ? all : all.withRouteFiles(files);
        RouteCoverage coverage = new RouteCoverage();
        local = new LocalPipelines(config.serving());
        local.contexts().customize(coverage::observe);
        stubs.forEach(stub -> local.repository().substitute(stub));
        stubs.forEach(StubModel::declare);
        pipelines =
                new Pipelines(local, coverage, checksTensors, () -> Container.start(config, stubs));
    }

    /**
     * {@return the pipelines, started}
     *
     * @throws ExtensionConfigurationException if a route or model can't be served, saying why
     */
    static PipelinesUnderTest start(BactrianTest test, List<StubModel> stubs) throws IOException {
        PipelinesUnderTest started = new PipelinesUnderTest(test, stubs);
        try {
            started.local.load();
            List<LoadFault> faults = started.local.loaded().faults();
            if (!faults.isEmpty() && !settings(test).containsKey(STRICT)) {
                throw new ExtensionConfigurationException(
                        "the pipelines can't be tested:\n  "
                                + String.join("\n  ", started.describe(faults)));
            }
            return started;
        } catch (Throwable e) {
            started.close();
            throw e;
        }
    }

    /** {@return the faults in sentences, those in route files with their lines} */
    private List<String> describe(List<LoadFault> faults) {
        List<String> sentences =
                new ArrayList<>(
                        faults.stream()
                                .filter(fault -> fault.file() == null)
                                .map(LoadFault::message)
                                .toList());
        List<Path> files =
                faults.stream().map(LoadFault::file).filter(Objects::nonNull).distinct().toList();
        new RouteValidator()
                .validate(files, faults)
                .values()
                .forEach(ofFile -> ofFile.forEach(each -> sentences.add(each.toString())));
        return sentences;
    }

    private static Map<String, String> settings(BactrianTest test) {
        Map<String, String> settings = new HashMap<>();
        for (String setting : test.settings()) {
            int equals = setting.indexOf('=');
            if (equals < 0) {
                throw new ExtensionConfigurationException(
                        "a setting is NAME=value, not " + setting);
            }
            settings.put(setting.substring(0, equals), setting.substring(equals + 1));
        }
        return settings;
    }

    private static void checkExists(Path file) {
        if (Files.notExists(file)) {
            throw new ExtensionConfigurationException(
                    "there is no " + file + " in " + Path.of("").toAbsolutePath());
        }
    }

    private Path folder(List<Path> routes) {
        if (routes.isEmpty()) {
            return empty;
        }
        List<Path> folders =
                routes.stream()
                        .map(
                                each ->
                                        Files.isDirectory(each)
                                                ? each
                                                : each.toAbsolutePath().getParent())
                        .filter(Objects::nonNull)
                        .map(Path::toAbsolutePath)
                        .distinct()
                        .toList();
        if (folders.size() > 1) {
            throw new ExtensionConfigurationException(
                    "routes must be one folder, or files of one: " + folders);
        }
        return folders.get(0);
    }

    Pipelines pipelines() {
        return pipelines;
    }

    List<StubModel> stubs() {
        return stubs;
    }

    /** {@return whether tensors that are not freed after a test make it fail} */
    boolean checksTensors() {
        return checksTensors;
    }

    /** Makes the stubs as they were declared, for the next test. */
    void prepareTest() {
        hasRunTests = true;
        reset();
    }

    /** {@return whether a test has begun} */
    boolean hasRunTests() {
        return hasRunTests;
    }

    private void reset() {
        stubs.forEach(StubModel::reset);
    }

    @Override
    public void close() throws IOException {
        // The class may run again in this JVM.
        reset();
        local.close();
        Files.deleteIfExists(empty);
    }
}
