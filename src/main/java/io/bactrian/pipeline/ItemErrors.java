package io.bactrian.pipeline;

/** What an item that is wrong does to a request that is a list of items. */
public enum ItemErrors {

    /** The request fails, with an error that names the item. */
    FAIL,

    /** The item is answered by {@code {"error": "…"}} in its place, and the others as ever. */
    ANSWER
}
