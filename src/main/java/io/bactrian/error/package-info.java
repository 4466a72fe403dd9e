/**
 * The exceptions by which serving a request fails, by kind. Used by all packages, using none; which
 * HTTP status a kind has is for {@link io.bactrian.invocation.ErrorAnswers} to say.
 */
@NullMarked
package io.bactrian.error;

import org.jspecify.annotations.NullMarked;
