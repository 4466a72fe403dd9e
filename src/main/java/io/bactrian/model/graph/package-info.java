/** GraphDefs read and rewritten. No session and no file. */
package io.bactrian.model.graph;
