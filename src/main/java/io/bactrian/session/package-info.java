/**
 * Runs of TensorFlow sessions. Every run of a graph in this process goes through {@link
 * io.bactrian.session.SessionRunner}.
 */
package io.bactrian.session;
