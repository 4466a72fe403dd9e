package io.bactrian.preprocess.text;

import ai.djl.huggingface.tokenizers.jni.CharSpan;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import io.bactrian.pipeline.PipelineFaultException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * A tokenizer that a {@code tokenizer.json} of Hugging Face describes, with its truncation: each
 * text becomes one sequence of ids, or several windows. Safe for use by several threads.
 *
 * <p>Only what is asked for is copied out of the native library: ids alone take a fraction of the
 * time that tokens and offsets take.
 */
public final class SubwordTokenizer implements AutoCloseable {

    private static final AtomicInteger OPEN = new AtomicInteger();

    private final TokenizersLibrary library;

    /** Encoding reads the native tokenizer, closing frees it. */
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();

    private long handle;

    /**
     * Makes a tokenizer.
     *
     * @param json a {@code tokenizer.json}
     * @param source the file, for the error
     * @throws PipelineFaultException if it is no tokenizer, or of a kind that the library does not
     *     know
     */
    public SubwordTokenizer(String json, String source) {
        library = TokenizerLibrary.get();
        try {
            handle = library.createTokenizerFromString(json);
        } catch (RuntimeException e) {
            throw new PipelineFaultException(source + " is no tokenizer: " + e.getMessage());
        }
        OPEN.incrementAndGet();
    }

    /** {@return how many tokenizers there are in this JVM that are not closed} */
    public static int open() {
        return OPEN.get();
    }

    /**
     * {@return the sequence of a text, or its windows, which begin with those of the text's
     * beginning}
     *
     * @param text the text
     * @param pair a second text, or null
     * @param specialTokens whether to add those of the model, such as [CLS] and [SEP]
     * @param details whether to copy words and offsets
     * @throws PipelineFaultException if the tokenizer can't encode the text
     */
    public List<TokenSequence> encode(
            String text, @Nullable String pair, boolean specialTokens, boolean details) {
        lock.readLock().lock();
        try {
            if (handle == 0) {
                throw new IllegalStateException("the tokenizer is closed");
            }
            long encoding = encode(text, pair, specialTokens);
            try {
                List<TokenSequence> sequences = new ArrayList<>();
                sequences.add(read(encoding, details));
                if (library.getOverflowCount(encoding) > 0) {
                    addWindows(library.getOverflowing(encoding), details, sequences);
                }
                return sequences;
            } finally {
                library.deleteEncoding(encoding);
            }
        } finally {
            lock.readLock().unlock();
        }
    }

    private long encode(String text, @Nullable String pair, boolean specialTokens) {
        try {
            return pair == null
                    ? library.encode(handle, text, specialTokens)
                    : library.encodeDual(handle, text, pair, specialTokens);
        } catch (RuntimeException e) {
            // Such as a word that is not in the vocabulary of a tokenizer without an unknown token.
            throw new PipelineFaultException("the tokenizer failed: " + e.getMessage());
        }
    }

    private void addWindows(long[] windows, boolean details, List<TokenSequence> sequences) {
        try {
            for (long window : windows) {
                sequences.add(read(window, details));
            }
        } finally {
            for (long window : windows) {
                library.deleteEncoding(window);
            }
        }
    }

    private TokenSequence read(long encoding, boolean details) {
        long[] ids = library.getTokenIds(encoding);
        long[] typeIds = library.getTypeIds(encoding);
        if (!details) {
            return new TokenSequence(ids, typeIds, null);
        }
        CharSpan[] spans = library.getTokenCharSpans(encoding);
        List<TokenSequence.Token> tokens = new ArrayList<>(ids.length);
        long[] words = library.getWordIds(encoding);
        long[] texts = library.getSequenceIds(encoding);
        for (int i = 0; i < ids.length; i++) {
            tokens.add(
                    spans[i] == null
                            ? TokenSequence.Token.SPECIAL
                            : new TokenSequence.Token(
                                    (int) texts[i],
                                    (int) words[i],
                                    spans[i].getStart(),
                                    spans[i].getEnd()));
        }
        return new TokenSequence(ids, typeIds, tokens);
    }

    /** Frees the native tokenizer, once nothing is being encoded. */
    @Override
    public void close() {
        lock.writeLock().lock();
        try {
            if (handle != 0) {
                library.deleteTokenizer(handle);
                handle = 0;
                OPEN.decrementAndGet();
            }
        } finally {
            lock.writeLock().unlock();
        }
    }
}
