/**
 * The SageMaker contract: ping, invocations, models, admission and the environment, over Vert.x and
 * Java DSL routes.
 */
package io.bactrian.container;
