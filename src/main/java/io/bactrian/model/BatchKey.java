package io.bactrian.model;

import java.util.Arrays;

/** What two requests must have in common to share a run: the signature and the rows' sizes. */
final class BatchKey {

    private final String signature;
    private final long[] sizes;
    private final int hash;

    /**
     * @param signature its name
     * @param sizes every input's rank and sizes past axis 0, one after the other
     */
    BatchKey(String signature, long[] sizes) {
        this.signature = signature;
        this.sizes = sizes;
        this.hash = 31 * signature.hashCode() + Arrays.hashCode(sizes);
    }

    @Override
    public boolean equals(Object other) {
        return this == other
                || (other instanceof BatchKey key
                        && hash == key.hash
                        && signature.equals(key.signature)
                        && Arrays.equals(sizes, key.sizes));
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        return signature + Arrays.toString(sizes);
    }
}
