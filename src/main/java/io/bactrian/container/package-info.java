/**
 * The SageMaker contract: ping, invocations, models, admission and the environment, over Vert.x and
 * Java DSL routes.
 */
@NullMarked
package io.bactrian.container;

import org.jspecify.annotations.NullMarked;
