package io.bactrian.test;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * A test class whose pipelines are started from their YAML, once for the class, and called without
 * HTTP by the container's rules: Content-Type, Accept, sizes, and errors with their status.
 *
 * <p>Fields and parameters of the types {@link Pipelines} and {@link Pipeline} are set. A static
 * field of type {@link StubModel} is a model in place of the SavedModel of its name. Nested classes
 * test the same pipelines unless they are annotated themselves. What is wrong with a route or a
 * model is an error at the start of the class. After each test, all its tensors must have been
 * freed.
 *
 * <pre>{@code
 * @BactrianTest(routes = "routes/spam.camel.yaml", models = "models")
 * class SpamTest {
 *     Pipeline pipeline;
 *
 *     @Test
 *     void spam() {
 *         pipeline.send("{\"text\": \"You have won\"}", "application/json")
 *                 .expectStatus(200)
 *                 .expectJson("$.predicted_class", 1);
 *     }
 * }
 * }</pre>
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@ExtendWith(BactrianExtension.class)
// The count of tensors that are not freed is the JVM's.
@ResourceLock("io.bactrian.tensors")
public @interface BactrianTest {

    /**
     * {@return the pipelines: a folder with {@code *.camel.yaml}, or files of one folder; none for
     * those that the models bring in {@code code/}, or the built-in one}
     */
    String[] routes() default {};

    /** {@return the folder with the SavedModels; none if all models are stubs} */
    String models() default "";

    /**
     * {@return settings of the container, each as {@code NAME=value}, such as {@code
     * BACTRIAN_MAX_BATCH_SIZE=8}}
     */
    String[] settings() default {};

    /** {@return whether tensors that are not freed after a test make it fail} */
    boolean checkTensors() default true;
}
