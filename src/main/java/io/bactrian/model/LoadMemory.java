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
    private static final long SESSION_BYTES = 15L << 20;

    /** Of what the variables take on disk: their copies in memory, and how they lie there. */
    private static final double VARIABLES_FACTOR = 1.05;

    /**
     * Nodes are about as large in memory as TensorFlow's loader, its optimizer and its executors
     * make them: measured were 60 to 80 bytes a byte. What goes beyond these bytes of graph is
     * taken for constants.
     */
    private static final long NODES_BYTES = 2L << 20;

    private static final int NODES_FACTOR = 65;
    private static final int CONSTANTS_FACTOR = 4;

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
     * Reserves what a model will take.
     *
     * @param model its name and version, for the message
     * @param directory with {@code saved_model.pb}
     * @return to be closed when it is loaded, or has failed to
     * @throws ModelLoadException if it can't fit
     */
    Reservation reserve(String model, Path directory) {
        long graph = size(directory.resolve("saved_model.pb"));
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
        long needed = estimate(graph, size(directory.resolve("variables")));
        synchronized (this) {
            if (loading == 0) {
                unclaimed = available.getAsLong();
            }
            if (needed > unclaimed) {
                throw refusal(
                        "not enough memory for model "
                                + model
                                + ": it takes about "
                                + megabytes(needed)
                                + " to load, and "
                                + megabytes(Math.max(0, unclaimed))
                                + " are left");
            }
            unclaimed -= needed;
            loading++;
            long growth = Math.max(0, maxHeap - heap.getAsLong());
            return new Reservation(
                    needed,
                    unclaimed >= growth
                            ? null
                            : "memory is tight: the model takes about "
                                    + megabytes(needed)
                                    + ", which leaves "
                                    + megabytes(unclaimed)
                                    + " to requests and to Java's heap, which may grow by "
                                    + megabytes(growth));
        }
    }

    private static ModelLoadException refusal(String message) {
        return new ModelLoadException(message, new InsufficientMemoryException(message));
    }

    /** {@return about what a model takes until it has run once, in bytes} */
    static long estimate(long graph, long variables) {
        long nodes = Math.min(graph, NODES_BYTES);
        return SESSION_BYTES
                + (long) (VARIABLES_FACTOR * variables)
                + NODES_FACTOR * nodes
                + CONSTANTS_FACTOR * (graph - nodes);
    }

    /** {@return bytes of a file, or of the files in a folder; 0 if there is none} */
    private static long size(Path path) {
        if (!Files.isDirectory(path)) {
            return fileSize(path);
        }
        try (Stream<Path> files = Files.list(path)) {
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
        return (bytes + (1 << 20) - 1 >> 20) + " MB";
    }

    /** What a model that is being loaded will take. */
    final class Reservation implements AutoCloseable {

        private final long bytes;
        private final String warning;

        private Reservation(long bytes, String warning) {
            this.bytes = bytes;
            this.warning = warning;
        }

        /** {@return about how much the model takes} */
        long bytes() {
            return bytes;
        }

        /** {@return what to say if it only just fits, else null} */
        String warning() {
            return warning;
        }

        @Override
        public void close() {
            synchronized (LoadMemory.this) {
                loading--;
            }
        }
    }
}
