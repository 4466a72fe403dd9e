/** The built-in {@code predict} pipeline, for models without one of their user's. */
@NullMarked
package io.bactrian.predict;

import org.jspecify.annotations.NullMarked;
