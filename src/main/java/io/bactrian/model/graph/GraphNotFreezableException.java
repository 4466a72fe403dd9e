package io.bactrian.model.graph;

/** A graph can't be frozen: its variables can't be replaced with constants. */
public final class GraphNotFreezableException extends Exception {

    private static final long serialVersionUID = 1L;

    /**
     * @param message the reason
     */
    public GraphNotFreezableException(String message) {
        super(message);
    }
}
