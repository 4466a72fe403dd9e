package io.bactrian.cases;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The media types of files by their extension. */
public final class FileTypes {

    private static final String BYTES = "application/octet-stream";

    private static final Map<String, String> TYPES =
            Map.ofEntries(
                    Map.entry("json", "application/json"),
                    Map.entry("jsonl", "application/jsonlines"),
                    Map.entry("csv", "text/csv"),
                    Map.entry("txt", "text/plain"),
                    Map.entry("html", "text/html"),
                    Map.entry("xml", "application/xml"),
                    Map.entry("npy", "application/x-npy"),
                    Map.entry("jpg", "image/jpeg"),
                    Map.entry("jpeg", "image/jpeg"),
                    Map.entry("png", "image/png"),
                    Map.entry("gif", "image/gif"),
                    Map.entry("bmp", "image/bmp"),
                    Map.entry("webp", "image/webp"),
                    Map.entry("tif", "image/tiff"),
                    Map.entry("tiff", "image/tiff"),
                    Map.entry("wav", "audio/wav"),
                    Map.entry("tfrecord", "application/x-tfrecord"),
                    Map.entry("tfexample", "application/x-tfexample"),
                    Map.entry("bin", BYTES));

    private FileTypes() {}

    /**
     * {@return the media type of a file by its extension; that of bytes if it is unknown}
     *
     * @param file the file, which need not exist
     */
    public static String of(Path file) {
        String type = ofExtension(extension(file));
        return type == null ? BYTES : type;
    }

    /** {@return a file's extension in lower case; its whole name if it has none} */
    static String extension(Path file) {
        String name = file.getFileName().toString();
        return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    }

    /** {@return the media type of an extension in lower case, or null if it is unknown} */
    static @Nullable String ofExtension(String extension) {
        return TYPES.get(extension);
    }

    /** {@return the extension for a media type without parameters; {@code bin} if it is unknown} */
    static String extensionOf(String mediaType) {
        if (mediaType.equals("image/jpeg")) {
            return "jpg";
        }
        if (mediaType.equals("image/tiff")) {
            return "tiff";
        }
        return TYPES.entrySet().stream()
                .filter(type -> type.getValue().equals(mediaType))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse("bin");
    }
}
