package io.bactrian.validation;

import io.bactrian.model.FileErrorMessage;
import io.bactrian.route.ConfigurationException;
import io.bactrian.route.LoadFault;
import io.bactrian.route.UnstartedRoutes;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.camel.component.platform.http.spi.PlatformHttpEngine;

/**
 * Validates route files: whether they are YAML, whether Camel's schema allows what is in them, and
 * whether what they refer to exists. Each fault has its position.
 */
public final class RouteValidator {

    private static final Comparator<RouteFault> BY_POSITION =
            Comparator.comparingInt(RouteFault::line).thenComparingInt(RouteFault::column);

    private final RouteSchema schema = new RouteSchema();

    /** Those of the files that are YAML. */
    private final Map<Path, FaultLocator> locators = new HashMap<>();

    /**
     * Validates files without models. What needs their signatures is not checked.
     *
     * @param files those of one folder know each other's beans, and the classes in its {@code lib}
     * @param engine what routes from {@code platform-http:} would be served by
     * @return the faults by file, each file with its own in the order of their positions
     * @throws ConfigurationException if a folder of classes can't be read
     */
    public Map<Path, List<RouteFault>> validate(List<Path> files, PlatformHttpEngine engine) {
        Map<Path, List<RouteFault>> faults = validateText(files);
        Map<Path, List<Path>> folders = new LinkedHashMap<>();
        for (Path file : files) {
            folders.computeIfAbsent(absolute(file).resolveSibling(""), any -> new ArrayList<>())
                    .add(file);
        }
        for (Map.Entry<Path, List<Path>> folder : folders.entrySet()) {
            // What can't be read would be missing to the folder's other files.
            if (locators.keySet().containsAll(folder.getValue())) {
                List<LoadFault> loaded =
                        UnstartedRoutes.check(folder.getKey(), folder.getValue(), engine);
                dropUnconfirmed(faults, folder.getValue(), loaded);
                if (faultless(faults).containsAll(folder.getValue())) {
                    loaded.forEach(fault -> add(faults, fileOf(fault), fault));
                }
            }
        }
        return faults;
    }

    /**
     * Validates files that a server has loaded with their models.
     *
     * @param files the files
     * @param loaded what was wrong as they were loaded, with these files and others
     * @return the faults by file, each file with its own in the order of their positions
     */
    public Map<Path, List<RouteFault>> validate(List<Path> files, Collection<LoadFault> loaded) {
        Map<Path, List<RouteFault>> faults = validateText(files);
        Map<Path, Path> byLoadedPath = new HashMap<>();
        files.forEach(file -> byLoadedPath.put(absolute(file), file));
        dropUnconfirmed(faults, files, loaded);
        Set<Path> readable = faultless(faults);
        // Of what the schema does not allow, Camel's message says the same in other words.
        for (LoadFault fault : loaded) {
            Path file = fault.file() == null ? null : byLoadedPath.get(absolute(fault.file()));
            if (file != null && readable.contains(file)) {
                add(faults, file, fault);
            }
        }
        return faults;
    }

    /**
     * Drops what the schema does not allow in files that Camel loads without a fault: it takes more
     * than its schema, such as {@code loggingLevel: info}.
     */
    private void dropUnconfirmed(
            Map<Path, List<RouteFault>> faults, List<Path> files, Collection<LoadFault> loaded) {
        Set<Path> confirmed =
                loaded.stream()
                        .map(LoadFault::file)
                        .filter(Objects::nonNull)
                        .map(RouteValidator::absolute)
                        .collect(Collectors.toSet());
        boolean isScopeBroken = loaded.stream().anyMatch(fault -> fault.file() == null);
        for (Path file : files) {
            if (!isScopeBroken
                    && locators.containsKey(file)
                    && !confirmed.contains(absolute(file))) {
                faultsOf(faults, file).clear();
            }
        }
    }

    private static Path fileOf(LoadFault fault) {
        return Objects.requireNonNull(fault.file(), "the file");
    }

    private Map<Path, List<RouteFault>> validateText(List<Path> files) {
        Map<Path, List<RouteFault>> faults = new LinkedHashMap<>();
        for (Path file : files) {
            List<RouteFault> found = new ArrayList<>();
            try {
                YamlDocument document = YamlDocument.parse(read(file));
                locators.put(file, new FaultLocator(document));
                // The schema is that of lists; Camel takes a Pipe of Camel K as well.
                boolean isPipe = document.root().path("kind").asText().equals("Pipe");
                List<RouteSchema.SchemaFault> schemaFaults =
                        isPipe ? List.of() : schema.validate(document.root());
                for (RouteSchema.SchemaFault fault : schemaFaults) {
                    found.add(
                            new RouteFault(
                                    file, document.position(fault.pointer()), fault.message()));
                }
            } catch (YamlException e) {
                found.add(new RouteFault(file, e.position(), String.valueOf(e.getMessage())));
            }
            found.sort(BY_POSITION);
            faults.put(file, found);
        }
        return faults;
    }

    private static String read(Path file) throws YamlException {
        try {
            String text = Files.readString(file);
            if (text.isBlank()) {
                throw new YamlException(Position.START, "the file is empty");
            }
            return text;
        } catch (CharacterCodingException e) {
            throw new YamlException(Position.START, "the file is not UTF-8");
        } catch (IOException e) {
            throw new YamlException(Position.START, FileErrorMessage.of(e));
        }
    }

    private void add(Map<Path, List<RouteFault>> faults, Path file, LoadFault fault) {
        FaultLocator locator = Objects.requireNonNull(locators.get(file), "a file that is YAML");
        List<RouteFault> ofFile = faultsOf(faults, file);
        ofFile.add(new RouteFault(file, locator.locate(fault), fault.reason()));
        ofFile.sort(BY_POSITION);
    }

    private static Set<Path> faultless(Map<Path, List<RouteFault>> faults) {
        return faults.entrySet().stream()
                .filter(file -> file.getValue().isEmpty())
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    private static List<RouteFault> faultsOf(Map<Path, List<RouteFault>> faults, Path file) {
        return Objects.requireNonNull(faults.get(file), "a file that is validated");
    }

    private static Path absolute(Path file) {
        return file.toAbsolutePath().normalize();
    }
}
