package io.bactrian.model;

import io.bactrian.limit.AvailableMemory;
import io.bactrian.limit.InsufficientMemoryException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * Compares what a model will take with the memory that is left before it is loaded, so that a model
 * that can't fit is an error with numbers in it and not a process that the system kills.
 *
 * <p>Models are loaded side by side: what those that have begun will take counts as taken.
 */
final class LoadMemory {

    /** One for the process, whose memory it is. */
    static final LoadMemory PROCESS =
            new LoadMemory(
                    () -> AvailableMemory.now().bytes(),
                    Runtime.getRuntime().maxMemory(),
                    () -> Runtime.getRuntime().totalMemory());

    /** A session and its threads. */
    private static final long SESSION_BYTES = 10L << 20;

    /**
     * A byte of graph takes this many in TensorFlow's loader, its optimizer and its executors while
     * the model is loaded and run once, as measured on ten models.
     */
    private static final int NODES_FACTOR = 85;

    private static final int CONSTANTS_FACTOR = 6;

    /** What the server needs besides its models until it is ready. */
    private static final long SERVER_BYTES = 32L << 20;

    /** The graph is parsed by this project and by TensorFlow Java, each into Java's heap. */
    private static final double HEAP_FACTOR = 2.2;

    private final LongSupplier available;
    private final long maxHeap;
    private final LongSupplier heap;
    private long unclaimed;
    private int loading;

    /**
     * @param available bytes that the process can still get
     * @param maxHeap bytes that Java's heap may have
     * @param heap bytes that Java's heap has now
     */
    LoadMemory(LongSupplier available, long maxHeap, LongSupplier heap) {
        this.available = available;
        this.maxHeap = maxHeap;
        this.heap = heap;
    }

    /**
     * Checks that the graph can be read.
     *
     * @param model its name and version, for the message
     * @param directory with {@code saved_model.pb}
     * @throws ModelLoadException if Java's heap can't hold the graph
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
     * Reserves what a model will take.
     *
     * @param model its name and version, for the message
     * @param file its graph
     * @return to be closed when it is loaded, or has failed to
     * @throws ModelLoadException if it can't fit
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
     * @param model its name and version, for the message
     * @param needed bytes
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
     * {@return about how many bytes a model takes until it has run once}
     *
     * @param nodes bytes of the graph without its constants
     * @param constants bytes of the graph's constants
     * @param variables bytes of the variables' files
     */
    static long estimate(long nodes, long constants, long variables) {
        return SESSION_BYTES + NODES_FACTOR * nodes + CONSTANTS_FACTOR * constants + variables;
    }

    /** {@return bytes of the files in a folder; 0 if there is none} */
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

    /** What a model that is being loaded will take. */
    final class Reservation implements AutoCloseable {

        private final String warning;
        private final boolean roomy;

        private Reservation(String warning, boolean roomy) {
            this.warning = warning;
            this.roomy = roomy;
        }

        /** {@return what to say if it only just fits, else null} */
        String warning() {
            return warning;
        }

        /** {@return whether there is room for another form of the model beside it} */
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
