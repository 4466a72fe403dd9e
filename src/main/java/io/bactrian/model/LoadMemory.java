package io.bactrian.model;

import io.bactrian.limit.AvailableMemory;
import io.bactrian.limit.InsufficientMemoryException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The check of available memory before a model is loaded, so that a model that does not fit is an
 * error with numbers and not a process killed by the system.
 *
 * <p>Models are loaded in parallel: memory reserved for models that are still loading counts as
 * used.
 */
final class LoadMemory {

    /** The instance for the memory of this process. */
    static final LoadMemory PROCESS =
            new LoadMemory(
                    () -> AvailableMemory.now().bytes(),
                    Runtime.getRuntime().maxMemory(),
                    () -> Runtime.getRuntime().totalMemory());

    /** The memory of a session and its threads. */
    private static final long SESSION_BYTES = 10L << 20;

    /**
     * The memory per byte of serialized graph in TensorFlow's loader, optimizer and executors
     * during load and first run.
     */
    private static final int NODES_FACTOR = 85;

    private static final int CONSTANTS_FACTOR = 6;

    /** The memory that the server needs in addition to its models until it is ready. */
    private static final long SERVER_BYTES = 32L << 20;

    /**
     * The Java heap per byte of serialized graph, which this class' callers and TensorFlow Java
     * parse.
     */
    private static final double HEAP_FACTOR = 2.2;

    private final LongSupplier available;
    private final long maxHeap;
    private final LongSupplier heap;
    private long unclaimed;
    private int loading;

    /**
     * @param available the bytes that the process can still allocate
     * @param maxHeap the maximum size of the Java heap
     * @param heap the current size of the Java heap
     */
    LoadMemory(LongSupplier available, long maxHeap, LongSupplier heap) {
        this.available = available;
        this.maxHeap = maxHeap;
        this.heap = heap;
    }

    /**
     * Checks that the graph can be parsed.
     *
     * @param model name and version, for the message
     * @param directory the folder with {@code saved_model.pb}
     * @throws ModelLoadException if the graph does not fit into the Java heap
     */
    void checkHeap(String model, Path directory) {
        long graph = fileSize(directory.resolve("saved_model.pb"));
        if (graph * HEAP_FACTOR > maxHeap) {
            throw refusal(
                    "model "
                            + model
                            + " can't be loaded: its saved_model.pb of "
                            + megabytes(graph)
                            + " is read into Java's heap, which may have "
                            + megabytes(maxHeap)
                            + ": set BACTRIAN_JAVA_OPTS=-Xmx"
                            + (((long) (graph * HEAP_FACTOR) >> 20) + 64)
                            + "m or more");
        }
    }

    /**
     * Reserves the memory for loading a model.
     *
     * @param model name and version, for the message
     * @param file the model's graph
     * @return the reservation, to be closed when loading has succeeded or failed
     * @throws ModelLoadException if the model does not fit
     */
    Reservation reserve(String model, SavedModelFile file) {
        long constants = file.constantBytes();
        return reserve(
                model,
                estimate(
                        file.graphBytes() - constants,
                        constants,
                        size(file.directory().resolve("variables"))));
    }

    /**
     * Reserves memory.
     *
     * @param model name and version, for the message
     * @param needed the number of bytes
     */
    Reservation reserve(String model, long needed) {
        synchronized (this) {
            if (loading == 0) {
                unclaimed = available.getAsLong();
            }
            long left = Math.max(0, unclaimed - SERVER_BYTES);
            if (needed > left) {
                throw refusal(
                        "not enough memory for model "
                                + model
                                + ": it takes about "
                                + megabytes(needed)
                                + " to load, and "
                                + megabytes(left)
                                + " are left");
            }
            unclaimed -= needed;
            loading++;
            long growth = Math.max(SERVER_BYTES, maxHeap - heap.getAsLong());
            return new Reservation(
                    unclaimed >= growth
                            ? null
                            : "memory is tight: the model takes about "
                                    + megabytes(needed)
                                    + " to load, which leaves "
                                    + megabytes(unclaimed)
                                    + " to requests and to Java's heap, which may grow by "
                                    + megabytes(growth),
                    unclaimed >= growth + needed);
        }
    }

    private static ModelLoadException refusal(String message) {
        return new ModelLoadException(message, new InsufficientMemoryException(message));
    }

    /**
     * {@return the estimated memory for a model until its first run has ended, in bytes}
     *
     * @param nodes the size of the graph without its constants
     * @param constants the size of the graph's constants
     * @param variables the size of the variables' files
     */
    static long estimate(long nodes, long constants, long variables) {
        return SESSION_BYTES + NODES_FACTOR * nodes + CONSTANTS_FACTOR * constants + variables;
    }

    /** {@return the total size of the files in a folder; 0 if the folder does not exist} */
    private static long size(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(Files::isRegularFile).mapToLong(LoadMemory::fileSize).sum();
        } catch (IOException | UncheckedIOException e) {
            return 0;
        }
    }

    private static long fileSize(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            return 0;
        }
    }

    private static String megabytes(long bytes) {
        return ((bytes + (1 << 20) - 1) >> 20) + " MB";
    }

    /** The memory reserved for a model that is loading. */
    final class Reservation implements AutoCloseable {

        private final @Nullable String warning;
        private final boolean roomy;

        private Reservation(@Nullable String warning, boolean roomy) {
            this.warning = warning;
            this.roomy = roomy;
        }

        /** {@return a warning if the model barely fits, else null} */
        @Nullable String warning() {
            return warning;
        }

        /** {@return whether an optimized form of the model fits as well} */
        boolean isRoomy() {
            return roomy;
        }

        @Override
        public void close() {
            synchronized (LoadMemory.this) {
                loading--;
            }
        }
    }
}
