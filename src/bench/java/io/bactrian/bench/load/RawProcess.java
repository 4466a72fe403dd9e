package io.bactrian.bench.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** A {@link RawSession} in a process of its own. */
final class RawProcess implements AutoCloseable {

    private final Process process;
    private final BufferedReader out;

    /**
     * @param rate runs a second
     * @param p50 milliseconds
     * @param p99 milliseconds
     * @param cpu milliseconds of processor time a run
     */
    record Rate(double rate, double p50, double p99, double cpu) {}

    RawProcess(Settings settings, Workload workload, int intraOp, boolean optimized)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Dorg.bytedeco.javacpp.maxPhysicalBytes=0");
        command.add("-Xmx1g");
        Path natives = settings.bactrian().resolveSibling("../lib/native").normalize();
        if (Files.isDirectory(natives)) {
            // The server's own library, and no second copy of it in the home directory.
            try (Stream<Path> systems = Files.list(natives)) {
                String path = String.join(":", systems.map(Path::toString).sorted().toList());
                command.add("-Djava.library.path=" + path);
            }
            command.add("-Dorg.bytedeco.javacpp.pathsFirst=true");
            command.add("-Dorg.bytedeco.javacpp.cacheLibraries=false");
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.addAll(List.of(RawSession.class.getName(), workload.model().toString()));
        command.addAll(List.of(String.valueOf(intraOp), workload.sample()));
        command.add(String.valueOf(optimized));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("TF_CPP_MIN_LOG_LEVEL", "3");
        process = builder.start();
        out =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String line = out.readLine();
        while (line != null && !line.equals("ready")) {
            line = out.readLine();
        }
        if (line == null) {
            throw new IOException("the raw session did not start: " + String.join(" ", command));
        }
    }

    Rate run(int threads, double seconds) throws IOException {
        return ask(String.format(Locale.ROOT, "run %d %.3f", threads, seconds));
    }

    Rate decode(Path image, double seconds) throws IOException {
        return ask(String.format(Locale.ROOT, "decode %s %.3f", image, seconds));
    }

    private Rate ask(String command) throws IOException {
        OutputStream in = process.getOutputStream();
        in.write((command + "\n").getBytes(StandardCharsets.UTF_8));
        in.flush();
        String line = out.readLine();
        if (line == null) {
            throw new IOException("the raw session has ended at: " + command);
        }
        String[] numbers = line.split(" ");
        return new Rate(
                Double.parseDouble(numbers[0]),
                Double.parseDouble(numbers[1]),
                Double.parseDouble(numbers[2]),
                Double.parseDouble(numbers[3]));
    }

    @Override
    public void close() {
        process.destroy();
    }
}
