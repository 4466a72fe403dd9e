package io.bactrian.pipeline;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A list of media types, as {@code consumes} and {@code produces} declare them and as an {@code
 * Accept} header asks for them: {@code application/json, image/*;q=0.5}. Parameters other than
 * {@code q} are not looked at; an empty list stands for any type.
 */
public final class MediaTypes {

    /** A media type in lower case, and how much it is wanted: 0 to 1. */
    private record Range(String type, double quality) {

        boolean matches(String other) {
            return matches(type, other) || matches(other, type);
        }

        private static boolean matches(String range, String type) {
            return range.equals(type)
                    || range.equals("*/*")
                    || range.endsWith("/*")
                            && type.startsWith(range.substring(0, range.length() - 1));
        }
    }

    private final List<Range> ranges;

    private MediaTypes(List<Range> ranges) {
        this.ranges = ranges;
    }

    /**
     * @param list media types with commas between them; null or blank for any
     */
    public static MediaTypes of(String list) {
        if (list == null || list.isBlank()) {
            return new MediaTypes(List.of());
        }
        List<Range> ranges = new ArrayList<>();
        for (String item : list.split(",")) {
            String type = typeOf(item);
            if (!type.isEmpty()) {
                ranges.add(new Range(type, quality(item)));
            }
        }
        return new MediaTypes(List.copyOf(ranges));
    }

    /**
     * @return the media type in lower case without its parameters: {@code application/json} of
     *     {@code Application/JSON; charset=utf-8}
     */
    public static String typeOf(String contentType) {
        int semicolon = contentType.indexOf(';');
        return (semicolon < 0 ? contentType : contentType.substring(0, semicolon))
                .strip()
                .toLowerCase(Locale.ROOT);
    }

    /**
     * @param contentType a {@code Content-Type} header
     * @return whether this list holds it
     */
    public boolean includes(String contentType) {
        String type = typeOf(contentType);
        return ranges.isEmpty() || ranges.stream().anyMatch(range -> range.matches(type));
    }

    /**
     * @return the first type of the list that is no range, or null
     */
    public String first() {
        return ranges.stream()
                .map(Range::type)
                .filter(type -> !type.contains("*"))
                .findFirst()
                .orElse(null);
    }

    /**
     * Chooses what to answer with (RFC 9110, section 12.5.1): of the types in this list the one
     * that {@code accept} wants most, an exact type before a range, an earlier one before a later.
     *
     * @param accept an {@code Accept} header; null or blank accepts anything
     * @return the type to answer with, or null if none of this list is acceptable
     */
    public String choose(String accept) {
        MediaTypes wanted = of(accept);
        if (wanted.ranges.isEmpty()) {
            return first();
        }
        String best = null;
        double bestQuality = 0;
        for (Range offer : ranges) {
            double quality = wanted.qualityOf(offer.type());
            if (quality > bestQuality) {
                best = offer.type();
                bestQuality = quality;
            }
        }
        return best;
    }

    /** The quality of the most specific range that matches; 0 if none does. */
    private double qualityOf(String type) {
        double quality = 0;
        int bestSpecificity = -1;
        for (Range range : ranges) {
            int specificity = range.type().equals("*/*") ? 0 : range.type().endsWith("/*") ? 1 : 2;
            if (specificity > bestSpecificity && range.matches(type)) {
                bestSpecificity = specificity;
                quality = range.quality();
            }
        }
        return quality;
    }

    private static double quality(String item) {
        return Arrays.stream(item.split(";"))
                .map(parameter -> parameter.strip().toLowerCase(Locale.ROOT))
                .filter(parameter -> parameter.startsWith("q="))
                .findFirst()
                .map(MediaTypes::parseQuality)
                .orElse(1.0);
    }

    private static double parseQuality(String parameter) {
        try {
            return Math.min(1, Math.max(0, Double.parseDouble(parameter.substring(2).strip())));
        } catch (NumberFormatException e) {
            return 1;
        }
    }

    /**
     * @return the types with commas between them, {@code *}{@code /*} for any
     */
    @Override
    public String toString() {
        return ranges.isEmpty()
                ? "*/*"
                : ranges.stream().map(Range::type).collect(Collectors.joining(", "));
    }
}
