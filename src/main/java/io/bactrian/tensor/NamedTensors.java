package io.bactrian.tensor;

import java.lang.ref.Cleaner;
import java.lang.ref.WeakReference;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.tensorflow.types.family.TType;

/**
 * An immutable bundle of tensors by name, whose native memory is counted by reference: it is freed
 * when the last reference to the bundle is closed. Safe for use by several threads at once.
 *
 * <p>Whoever builds a bundle owns it, which is the first reference, and gives it back by {@link
 * #close}. Everybody else who needs the tensors for a while {@linkplain #retain retains} them, and
 * reads them through the {@link Reference} until that is closed. A bundle that is dropped with
 * references open is freed by the garbage collector.
 *
 * <p>A tensor that was taken out of the bundle itself, by {@link #get}, {@link #select} or {@link
 * #asMap}, may be kept: if the bundle had been {@linkplain #handOver handed over} before, its
 * tensors' memory is then left to the garbage collector, since it is unknown how long they are
 * read. Asking a bundle that is freed fails.
 */
public final class NamedTensors implements AutoCloseable {

    /** The name of a lone tensor made without knowing the signature: it fits the only input. */
    public static final String UNNAMED = "";

    private static final AtomicLong OPEN = new AtomicLong();

    private static final Cleaner CLEANER = Cleaner.create();

    private final Set<String> names;
    private final Memory memory;

    /** Whether the first reference is still its owner's to close. */
    private final AtomicBoolean owned = new AtomicBoolean(true);

    private final AtomicBoolean cleaned = new AtomicBoolean();
    private volatile boolean handedOver;

    /** The tensors and how many references there are; it knows nothing of the bundle. */
    private static final class Memory implements Runnable {

        private final AtomicInteger references = new AtomicInteger(1);
        private volatile @Nullable Map<String, TType> tensors;
        private volatile boolean taken;

        /** To the bundle that the tensors are of, if this one has only other names for them. */
        private final @Nullable Reference original;

        Memory(Map<String, TType> tensors, @Nullable Reference original) {
            this.tensors = tensors;
            this.original = original;
        }

        boolean retain() {
            return references.getAndUpdate(n -> n == 0 ? 0 : n + 1) != 0;
        }

        void release() {
            if (references.decrementAndGet() == 0) {
                free();
            }
        }

        /** Nobody can reach the bundle any more, whatever references were not closed. */
        @Override
        public void run() {
            if (references.getAndSet(0) > 0) {
                free();
            }
        }

        private void free() {
            Map<String, TType> freed = Objects.requireNonNull(tensors);
            tensors = null;
            if (original != null) {
                Objects.requireNonNull(original.bundle).memory.taken |= taken;
                original.close();
                return;
            }
            OPEN.addAndGet(-freed.size());
            if (taken) {
                NativeGarbage.add(bytes(freed));
            } else {
                freed.values().forEach(TType::close);
            }
        }

        /** To be called with a reference. */
        long bytes() {
            return bytes(Objects.requireNonNull(tensors));
        }

        private static long bytes(Map<String, TType> tensors) {
            return tensors.values().stream().mapToLong(TType::numBytes).sum();
        }
    }

    /**
     * A reference to a bundle, which keeps its memory from being freed until it is closed. The
     * tensors that it gives must not be read after that.
     */
    public static final class Reference implements AutoCloseable {

        private final AtomicBoolean closed = new AtomicBoolean();
        private volatile @Nullable NamedTensors bundle;

        /** In place of {@link #bundle} once this is weak. */
        private volatile @Nullable WeakReference<NamedTensors> weak;

        /** Whether it is counted as memory that perhaps only the garbage collector will free. */
        private volatile boolean garbage;

        private Reference(NamedTensors bundle, boolean garbage) {
            this.bundle = bundle;
            this.garbage = garbage;
        }

        /**
         * {@return the bundle; null if this reference is closed, or {@linkplain #weaken weak} and
         * nothing else refers to the bundle}
         */
        public @Nullable NamedTensors bundle() {
            NamedTensors strong = bundle;
            WeakReference<NamedTensors> weakened = weak;
            return strong != null || weakened == null ? strong : weakened.get();
        }

        /** {@return the tensors by name, to be read until this reference is closed} */
        public Map<String, TType> asMap() {
            NamedTensors open = bundle;
            if (open == null) {
                throw new IllegalStateException("the reference to the tensors is closed");
            }
            return Objects.requireNonNull(open.memory.tensors);
        }

        /**
         * {@return the tensor, which may be read until this reference is closed; null if there is
         * none}
         *
         * @param name the tensor's name
         */
        public @Nullable TType get(String name) {
            return asMap().get(name);
        }

        /** {@return the names of the tensors, in order} */
        public Set<String> names() {
            return asMap().keySet();
        }

        /** {@return how many tensors there are} */
        public int size() {
            return asMap().size();
        }

        /**
         * {@return the tensor, to be read until this reference is closed}
         *
         * @param name which tensor, or null for the only one
         * @throws IllegalArgumentException if there is none of that name, or several and no name;
         *     its message lists the names
         */
        public TType select(@Nullable String name) {
            return NamedTensors.select(asMap(), name);
        }

        /** {@return another reference to the same bundle; null if there is none any more} */
        public @Nullable Reference copy() {
            NamedTensors copied = bundle();
            return copied == null ? null : copied.retainIfOpen();
        }

        /**
         * Lets the garbage collector free the bundle, this reference open or not, once nothing else
         * refers to it. The tensors can't be read through this reference any more.
         */
        public void weaken() {
            NamedTensors weakened = bundle;
            if (weakened == null) {
                return;
            }
            try {
                weakened.freeWhenUnreachable();
                weak = new WeakReference<>(weakened);
                bundle = null;
                if (!garbage) {
                    garbage = true;
                    NativeGarbage.add(weakened.memory.bytes());
                }
            } finally {
                // Its cleaner must not come in between; likewise below.
                java.lang.ref.Reference.reachabilityFence(weakened);
            }
        }

        /**
         * Closes this reference, and makes whoever has the bundle its owner, to close it; if nobody
         * does, the garbage collector frees it.
         */
        public void leave() {
            NamedTensors left = end();
            if (left == null) {
                return;
            }
            try {
                left.freeWhenUnreachable();
                if (!left.owned.compareAndSet(false, true)) {
                    left.memory.release();
                } else if (!garbage) {
                    NativeGarbage.add(left.memory.bytes());
                }
            } finally {
                java.lang.ref.Reference.reachabilityFence(left);
            }
        }

        /** Closes this reference, and frees the tensors' memory if it was the last. */
        @Override
        public void close() {
            NamedTensors released = end();
            if (released == null) {
                return;
            }
            try {
                if (garbage) {
                    NativeGarbage.add(-released.memory.bytes());
                }
                released.memory.release();
            } finally {
                java.lang.ref.Reference.reachabilityFence(released);
            }
        }

        /** {@return what this referred to; null if it was closed before} */
        private @Nullable NamedTensors end() {
            if (!closed.compareAndSet(false, true)) {
                return null;
            }
            NamedTensors ended = bundle();
            bundle = null;
            weak = null;
            return ended;
        }

        @Override
        public String toString() {
            return "reference to " + bundle();
        }
    }

    /** Gathers the tensors of a bundle, and owns them until it is built. Not thread-safe. */
    public static final class Builder implements AutoCloseable {

        private @Nullable Map<String, TType> tensors = new LinkedHashMap<>();

        private Builder() {}

        /**
         * Adds a tensor and takes ownership of it.
         *
         * @param name a name that is not used yet
         * @param tensor the tensor, which is closed at once if it can't be added
         * @return this builder
         * @throws IllegalArgumentException if there is a tensor of this name
         */
        public Builder put(String name, TType tensor) {
            if (tensors == null || tensors.containsKey(name)) {
                tensor.close();
                throw tensors == null
                        ? new IllegalStateException("the bundle is built already")
                        : new IllegalArgumentException("two tensors named \"" + name + "\"");
            }
            tensors.put(name, tensor);
            OPEN.incrementAndGet();
            return this;
        }

        /** {@return the bundle, which owns the tensors from now on} */
        public NamedTensors build() {
            if (tensors == null) {
                throw new IllegalStateException("the bundle is built already");
            }
            NamedTensors bundle = new NamedTensors(tensors, null);
            tensors = null;
            return bundle;
        }

        /** Closes the tensors, unless the bundle was built. */
        @Override
        public void close() {
            if (tensors != null) {
                tensors.values().forEach(TType::close);
                OPEN.addAndGet(-tensors.size());
                tensors = null;
            }
        }
    }

    private NamedTensors(Map<String, TType> tensors, @Nullable Reference original) {
        // The names stay when the tensors are gone, for those who ask too late.
        this.names = Collections.unmodifiableSet(new LinkedHashSet<>(tensors.keySet()));
        this.memory = new Memory(Collections.unmodifiableMap(tensors), original);
    }

    /** {@return a builder, to be closed whether or not it comes to a bundle} */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * {@return a bundle of one tensor}
     *
     * @param name the tensor's name
     * @param tensor the tensor, which the bundle owns from now on
     */
    public static NamedTensors of(String name, TType tensor) {
        return builder().put(name, tensor).build();
    }

    /**
     * {@return how many tensors there are in this JVM, in bundles and builders, that are not freed}
     */
    public static long open() {
        return OPEN.get();
    }

    /**
     * {@return the tensor, or null}
     *
     * @param name the tensor's name
     * @throws IllegalStateException if the tensors are freed
     */
    public @Nullable TType get(String name) {
        return asMap().get(name);
    }

    /** {@return the names, in the order in which they were put} */
    public Set<String> names() {
        return names;
    }

    /**
     * {@return the tensors by name, in that order}
     *
     * @throws IllegalStateException if the tensors are freed
     */
    public Map<String, TType> asMap() {
        try (Reference held = retain()) {
            memory.taken |= handedOver;
            return held.asMap();
        }
    }

    /** {@return the number of tensors} */
    public int size() {
        return names.size();
    }

    /**
     * {@return the tensor}
     *
     * @param name which tensor, or null for the only one
     * @throws IllegalArgumentException if there is none of that name, or several and no name; its
     *     message lists the names
     * @throws IllegalStateException if the tensors are freed
     */
    public TType select(@Nullable String name) {
        return select(asMap(), name);
    }

    private static TType select(Map<String, TType> tensors, @Nullable String name) {
        if (name == null && tensors.size() == 1) {
            return tensors.values().iterator().next();
        }
        TType tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException(
                    name == null
                            ? "name one of the tensors " + tensors.keySet()
                            : "no tensor \"" + name + "\": there are " + tensors.keySet());
        }
        return tensor;
    }

    /**
     * {@return a bundle of the same tensors, to be closed by the caller, which retains this one}
     *
     * @param newNames from a tensor's name to its new one; the tensors that are not named are left
     *     out
     * @throws IllegalArgumentException if there is no tensor of a name, or a new name comes twice
     * @throws IllegalStateException if the tensors are freed
     */
    public NamedTensors renamed(Map<String, String> newNames) {
        Reference held = retain();
        try {
            Map<String, TType> renamed = new LinkedHashMap<>();
            for (Map.Entry<String, String> each : newNames.entrySet()) {
                if (renamed.put(each.getValue(), held.select(each.getKey())) != null) {
                    throw new IllegalArgumentException(
                            "two tensors named \"" + each.getValue() + "\"");
                }
            }
            return new NamedTensors(renamed, held);
        } catch (RuntimeException e) {
            held.close();
            throw e;
        }
    }

    /**
     * {@return a reference that keeps the tensors until it is closed}
     *
     * @throws IllegalStateException if they are freed
     */
    public Reference retain() {
        if (!memory.retain()) {
            throw new IllegalStateException(
                    "the tensors "
                            + names
                            + " are freed: the exchange that they belonged to is done; retain them"
                            + " before, or copy their values");
        }
        return new Reference(this, false);
    }

    /**
     * {@return a reference that may be dropped without being closed: then the garbage collector
     * frees the tensors once nothing refers to them; null if they are freed already}
     */
    public @Nullable Reference retainIfOpen() {
        if (!memory.retain()) {
            return null;
        }
        freeWhenUnreachable();
        NativeGarbage.add(memory.bytes());
        // The new reference keeps this reachable.
        return new Reference(this, true);
    }

    /**
     * Takes the owner's reference, so that {@link #close} does nothing any more; where it is taken
     * already, {@linkplain #retain retains} the tensors.
     *
     * @return a reference that keeps the tensors until it is closed
     * @throws IllegalStateException if they are freed
     */
    public Reference handOver() {
        handedOver = true;
        return owned.compareAndSet(true, false) ? new Reference(this, false) : retain();
    }

    private void freeWhenUnreachable() {
        if (cleaned.compareAndSet(false, true)) {
            CLEANER.register(this, memory);
        }
    }

    /**
     * Gives back the owner's reference: the tensors are freed unless others retain them. Closing
     * again, or after the bundle was handed over, does nothing.
     */
    @Override
    public void close() {
        if (owned.compareAndSet(true, false)) {
            memory.release();
        }
    }

    @Override
    public String toString() {
        Map<String, TType> tensors = memory.tensors;
        StringBuilder text = new StringBuilder("tensors{");
        for (String name : names) {
            TType tensor = tensors == null ? null : tensors.get(name);
            text.append(text.length() > "tensors{".length() ? ", " : "")
                    .append(name)
                    .append(": ")
                    .append(
                            tensor == null
                                    ? "freed"
                                    : DType.nameOf(tensor.dataType())
                                            + " "
                                            + TensorSpec.format(tensor.shape()));
        }
        return text.append('}').toString();
    }
}
