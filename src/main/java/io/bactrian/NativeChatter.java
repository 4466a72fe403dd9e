package io.bactrian;

import io.bactrian.model.TensorFlowConfig;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.tensorflow.Graph;
import org.tensorflow.Operation;
import org.tensorflow.Session;
import org.tensorflow.internal.c_api.Deallocator_Pointer_long_Pointer;
import org.tensorflow.op.Ops;

/**
 * Keeps back two lines that TensorFlow prints once in each process, whatever {@code
 * TF_CPP_MIN_LOG_LEVEL} says, when its first session runs:
 *
 * <pre>
 * WARNING: All log messages before absl::InitializeLog() is called are written to STDERR
 * I0000 00:00:... mlir_graph_optimization_pass.cc:401] MLIR V1 optimization pass is not enabled
 * </pre>
 *
 * <p>They come from a copy of Abseil's logging inside the library, of which nothing is exported
 * that could silence it. So the first session is one of our own, over a graph of one constant, and
 * while it runs, standard error is a pipe. What arrives there is printed afterwards, but for those
 * lines. Models are loaded and run with standard error untouched.
 *
 * <p>Java cannot redirect a file descriptor. JavaCPP finds C functions by name, and TensorFlow
 * Java's bindings can call any that takes a pointer, a number and a pointer: on every system
 * TensorFlow Java runs on, these are passed in the registers in which {@code int}s are.
 */
@SuppressWarnings("JavaLangClash")
final class NativeChatter {

    private static final int STDERR = 2;

    /** Where standard error is kept meanwhile: higher than any file that is open this early. */
    private static final int SAVED = 250;

    private static final int PIPE_BUFFER = 65_536;

    private static final Pattern CHATTER =
            Pattern.compile(
                    "(?m)^(WARNING: All log messages before absl::InitializeLog\\(\\)"
                            + "|I0000 .*MLIR V1 optimization pass is not enabled).*\\R");

    private NativeChatter() {}

    /**
     * Gets the lines out of the way, if TensorFlow is to be quiet; to be called once, before
     * anything else of TensorFlow.
     *
     * @param tensorFlow TensorFlow's pools are made for its first session: they must be what the
     *     models want
     */
    static void keepBack(TensorFlowConfig tensorFlow) {
        String level = System.getenv("TF_CPP_MIN_LOG_LEVEL");
        if (level == null || level.equals("0") || !System.getProperty("os.name").equals("Linux")) {
            return;
        }
        Loader.load(org.tensorflow.internal.c_api.global.tensorflow.class);
        try (CFunction pipe = new CFunction("pipe");
                CFunction dup2 = new CFunction("dup2");
                CFunction close = new CFunction("close");
                CFunction read = new CFunction("read");
                IntPointer ends = new IntPointer(-1, -1);
                BytePointer buffer = new BytePointer(PIPE_BUFFER)) {
            pipe.call(ends, 0, null);
            if (ends.get(0) < 0 || isOpen(SAVED)) {
                return;
            }
            System.err.flush();
            dup2.call(new Number(STDERR), SAVED, null);
            if (isOpen(SAVED)) {
                dup2.call(new Number(ends.get(1)), STDERR, null);
                try {
                    runSomething(tensorFlow);
                } finally {
                    dup2.call(new Number(SAVED), STDERR, null);
                    close.call(new Number(SAVED), 0, null);
                }
            }
            close.call(new Number(ends.get(1)), 0, null);
            Pointer.memset(buffer, 0, PIPE_BUFFER);
            read.call(new Number(ends.get(0)), buffer.address(), new Number(PIPE_BUFFER - 1));
            close.call(new Number(ends.get(0)), 0, null);
            String printed = buffer.getString(StandardCharsets.UTF_8);
            printed = printed.substring(0, printed.indexOf('\0'));
            System.err.print(CHATTER.matcher(printed).replaceAll(""));
        } catch (UnsatisfiedLinkError e) {
            // Then the lines are printed.
            return;
        }
    }

    private static boolean isOpen(int descriptor) {
        return Files.exists(Path.of("/proc/self/fd/" + descriptor), LinkOption.NOFOLLOW_LINKS);
    }

    private static void runSomething(TensorFlowConfig tensorFlow) {
        try (Graph graph = new Graph()) {
            Operation constant = Ops.create(graph).constant(0).op();
            try (Session session = new Session(graph, tensorFlow.toProto())) {
                session.runner().fetch(constant.output(0)).run().close();
            }
        }
    }

    /** A number where C expects one, though the binding says pointer. */
    private static final class Number extends Pointer {
        Number(int value) {
            address = value;
        }
    }

    /** A function of the C library. */
    private static final class CFunction implements AutoCloseable {
        private final PointerPointer<Pointer> holder = new PointerPointer<>(2);
        private final Deallocator_Pointer_long_Pointer function;

        CFunction(String name) {
            Pointer address = Loader.addressof(name);
            if (address == null) {
                throw new UnsatisfiedLinkError(name);
            }
            holder.put(0, address);
            holder.put(1, (Pointer) null);
            function = new Deallocator_Pointer_long_Pointer(holder);
        }

        void call(Pointer first, long second, Pointer third) {
            function.call(first, second, third);
        }

        @Override
        public void close() {
            holder.close();
        }
    }
}
