/**
 * The test kit: pipelines tested from their YAML, without HTTP and, with a {@link StubModel},
 * without a model. Needs JUnit Jupiter on the class path.
 */
@NullMarked
package io.bactrian.test;

import org.jspecify.annotations.NullMarked;
