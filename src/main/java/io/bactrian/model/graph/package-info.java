/**
 * Static analysis and rewriting of GraphDefs: freezing, folding, side effects and row independence.
 * Depends on neither sessions nor files, nor on {@code io.bactrian.model}.
 */
@NullMarked
package io.bactrian.model.graph;

import org.jspecify.annotations.NullMarked;
