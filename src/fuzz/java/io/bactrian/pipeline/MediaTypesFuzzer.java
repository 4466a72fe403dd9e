package io.bactrian.pipeline;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** Any header is a list of media types, and what is chosen by it is one that it accepts. */
public final class MediaTypesFuzzer {

    private static final MediaTypes PRODUCED =
            MediaTypes.of("application/json, application/x-npy, text/plain;charset=utf-8");

    private static final MediaTypes ANY = MediaTypes.of("*/*");

    private MediaTypesFuzzer() {}

    public static void fuzzerTestOneInput(byte[] bytes) {
        String header = new String(bytes, StandardCharsets.ISO_8859_1);
        MediaTypes types = MediaTypes.of(header);
        types.includes("application/json");
        types.includes(header);
        types.first();
        MediaTypes.of(types.toString());
        for (MediaTypes produced : List.of(PRODUCED, ANY)) {
            String chosen = produced.choose(header);
            if (chosen != null && !produced.canSatisfy(header)) {
                throw new IllegalStateException(chosen + " is chosen but does not satisfy");
            }
            if (chosen != null && !header.isBlank() && !types.accepts(MediaType.of(chosen))) {
                throw new IllegalStateException(chosen + " is chosen but not accepted");
            }
        }
    }
}
