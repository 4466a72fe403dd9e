/** The entry point of the distribution. */
@NullMarked
package io.bactrian;

import org.jspecify.annotations.NullMarked;
