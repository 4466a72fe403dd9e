/** The built-in {@code predict} pipeline, for models without one of their user's. */
package io.bactrian.predict;
