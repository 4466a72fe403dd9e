package io.bactrian.model.graph;

/**
 * An integer that is not known when a graph is analyzed, such as the size of a dimension.
 *
 * @param name identifies it: two symbols of one name are the same integer
 * @param kind what it may differ with
 * @param scope the loop body in whose iterations it may take different values; empty outside loops
 */
record Symbol(String name, Kind kind, String scope) implements Comparable<Symbol> {

    /** What a symbol's value may differ with. */
    enum Kind {
        /** The same for a request alone and for the batch that it is part of. */
        SHARED,
        /** The number of rows, or of the elements that all rows have together. */
        ROWS,
        /** Depends on what is in the rows. */
        DATA
    }

    /** The number of rows in the batch. */
    static final Symbol BATCH = new Symbol("batch", Kind.ROWS, "");

    /** One more than {@link #BATCH}: the size of a vector of row splits. */
    static final Symbol BATCH_PLUS_ONE = new Symbol("batch+1", Kind.ROWS, "");

    static Symbol shared(String name, String scope) {
        return new Symbol(name, Kind.SHARED, scope);
    }

    boolean isIn(String loop) {
        return scope.startsWith(loop);
    }

    @Override
    public int compareTo(Symbol other) {
        return name.compareTo(other.name);
    }

    @Override
    public String toString() {
        return name;
    }
}
