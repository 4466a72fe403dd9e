package io.bactrian.format;

import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The wire formats of the built-in {@code predict} pipeline. */
public final class WireFormats {

    /** The first is the default, for requests and answers that name no media type. */
    private static final List<Supplier<WireFormat>> ALL =
            List.of(
                    TensorFlowJsonFormat::new,
                    JsonLinesFormat::new,
                    JsonSequenceFormat::new,
                    CsvFormat::new,
                    NpyFormat::new,
                    NpzFormat::new);

    private final List<WireFormat> formats;

    /** Creates all formats of this library. */
    public WireFormats() {
        this(ALL.stream().map(Supplier::get).toList());
    }

    /**
     * Creates a selection of formats.
     *
     * @param formats at least one, the default first
     */
    public WireFormats(List<? extends WireFormat> formats) {
        this.formats = List.copyOf(formats);
    }

    /** {@return all formats, the default first} */
    public List<WireFormat> all() {
        return formats;
    }

    /** {@return the media types of all formats, with commas between} */
    public String mediaTypes() {
        return formats.stream().map(WireFormat::mediaType).collect(Collectors.joining(","));
    }

    /**
     * {@return the format of a media type}
     *
     * @param mediaType one of {@link #mediaTypes}, without parameters; null for the default
     */
    public WireFormat of(@Nullable String mediaType) {
        return formats.stream()
                .filter(format -> format.mediaType().equals(mediaType))
                .findFirst()
                .orElse(formats.get(0));
    }
}
