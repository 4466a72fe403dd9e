package io.bactrian.test;

import java.io.IOException;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestInstancePostProcessor;

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
        ExtensionContext.Store store = context.getStore(NAMESPACE);
        Class<?> testClass = context.getRequiredTestClass();
        if (!testClass.isAnnotationPresent(BactrianTest.class)) {
            // A nested class, whose pipelines are those of the class around it.
            return;
        }
        store.put(
                PipelinesUnderTest.class,
                PipelinesUnderTest.start(annotation(testClass), stubs(testClass)));
    }

    private static BactrianTest annotation(Class<?> testClass) {
        BactrianTest annotation = testClass.getAnnotation(BactrianTest.class);
        Class<?> outer = testClass.getEnclosingClass();
        if (annotation == null && outer == null) {
            throw new ExtensionConfigurationException(testClass + " has no @BactrianTest");
        }
        return annotation == null ? annotation(outer) : annotation;
    }

    private static List<StubModel> stubs(Class<?> testClass) throws IllegalAccessException {
        List<StubModel> stubs = new ArrayList<>();
        for (Field field : fields(testClass)) {
            if (field.getType() == StubModel.class) {
                if (!Modifier.isStatic(field.getModifiers())) {
                    throw new ExtensionConfigurationException(
                            field
                                    + " must be static: the routes are bound to its signature when"
                                    + " they start, once for the class");
                }
                field.setAccessible(true);
                stubs.add((StubModel) field.get(null));
            }
        }
        return stubs;
    }

    private static List<Field> fields(Class<?> testClass) {
        List<Field> fields = new ArrayList<>();
        for (Class<?> type = testClass; type != null; type = type.getSuperclass()) {
            fields.addAll(List.of(type.getDeclaredFields()));
        }
        return fields;
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
        PipelinesUnderTest ended =
                context.getStore(NAMESPACE)
                        .remove(PipelinesUnderTest.class, PipelinesUnderTest.class);
        if (ended == null) {
            return;
        }
        try (ended) {
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
        underTest(context).reset();
        context.getStore(NAMESPACE).put(TensorLeakCheck.class, new TensorLeakCheck());
    }

    @Override
    public void afterEach(ExtensionContext context) {
        boolean hasFailed = context.getExecutionException().isPresent();
        if (!hasFailed && annotation(context.getRequiredTestClass()).checkTensors()) {
            context.getStore(NAMESPACE).get(TensorLeakCheck.class, TensorLeakCheck.class).check();
        }
    }

    @Override
    public void postProcessTestInstance(Object instance, ExtensionContext context)
            throws IllegalAccessException {
        for (Field field : fields(instance.getClass())) {
            if (!Modifier.isStatic(field.getModifiers())) {
                Object value = value(field.getType(), field, context);
                if (value != null) {
                    field.setAccessible(true);
                    field.set(instance, value);
                }
            }
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == Pipelines.class || type == Pipeline.class;
    }

    @Override
    public @Nullable Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return value(parameter.getParameter().getType(), parameter.getParameter(), context);
    }

    private static @Nullable Object value(
            Class<?> type, AnnotatedElement place, ExtensionContext context) {
        if (type == Pipelines.class) {
            return underTest(context).pipelines();
        }
        if (type == Pipeline.class) {
            Named named = place.getAnnotation(Named.class);
            Pipelines pipelines = underTest(context).pipelines();
            return named == null ? pipelines.only() : pipelines.get(named.value());
        }
        return null;
    }
}
