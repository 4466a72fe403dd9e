package io.bactrian.tensor;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.tensorflow.types.family.TType;

/**
 * Tensors by name, with one owner: whoever holds the bundle closes it, and with it every tensor's
 * native memory. Closing twice is harmless; use after closing fails.
 *
 * <p>Not safe for use by several threads at once.
 */
public final class NamedTensors implements AutoCloseable {

    /** The name of a lone tensor made without knowing the signature: it fits the only input. */
    public static final String UNNAMED = "";

    private static final AtomicLong OPEN = new AtomicLong();

    private final Map<String, TType> tensors = new LinkedHashMap<>();
    private boolean closed;

    /**
     * @return an empty bundle to {@link #put} tensors into
     */
    public NamedTensors() {}

    /**
     * @return a bundle that owns {@code tensor}
     */
    public static NamedTensors of(String name, TType tensor) {
        return new NamedTensors().put(name, tensor);
    }

    /**
     * @return how many tensors all bundles of this JVM own that are not closed yet
     */
    public static long open() {
        return OPEN.get();
    }

    /**
     * Takes ownership of {@code tensor}, which is closed at once if it can't be taken.
     *
     * @throws IllegalArgumentException if the name is taken
     */
    public NamedTensors put(String name, TType tensor) {
        if (closed || tensors.containsKey(name)) {
            tensor.close();
            checkOpen();
            throw new IllegalArgumentException("two tensors named \"" + name + "\"");
        }
        tensors.put(name, tensor);
        OPEN.incrementAndGet();
        return this;
    }

    /**
     * @return the tensor, still owned by this bundle, or null
     */
    public TType get(String name) {
        checkOpen();
        return tensors.get(name);
    }

    /**
     * @return the names, in the order they were put
     */
    public Set<String> names() {
        return Collections.unmodifiableSet(tensors.keySet());
    }

    /**
     * @return the tensors by name, still owned by this bundle
     */
    public Map<String, TType> asMap() {
        checkOpen();
        return Collections.unmodifiableMap(tensors);
    }

    public int size() {
        return tensors.size();
    }

    /**
     * @param name which tensor, or null for the only one
     * @return the tensor, still owned by this bundle
     * @throws IllegalArgumentException if there is none of that name, or several and no name; its
     *     message lists the names
     */
    public TType select(String name) {
        checkOpen();
        if (name == null && tensors.size() == 1) {
            return tensors.values().iterator().next();
        }
        TType tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException(
                    name == null
                            ? "name one of the outputs " + tensors.keySet()
                            : "no output \"" + name + "\": there are " + tensors.keySet());
        }
        return tensor;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        tensors.values().forEach(TType::close);
        OPEN.addAndGet(-tensors.size());
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the tensors " + tensors.keySet() + " are closed");
        }
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("tensors{");
        tensors.forEach(
                (name, tensor) -> {
                    text.append(text.length() > "tensors{".length() ? ", " : "")
                            .append(name)
                            .append(": ");
                    text.append(
                            closed
                                    ? "closed"
                                    : DType.nameOf(tensor.dataType())
                                            + " "
                                            + TensorSpec.format(tensor.shape()));
                });
        return text.append('}').toString();
    }
}
