package io.bactrian.limit;

import org.jspecify.annotations.Nullable;

/**
 * How much memory all requests together may take.
 *
 * @param heap the most that Java's heap may grow to, in bytes
 * @param heapCommitted how large it is
 * @param limit what the container, or the machine, has in all
 * @param available what the process may still take of it
 */
public record RequestMemory(long heap, long heapCommitted, long limit, long available) {

    /** The rest is for what pipelines make of bodies and pixels, and for Camel itself. */
    private static final int HEAP_SHARE = 2;

    /** For threads' stacks, compiled code, and what the allocator does not give back. */
    private static final int SPARE_SHARE = 16;

    /** Less than this would refuse what may well succeed. */
    private static final long MIN_BYTES = 16L << 20;

    /** {@return the memory that the process has and has used at this time} */
    public static RequestMemory now() {
        Runtime runtime = Runtime.getRuntime();
        AvailableMemory memory = AvailableMemory.now();
        return new RequestMemory(
                runtime.maxMemory(), runtime.totalMemory(), memory.limit(), memory.bytes());
    }

    /** {@return how many bytes requests may take} */
    public long budget() {
        return Math.max(MIN_BYTES, Math.min(heap / HEAP_SHARE, left()));
    }

    private long left() {
        return available - limit / SPARE_SHARE;
    }

    /**
     * {@return what is wrong if the process would be killed before the heap has grown to its limit;
     * null if nothing}
     */
    public @Nullable String shortage() {
        long growth = heap - heapCommitted;
        return growth <= left()
                ? null
                : String.format(
                        "memory is short: Java's heap may grow by %d MiB, and of %d MiB only %d are"
                                + " left; give the container more memory, or serve fewer models",
                        mebibytes(growth), mebibytes(limit), mebibytes(available));
    }

    private static long mebibytes(long bytes) {
        return bytes >> 20;
    }
}
