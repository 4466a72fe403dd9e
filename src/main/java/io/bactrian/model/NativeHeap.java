package io.bactrian.model;

import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.tensorflow.internal.c_api.Deallocator_Pointer_long_Pointer;

/**
 * The process' native heap, in which glibc retains memory that TensorFlow has freed.
 *
 * <p>{@code malloc_trim} is called without JNI code of our own: JavaCPP looks up a C function by
 * name, and TensorFlow Java has a binding for function pointers of type {@code void (*)(void*,
 * size_t, void*)}. In the C calling convention {@code malloc_trim} ignores the extra arguments.
 */
final class NativeHeap {

    private static final String TRIM = "malloc_trim";

    private NativeHeap() {}

    /** Returns free memory to the operating system if the C library is glibc; else does nothing. */
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
