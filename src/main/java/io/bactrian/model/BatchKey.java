package io.bactrian.model;

import java.util.Arrays;

/**
 * The key that requests must have in common to share a run: the signature and the sizes of their
 * rows.
 */
final class BatchKey {

    private final String signature;
    private final long[] sizes;
    private final int hash;

    /**
     * @param signature the signature's name
     * @param sizes the rank and the sizes past axis 0 of each input, concatenated
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
