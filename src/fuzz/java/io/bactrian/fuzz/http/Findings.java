package io.bactrian.fuzz.http;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** What went wrong, each with the request in a file of its own, to be sent again. */
final class Findings {

    private static final int MAX_FILES_PER_KIND = 12;

    private final Path directory;
    private final Map<String, Integer> counts = new TreeMap<>();

    Findings(Path directory) throws IOException {
        this.directory = Files.createDirectories(directory);
    }

    /**
     * @param kind in a few words that make a file name
     * @param detail what was seen
     * @param request what was sent; null if no one request is to blame
     */
    synchronized void add(String kind, String detail, MutatedRequest request) {
        int count = counts.merge(kind, 1, Integer::sum);
        String where = "";
        if (request != null && count <= MAX_FILES_PER_KIND) {
            where = write(kind + "-" + count, request);
        }
        if (count <= MAX_FILES_PER_KIND) {
            String what = request == null ? "" : "; " + request.description();
            System.out.println(("FINDING " + kind + ": " + detail + what + where).strip());
        }
    }

    private String write(String name, MutatedRequest request) {
        Path file = directory.resolve(name.replace(' ', '-') + ".request");
        try {
            Files.write(file, request.bytes());
            return "; " + file;
        } catch (IOException e) {
            return "; not written: " + e;
        }
    }

    /** {@return how many there are of each kind} */
    synchronized Map<String, Integer> counts() {
        return new TreeMap<>(counts);
    }
}
