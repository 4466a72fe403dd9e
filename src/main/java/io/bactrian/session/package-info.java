/**
 * Runs of TensorFlow sessions. Every run of a graph in this process goes through {@link
 * io.bactrian.session.SessionRunner}.
 */
@NullMarked
package io.bactrian.session;

import org.jspecify.annotations.NullMarked;
