package io.bactrian.preprocess.text;

import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import io.bactrian.pipeline.PipelineFaultException;
import org.jspecify.annotations.Nullable;

/**
 * Hugging Face's tokenizers library, in Rust, through DJL's JNI. It is loaded from {@code
 * java.library.path}, where the distribution has it, else from its jar, which unpacks it to {@code
 * ENGINE_CACHE_DIR}, {@code DJL_CACHE_DIR} or {@code ~/.djl.ai}.
 */
final class TokenizerLibrary {

    private static final String NAME = "tokenizers";

    private static final @Nullable String FAILURE = load();

    private TokenizerLibrary() {}

    /**
     * {@return the library's functions}
     *
     * @throws PipelineFaultException if it can't be loaded, saying why
     */
    static TokenizersLibrary get() {
        if (FAILURE != null) {
            throw new PipelineFaultException(
                    "the library of tokenizers can't be loaded: " + FAILURE);
        }
        return TokenizersLibrary.LIB;
    }

    private static @Nullable String load() {
        try {
            System.loadLibrary(NAME);
            return null;
        } catch (UnsatisfiedLinkError notFound) {
            return unpack(notFound);
        }
    }

    private static @Nullable String unpack(UnsatisfiedLinkError notFound) {
        try {
            LibUtils.checkStatus();
            return null;
        } catch (RuntimeException | LinkageError e) {
            return notFound.getMessage()
                    + ", and it can't be unpacked from its jar (set DJL_CACHE_DIR to a writable"
                    + " directory): "
                    + e.getMessage();
        }
    }
}
