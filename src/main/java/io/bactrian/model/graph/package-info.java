/**
 * GraphDefs read and rewritten: what operations do to rows and to state. No session and no file.
 */
package io.bactrian.model.graph;
