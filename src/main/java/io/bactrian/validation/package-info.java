/**
 * The validation of route files: YAML, Camel's schema, and what the server's own start finds, each
 * fault with its line.
 */
@NullMarked
package io.bactrian.validation;

import org.jspecify.annotations.NullMarked;
