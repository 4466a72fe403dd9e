package io.bactrian.pipeline;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A media type or media range with its parameters (RFC 9110, sections 8.3.1 and 12.5.1), such as
 * {@code text/plain; charset="utf-8"} or {@code image/*;q=0.5}.
 *
 * <p>Names are compared without regard to case, and so are charsets; other parameters' values are
 * compared as they are. What is no media type at all is one of its own, which equals nothing else.
 */
public final class MediaType {

    private static final String ANY = "*/*";
    private static final String QUALITY = "q";
    private static final String CHARSET = "charset";
    private static final Pattern DECIMAL = Pattern.compile("\\d+(\\.\\d*)?|\\.\\d+");

    private static final Set<String> OTHER_TEXTS =
            Set.of(
                    "application/jsonlines",
                    "application/jsons",
                    "application/x-www-form-urlencoded");

    private final String name;
    private final Map<String, String> parameters;
    private final double quality;

    private MediaType(String name, Map<String, String> parameters, double quality) {
        this.name = name;
        this.parameters = parameters;
        this.quality = quality;
    }

    /**
     * {@return the media type that a text names}
     *
     * @param text a media type or range, which may have a quality
     */
    public static MediaType of(String text) {
        if (text.indexOf(';') < 0) {
            return new MediaType(text.strip().toLowerCase(Locale.ROOT), Map.of(), 1);
        }
        List<String> parts = split(text, ';');
        Map<String, String> parameters = new LinkedHashMap<>();
        double quality = 1;
        for (String part : parts.subList(1, parts.size())) {
            int equals = part.indexOf('=');
            if (equals > 0) {
                String key = part.substring(0, equals).strip().toLowerCase(Locale.ROOT);
                String value = unquote(part.substring(equals + 1).strip());
                if (key.equals(QUALITY)) {
                    quality = quality(value);
                } else if (!key.isEmpty()) {
                    parameters.putIfAbsent(key, value);
                }
            }
        }
        String name = parts.get(0).strip().toLowerCase(Locale.ROOT);
        return new MediaType(name, parameters, quality);
    }

    /**
     * Splits at a separator, except where it is quoted.
     *
     * @return the parts, as they are
     */
    static List<String> split(String text, char separator) {
        List<String> parts = new ArrayList<>();
        boolean quoted = false;
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quoted && c == '\\') {
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == separator && !quoted) {
                parts.add(text.substring(start, i));
                start = i + 1;
            }
        }
        parts.add(text.substring(start));
        return parts;
    }

    private static String unquote(String value) {
        if (!value.startsWith("\"")) {
            return value;
        }
        StringBuilder unquoted = new StringBuilder();
        for (int i = 1; i < value.length() && value.charAt(i) != '"'; i++) {
            if (value.charAt(i) == '\\' && i + 1 < value.length()) {
                i++;
            }
            unquoted.append(value.charAt(i));
        }
        return unquoted.toString();
    }

    /** A quality that is none counts as 1, as if it had not been given. */
    private static double quality(String value) {
        return DECIMAL.matcher(value).matches() ? Math.min(1, Double.parseDouble(value)) : 1;
    }

    /** {@return type and subtype in lower case, without parameters} */
    public String name() {
        return name;
    }

    /** {@return how much it is wanted, 0 to 1} */
    double quality() {
        return quality;
    }

    /** {@return whether there is no type, but maybe parameters} */
    boolean isBlank() {
        return name.isEmpty();
    }

    /** {@return whether it stands for several types: {@code image/*}, {@code *}{@code /*}} */
    boolean isRange() {
        return name.endsWith("/*");
    }

    /**
     * {@return whether {@code other}, which is no range, is of this type or in this range,
     * parameters aside}
     */
    boolean includes(MediaType other) {
        return name.equals(other.name)
                || name.equals(ANY)
                || (isRange() && other.name.startsWith(name.substring(0, name.length() - 1)));
    }

    /**
     * {@return how precisely this range of an Accept header names {@code offer}, which it {@link
     * #includes}; -1 if it asks for another value of one of the offer's parameters}
     */
    int specificity(MediaType offer) {
        int matching = matchingParameters(offer);
        return matching < 0 ? -1 : matching + (name.equals(ANY) ? 0 : isRange() ? 1 : 2);
    }

    /**
     * {@return the number of parameters that this range and {@code offer} share; -1 if one has
     * another value}
     */
    int matchingParameters(MediaType offer) {
        int matching = 0;
        for (Map.Entry<String, String> wanted : parameters.entrySet()) {
            String offered = offer.parameters.get(wanted.getKey());
            if (offered != null) {
                boolean same =
                        wanted.getKey().equals(CHARSET)
                                ? offered.equalsIgnoreCase(wanted.getValue())
                                : offered.equals(wanted.getValue());
                if (!same) {
                    return -1;
                }
                matching++;
            }
        }
        return matching;
    }

    /** {@return whether its bodies are text, so that a charset has a meaning} */
    private boolean isText() {
        return name.startsWith("text/")
                || name.endsWith("json")
                || name.endsWith("xml")
                || OTHER_TEXTS.contains(name);
    }

    /**
     * {@return the charset of a text that is declared so; null if none is declared, or it is no
     * text}
     *
     * @throws UnsupportedMediaTypeException if there is no such charset here
     */
    public @Nullable Charset charset() {
        String charset = parameters.get(CHARSET);
        if (charset == null || charset.isEmpty() || !isText()) {
            return null;
        }
        return charset(charset);
    }

    /**
     * {@return the charset of that name}
     *
     * @throws UnsupportedMediaTypeException if there is no such charset here
     */
    static Charset charset(String name) {
        if (name.equalsIgnoreCase("utf-8")) {
            return StandardCharsets.UTF_8;
        }
        try {
            return Charset.forName(name);
        } catch (IllegalArgumentException e) {
            throw new UnsupportedMediaTypeException(
                    "the charset of this Content-Type is not known: use utf-8");
        }
    }

    /** {@return the type with its parameters, but without a quality} */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(name);
        parameters.forEach(
                (key, value) -> {
                    boolean plain = HttpToken.matches(value);
                    String quoted = '"' + value.replaceAll("[\\\\\"]", "\\\\$0") + '"';
                    text.append("; ").append(key).append('=').append(plain ? value : quoted);
                });
        return text.toString();
    }
}
