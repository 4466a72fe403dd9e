package io.bactrian.preprocess;

import io.bactrian.limit.MemoryBudget;
import io.bactrian.pipeline.ExchangeMemory;
import java.text.Normalizer;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/**
 * A Unicode normalization form (Unicode Standard Annex 15), as Python's {@code
 * unicodedata.normalize} makes it.
 */
public enum UnicodeForm {
    /** The text unchanged. */
    NONE(null),
    /** Canonical decomposition, then composition. */
    NFC(Normalizer.Form.NFC),
    /** Canonical decomposition. */
    NFD(Normalizer.Form.NFD),
    /** Compatibility decomposition, then composition. */
    NFKC(Normalizer.Form.NFKC),
    /** Compatibility decomposition. */
    NFKD(Normalizer.Form.NFKD),
    /**
     * Canonical decomposition without nonspacing marks (Mn): {@code Café} becomes {@code Cafe}, as
     * by the {@code strip_accents} of BERT's tokenizer.
     */
    NO_ACCENTS(Normalizer.Form.NFD) {
        @Override
        String apply(String text) {
            return MARKS.matcher(super.apply(text)).replaceAll("");
        }
    };

    private static final Pattern MARKS = Pattern.compile("\\p{Mn}+");

    /** U+FDFA becomes 18 characters, each of two bytes. */
    private static final int MAX_BYTES_PER_CHARACTER = 36;

    private final Normalizer.@Nullable Form form;

    UnicodeForm(Normalizer.@Nullable Form form) {
        this.form = form;
    }

    String apply(String text) {
        return form == null ? text : Normalizer.normalize(text, form);
    }

    /**
     * {@return the texts in this form}
     *
     * @throws io.bactrian.limit.InsufficientMemoryException if they may take more than the whole
     *     budget
     * @throws io.bactrian.limit.OverloadedException if other requests hold too much of it now
     */
    List<String> apply(Exchange exchange, List<String> texts) {
        if (form == null) {
            return texts;
        }
        long characters = texts.stream().mapToLong(String::length).sum();
        MemoryBudget.Reservation memory =
                ExchangeMemory.reserve(
                        exchange, "normalizing the text", characters * MAX_BYTES_PER_CHARACTER);
        try {
            List<String> normalized = texts.stream().map(this::apply).toList();
            memory.shrinkTo(Character.BYTES * normalized.stream().mapToLong(String::length).sum());
            return normalized;
        } catch (RuntimeException | Error e) {
            memory.close();
            throw e;
        }
    }
}
