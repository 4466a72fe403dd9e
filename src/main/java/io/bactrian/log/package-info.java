/** Converters for Logback's patterns, which nothing but a Logback configuration refers to. */
package io.bactrian.log;
