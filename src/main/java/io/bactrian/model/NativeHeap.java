package io.bactrian.model;

import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.tensorflow.internal.c_api.Deallocator_Pointer_long_Pointer;

/**
 * The memory that the C library keeps for later when TensorFlow frees it.
 *
 * <p>JavaCPP finds a C function by its name, and TensorFlow Java's bindings can call any that takes
 * a pointer, a number and a pointer: those that {@code malloc_trim} does not take, it does not see.
 */
final class NativeHeap {

    private static final String TRIM = "malloc_trim";

    private NativeHeap() {}

    /** Gives what is free back to the system, where the C library is glibc. */
    static void trim() {
        Loader.load(org.tensorflow.internal.c_api.global.tensorflow.class);
        Pointer function = Loader.addressof(TRIM);
        if (function == null) {
            return;
        }
        try (PointerPointer<Pointer> holder = new PointerPointer<>(2)) {
            holder.put(0, function);
            holder.put(1, (Pointer) null);
            new Deallocator_Pointer_long_Pointer(holder).call(null, 0, null);
        }
    }
}
