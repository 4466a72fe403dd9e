package io.bactrian;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The dependencies between packages, as documented in docs/architecture.md. */
class ArchitectureTest {

    private static final String ROOT = "io.bactrian";

    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages(ROOT);

    /** The packages on which each package may depend, both without {@code io.bactrian.}. */
    private static final Map<String, Set<String>> ARROWS = arrows();

    private static Map<String, Set<String>> arrows() {
        Map<String, Set<String>> arrows = new TreeMap<>();
        add(arrows, "error");
        add(arrows, "log");
        add(arrows, "setting");
        add(arrows, "limit", "error");
        add(arrows, "tensor", "error");
        add(arrows, "session", "tensor", "limit", "error");
        add(arrows, "model.graph", "tensor");
        add(arrows, "model", "model.graph", "session", "setting", "tensor", "limit", "error");
        add(arrows, "pipeline", "tensor", "limit", "error");
        add(arrows, "format", "pipeline", "tensor", "limit", "error");
        add(arrows, "preprocess.table", "format", "pipeline", "tensor", "error");
        add(arrows, "preprocess.audio", "tensor", "limit", "error");
        add(arrows, "preprocess.image", "pipeline", "session", "tensor", "limit", "error");
        add(arrows, "preprocess.text", "pipeline", "tensor", "error");
        add(
                arrows,
                "preprocess",
                "preprocess.audio",
                "preprocess.image",
                "preprocess.table",
                "preprocess.text",
                "format",
                "pipeline",
                "tensor",
                "limit",
                "error");
        add(arrows, "postprocess.image", "preprocess.image", "pipeline", "limit", "error");
        add(arrows, "postprocess.mask", "pipeline", "error");
        add(
                arrows,
                "postprocess",
                "postprocess.image",
                "postprocess.mask",
                "format",
                "preprocess.image",
                "preprocess.table",
                "preprocess.text",
                "pipeline",
                "tensor",
                "limit",
                "error");
        add(
                arrows,
                "tensorflow",
                "model",
                "model.graph",
                "pipeline",
                "setting",
                "tensor",
                "limit",
                "error");
        add(arrows, "predict", "tensorflow", "model", "format", "pipeline", "tensor");
        add(
                arrows,
                "route",
                "predict",
                "tensorflow",
                "model",
                "format",
                "pipeline",
                "limit",
                "error");
        add(arrows, "invocation", "pipeline", "tensor", "limit", "error");
        add(arrows, "cases", "invocation");
        add(
                arrows,
                "serving",
                "cases",
                "invocation",
                "route",
                "model",
                "pipeline",
                "limit",
                "error");
        add(arrows, "validation", "route", "model");
        add(
                arrows,
                "scaffold",
                "route",
                "preprocess",
                "preprocess.text",
                "postprocess",
                "pipeline",
                "model",
                "model.graph",
                "tensor");
        add(arrows, "inference", "invocation", "format", "pipeline", "model", "tensor", "limit");
        add(
                arrows,
                "tfserving",
                "invocation",
                "format",
                "pipeline",
                "model",
                "tensor",
                "limit",
                "error");
        add(
                arrows,
                "container.http",
                "inference",
                "tfserving",
                "serving",
                "invocation",
                "route",
                "pipeline",
                "model",
                "tensor",
                "limit",
                "error");
        add(
                arrows,
                "container",
                "container.http",
                "serving",
                "invocation",
                "route",
                "model",
                "pipeline",
                "tensor",
                "limit",
                "log",
                "setting",
                "error");
        add(
                arrows,
                "test",
                "container.http",
                "container",
                "validation",
                "tensorflow",
                "serving",
                "cases",
                "invocation",
                "route",
                "model",
                "pipeline",
                "tensor",
                "limit");
        add(
                arrows,
                "command",
                "container",
                "scaffold",
                "validation",
                "serving",
                "cases",
                "invocation",
                "route",
                "model.graph",
                "model",
                "session",
                "tensor",
                "limit",
                "error");
        add(arrows, "", "command", "container", "route", "model", "tensor", "limit", "log");
        return arrows;
    }

    private static void add(Map<String, Set<String>> arrows, String from, String... to) {
        arrows.put(from, new TreeSet<>(Arrays.asList(to)));
    }

    private static String packageOf(JavaClass type) {
        String name = type.getPackageName();
        return name.equals(ROOT) ? "" : name.substring(ROOT.length() + 1);
    }

    @Test
    void packagesHaveOnlyDocumentedDependencies() {
        Map<String, Set<String>> forbidden = new TreeMap<>();
        for (JavaClass type : CLASSES) {
            String from = packageOf(type);
            assertTrue(ARROWS.containsKey(from), () -> "package " + from + " has no entry here");
            for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                JavaClass target = dependency.getTargetClass().getBaseComponentType();
                if (!target.getPackageName().startsWith(ROOT)) {
                    continue;
                }
                String to = packageOf(target);
                if (!to.equals(from) && !ARROWS.get(from).contains(to)) {
                    forbidden
                            .computeIfAbsent(from + " -> " + to, any -> new TreeSet<>())
                            .add(type.getSimpleName() + " uses " + target.getSimpleName());
                }
            }
        }
        assertEquals(Map.of(), forbidden);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("io.bactrian.(**)").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void modelsAndTensorsDependOnNeitherCamelNorHttp() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "io.bactrian.error",
                        "io.bactrian.limit",
                        "io.bactrian.tensor",
                        "io.bactrian.model..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.apache.camel..", "io.vertx..", "io.netty..")
                .check(CLASSES);
    }

    @Test
    void onlyTheContainerDependsOnHttp() {
        noClasses()
                .that()
                .resideOutsideOfPackages("io.bactrian.container..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.vertx..", "io.netty..")
                .check(CLASSES);
    }

    @Test
    void graphAnalysisRunsNoSession() {
        noClasses()
                .that()
                .resideInAPackage("io.bactrian.model.graph")
                .should()
                .dependOnClassesThat()
                .haveSimpleNameContaining("Session")
                .check(CLASSES);
    }
}
