/**
 * The SageMaker inference container: its life cycle, its configuration by environment variables,
 * and the startup report.
 */
@NullMarked
package io.bactrian.container;

import org.jspecify.annotations.NullMarked;
