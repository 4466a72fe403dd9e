package io.bactrian.pipeline;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A list of media types and ranges, as {@code consumes} and {@code produces} declare them and as an
 * {@code Accept} header asks for them: {@code application/json, image/*;q=0.5}. An empty list
 * stands for any type.
 */
public final class MediaTypes {

    private static final MediaTypes ANY = new MediaTypes(List.of());

    private final List<MediaType> types;

    private MediaTypes(List<MediaType> types) {
        this.types = types;
    }

    /**
     * {@return the media types of a list}
     *
     * @param list media types with commas between them; null or blank for any
     */
    public static MediaTypes of(@Nullable String list) {
        if (list == null || list.isBlank()) {
            return ANY;
        }
        List<MediaType> types =
                MediaType.split(list, ',').stream()
                        .map(MediaType::of)
                        .filter(type -> !type.isBlank())
                        .toList();
        return types.isEmpty() ? ANY : new MediaTypes(types);
    }

    /**
     * {@return whether a body of the type {@code contentType} is one of these, parameters aside}
     *
     * @param contentType a {@code Content-Type} header
     */
    public boolean includes(String contentType) {
        return includes(MediaType.of(contentType));
    }

    /**
     * {@return whether a body of that type is one of these, parameters aside}
     *
     * @param contentType the media type of a body
     */
    public boolean includes(MediaType contentType) {
        return types.isEmpty() || types.stream().anyMatch(type -> type.includes(contentType));
    }

    /**
     * {@return whether {@code contentType} is given here as it is, not only in a range}
     *
     * @param contentType the media type of a body
     */
    public boolean names(String contentType) {
        return types.stream().anyMatch(type -> type.toString().equals(contentType));
    }

    /** {@return whether text of each of these types can be encoded here} */
    boolean hasKnownCharsets() {
        try {
            types.forEach(MediaType::charset);
            return true;
        } catch (UnsupportedMediaTypeException e) {
            return false;
        }
    }

    /** {@return the first of these that is no range, with its parameters; null if there is none} */
    public @Nullable String first() {
        return types.stream()
                .filter(type -> !type.isRange())
                .findFirst()
                .map(MediaType::toString)
                .orElse(null);
    }

    /**
     * {@return whether a caller that sent this list as {@code Accept} takes a body of the type
     * {@code contentType}}
     *
     * @param contentType the media type of a body
     */
    public boolean accepts(MediaType contentType) {
        return types.isEmpty() || qualityOf(contentType) > 0;
    }

    /**
     * {@return whether any of these types may be sent to who sent {@code accept}}
     *
     * @param accept an {@code Accept} header; null or blank accepts anything
     */
    public boolean canSatisfy(@Nullable String accept) {
        MediaTypes wanted = of(accept);
        return types.isEmpty()
                || wanted.types.isEmpty()
                || types.stream().anyMatch(offer -> wanted.best(offer) != null);
    }

    /**
     * Chooses what to answer with (RFC 9110, section 12.5.1): of these types the one that {@code
     * accept} wants most, of those wanted alike the one with the most parameters that it names, and
     * then the first. Of a range among these it is a type that {@code accept} names.
     *
     * @param accept an {@code Accept} header; null or blank accepts anything
     * @return the type with its parameters; null if none {@link #canSatisfy} it, or a range does
     *     and no type is named
     */
    public @Nullable String choose(@Nullable String accept) {
        MediaTypes wanted = of(accept);
        if (wanted.types.isEmpty()) {
            return first();
        }
        MediaType best = null;
        double bestQuality = 0;
        int mostParameters = 0;
        for (MediaType offer : types) {
            MediaType candidate = wanted.best(offer);
            if (candidate == null) {
                continue;
            }
            double quality = wanted.qualityOf(candidate);
            int parameters = wanted.parametersOf(candidate);
            if (quality > bestQuality
                    || (best != null && quality == bestQuality && parameters > mostParameters)) {
                best = candidate;
                bestQuality = quality;
                mostParameters = parameters;
            }
        }
        return best == null || best.isRange() ? null : best.toString();
    }

    /**
     * Of an offer, the type that this {@code Accept} wants most: the offer itself, or of a range
     * the type named here. Null if it wants none; a range if it names none.
     */
    private @Nullable MediaType best(MediaType offer) {
        if (!offer.isRange()) {
            return qualityOf(offer) > 0 ? offer : null;
        }
        MediaType best = null;
        double bestQuality = 0;
        for (MediaType wanted : types) {
            MediaType common = wanted.isRange() && wanted.includes(offer) ? offer : wanted;
            if (wanted.quality() > bestQuality && (common == offer || offer.includes(wanted))) {
                best = common;
                bestQuality = wanted.quality();
            }
        }
        return best;
    }

    /** The most parameters of the type that a range names which includes it. */
    private int parametersOf(MediaType type) {
        return types.stream()
                .filter(range -> range.includes(type))
                .mapToInt(range -> range.matchingParameters(type))
                .max()
                .orElse(0);
    }

    /** The quality of the most specific range that includes the type; 0 if none does. */
    private double qualityOf(MediaType type) {
        double quality = 0;
        int bestSpecificity = -1;
        for (MediaType range : types) {
            if (range.includes(type)) {
                int specificity = range.specificity(type);
                if (specificity > bestSpecificity) {
                    bestSpecificity = specificity;
                    quality = range.quality();
                }
            }
        }
        return quality;
    }

    /** {@return the types with commas between them, {@code *}{@code /*} for any} */
    @Override
    public String toString() {
        return types.isEmpty()
                ? "*/*"
                : types.stream().map(MediaType::toString).collect(Collectors.joining(", "));
    }
}
