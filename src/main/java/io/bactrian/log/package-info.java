/** Converters for Logback's patterns, which nothing but a Logback configuration refers to. */
@NullMarked
package io.bactrian.log;

import org.jspecify.annotations.NullMarked;
