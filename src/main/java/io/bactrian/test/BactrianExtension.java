package io.bactrian.test;

import io.bactrian.route.RouteCoverage;
import java.io.IOException;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestInstancePostProcessor;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.HierarchyTraversalMode;
import org.junit.platform.commons.support.ReflectionSupport;

/** JUnit's extension behind {@link BactrianTest}. */
final class BactrianExtension
        implements BeforeAllCallback,
                AfterAllCallback,
                BeforeEachCallback,
                AfterEachCallback,
                TestInstancePostProcessor,
                ParameterResolver {

    private static final ExtensionContext.Namespace NAMESPACE =
            ExtensionContext.Namespace.create(BactrianExtension.class);

    BactrianExtension() {}

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        start(context);
        Class<?> testClass = context.getRequiredTestClass();
        for (Field field : fields(testClass, BactrianExtension::isInjected)) {
            if (Modifier.isStatic(field.getModifiers())) {
                throw new ExtensionConfigurationException(
                        field + " must not be static: the fields of each instance are set");
            }
        }
        List<StubModel> started = underTest(context).stubs();
        for (StubModel stub : stubs(testClass)) {
            if (!started.contains(stub)) {
                throw new ExtensionConfigurationException(
                        stub
                                + " of "
                                + testClass.getName()
                                + " must be a field of the class with @BactrianTest, whose routes"
                                + " are bound to its signature when they start");
            }
        }
    }

    /**
     * Starts the pipelines of a class that is annotated, unless they are. Those of a nested class
     * without the annotation are those of the class around it.
     */
    private static void start(ExtensionContext context) throws IOException, IllegalAccessException {
        Class<?> testClass = context.getRequiredTestClass();
        Optional<BactrianTest> test =
                AnnotationSupport.findAnnotation(testClass, BactrianTest.class);
        ExtensionContext.Store store = context.getStore(NAMESPACE);
        if (test.isPresent() && store.get(testClass) == null) {
            store.put(
                    PipelinesUnderTest.class,
                    PipelinesUnderTest.start(test.get(), stubs(testClass)));
            store.put(testClass, true);
        }
    }

    private static List<StubModel> stubs(Class<?> testClass) throws IllegalAccessException {
        List<StubModel> stubs = new ArrayList<>();
        for (Field field : fields(testClass, field -> field.getType() == StubModel.class)) {
            if (!Modifier.isStatic(field.getModifiers())) {
                throw new ExtensionConfigurationException(
                        field
                                + " must be static: the routes are bound to its signature when"
                                + " they start, once for the class");
            }
            field.setAccessible(true);
            StubModel stub = (StubModel) field.get(null);
            if (stub == null) {
                throw new ExtensionConfigurationException(
                        field + " must have its value when the class is initialized");
            }
            stubs.add(stub);
        }
        return stubs;
    }

    private static List<Field> fields(Class<?> testClass, Predicate<Field> condition) {
        return ReflectionSupport.findFields(testClass, condition, HierarchyTraversalMode.BOTTOM_UP);
    }

    private static boolean isInjected(Field field) {
        return isInjected(field.getType());
    }

    private static boolean isInjected(Class<?> type) {
        return type == Pipelines.class || type == Pipeline.class;
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
        ExtensionContext.Store store = context.getStore(NAMESPACE);
        if (store.remove(context.getRequiredTestClass()) == null) {
            return;
        }
        // Removed, since JUnit closes what is left in the store.
        PipelinesUnderTest ended = store.remove(PipelinesUnderTest.class, PipelinesUnderTest.class);
        try (ended) {
            // Where all are disabled, or @BeforeAll has failed, it would only say that none ran.
            if (!ended.hasRunTests()) {
                return;
            }
            RouteCoverage coverage = ended.pipelines().coverage();
            context.publishReportEntry("route coverage", coverage.toString().strip());
            if (!coverage.missed().isEmpty()) {
                System.out.print("route coverage of " + context.getDisplayName() + "\n" + coverage);
            }
        }
    }

    private static PipelinesUnderTest underTest(ExtensionContext context) {
        return context.getStore(NAMESPACE).get(PipelinesUnderTest.class, PipelinesUnderTest.class);
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        underTest(context).prepareTest();
        context.getStore(NAMESPACE).put(TensorLeakCheck.class, new TensorLeakCheck());
    }

    @Override
    public void afterEach(ExtensionContext context) {
        // Of a test that has failed, JUnit keeps this failure as a suppressed one.
        if (underTest(context).checksTensors()) {
            context.getStore(NAMESPACE).get(TensorLeakCheck.class, TensorLeakCheck.class).check();
        }
    }

    /** With one instance for the class, this is called before {@link #beforeAll}. */
    @Override
    public void postProcessTestInstance(Object instance, ExtensionContext context)
            throws IOException, IllegalAccessException {
        start(context);
        for (Field field : fields(instance.getClass(), BactrianExtension::isInjected)) {
            // A final field, as of a record, is set by the constructor from its parameter.
            if ((field.getModifiers() & (Modifier.STATIC | Modifier.FINAL)) == 0) {
                field.setAccessible(true);
                field.set(instance, value(field.getType(), field, context));
            }
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return isInjected(parameter.getParameter().getType());
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        try {
            start(context);
        } catch (IOException | IllegalAccessException e) {
            throw new ParameterResolutionException("the pipelines can't be started", e);
        }
        return value(parameter.getParameter().getType(), parameter.getParameter(), context);
    }

    private static Object value(Class<?> type, AnnotatedElement place, ExtensionContext context) {
        Pipelines pipelines = underTest(context).pipelines();
        if (type == Pipelines.class) {
            return pipelines;
        }
        Named named = place.getAnnotation(Named.class);
        return named == null ? pipelines.only() : pipelines.get(named.value());
    }
}
