package io.bactrian.model.graph;

/**
 * An integer that is unknown during analysis, such as the size of a dimension.
 *
 * @param name its identity: symbols with the same name are the same integer
 * @param kind what it depends on
 * @param scope the loop body in whose iterations it may have different values; empty outside loops
 */
record Symbol(String name, Kind kind, String scope) implements Comparable<Symbol> {

    /** What the value of a symbol depends on. */
    enum Kind {
        /** The same for a request alone and in a batch. */
        SHARED,
        /** The number of rows, or the total number of their elements. */
        ROWS,
        /** Depends on the content of the rows. */
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
