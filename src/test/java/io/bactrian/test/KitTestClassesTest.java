package io.bactrian.test;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.testkit.engine.EngineExecutionResults;

/** The kinds of test class that JUnit knows, as classes of {@link BactrianTest}. */
class KitTestClassesTest {

    private static final String ROUTES = "src/examples/patterns/shadow.camel.yaml";

    private static StubModel model(String name) {
        return StubModel.named(name)
                .input("x", "float32", -1, 3)
                .output("y", "float32", -1, 3)
                .answer("y", new float[][] {{0, 0, 1}});
    }

    private static void send(Pipeline pipeline) {
        pipeline.send("{\"features\": [1, 2, 3]}", "application/json")
                .expectJson("{\"predicted_class\": 2}");
    }

    /** Models that several test classes share. */
    interface Models {
        StubModel FIRST = model("first");
        StubModel SECOND = model("second");
    }

    @BactrianTest(routes = ROUTES)
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    static class OneInstance implements Models {

        Pipeline pipeline;

        @BeforeAll
        void once() {
            send(pipeline);
        }

        @Test
        void test(Pipelines pipelines) {
            assertEquals(List.of("shadow"), pipelines.names());
            send(pipeline);
            FIRST.verify();
        }
    }

    @BactrianTest(routes = ROUTES)
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    static class OneInstanceWithAConstructor implements Models {

        private final Pipeline pipeline;

        OneInstanceWithAConstructor(@Named("shadow") Pipeline pipeline) {
            this.pipeline = pipeline;
        }

        @Test
        void test() {
            send(pipeline);
        }
    }

    @BactrianTest(routes = ROUTES)
    record ARecord(Pipeline pipeline) implements Models {

        @Test
        void test() {
            send(pipeline);
        }
    }

    @BactrianTest(routes = ROUTES)
    static class Outer implements Models {

        Pipeline outer;

        @Nested
        class Inner {

            Pipeline pipeline;

            @Test
            void test() {
                send(pipeline);
                send(outer);
            }

            @Nested
            @TestInstance(TestInstance.Lifecycle.PER_CLASS)
            class Innermost {

                Pipeline pipeline;

                @Test
                void test() {
                    send(pipeline);
                }
            }
        }

        @Test
        void test() {
            send(outer);
        }
    }

    abstract static class Inherited implements Models {

        Pipeline pipeline;

        @Nested
        class Inner {
            @Test
            void test() {
                send(pipeline);
            }
        }
    }

    @BactrianTest(routes = ROUTES)
    static class OfAClassWithNested extends Inherited {}

    @BactrianTest(routes = ROUTES)
    interface Annotated extends Models {}

    static class OfAnAnnotatedInterface implements Annotated {
        @Test
        void test(Pipeline pipeline) {
            send(pipeline);
        }
    }

    @Retention(RetentionPolicy.RUNTIME)
    @BactrianTest(routes = ROUTES)
    @interface ShadowTest {}

    @ShadowTest
    static class OfAnotherAnnotation implements Models {
        @Test
        void test(Pipeline pipeline) {
            send(pipeline);
        }
    }

    @BactrianTest(routes = ROUTES)
    static class OnlyDisabled implements Models {
        @Disabled("to see what is printed")
        @Test
        void test() {}
    }

    @BactrianTest(routes = ROUTES)
    static class StaticField implements Models {

        static Pipeline pipeline;

        @Test
        void test() {}
    }

    @BactrianTest(routes = ROUTES)
    static class NullStub implements Models {

        static StubModel stub;

        @Test
        void test() {}
    }

    @BactrianTest(routes = ROUTES)
    static class StubOfANestedClass implements Models {

        @Nested
        class Inner {

            static final StubModel OTHER = model("other");

            @Test
            void test() {}
        }
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                OneInstance.class,
                OneInstanceWithAConstructor.class,
                ARecord.class,
                Outer.class,
                OfAClassWithNested.class,
                OfAnAnnotatedInterface.class,
                OfAnotherAnnotation.class,
            })
    void anyKindOfTestClassRuns(Class<?> testClass) {
        EngineExecutionResults results = EngineRuns.run(testClass);
        assertEquals(List.of(), EngineRuns.messages(results));
        long tests = testClass == Outer.class ? 3 : 1;
        assertEquals(tests, results.testEvents().succeeded().count());
        // What was started is stopped: another class can start it again.
        assertEquals(List.of(), Models.FIRST.predictions());
    }

    @Test
    void coverageIsReportedOnlyWhereATestRan() {
        assertEquals(1, reports(ARecord.class));
        assertEquals(0, reports(OnlyDisabled.class));
    }

    private static long reports(Class<?> testClass) {
        return EngineRuns.run(testClass).allEvents().reportingEntryPublished().count();
    }

    @Test
    void staticPipelineFieldFailsTheClass() {
        assertEquals(
                List.of(
                        "static io.bactrian.test.Pipeline "
                                + StaticField.class.getName()
                                + ".pipeline must not be static: the fields of each instance are"
                                + " set"),
                EngineRuns.messages(EngineRuns.run(StaticField.class)));
    }

    @Test
    void nullStubFailsTheClass() {
        assertEquals(
                List.of(
                        "static io.bactrian.test.StubModel "
                                + NullStub.class.getName()
                                + ".stub must have its value when the class is initialized"),
                EngineRuns.messages(EngineRuns.run(NullStub.class)));
    }

    @Test
    void stubOfNestedClassFailsTheClass() {
        assertEquals(
                List.of(
                        "StubModel other of "
                                + StubOfANestedClass.Inner.class.getName()
                                + " must be a field of the class with @BactrianTest, whose routes"
                                + " are bound to its signature when they start"),
                EngineRuns.messages(EngineRuns.run(StubOfANestedClass.class)));
    }
}
