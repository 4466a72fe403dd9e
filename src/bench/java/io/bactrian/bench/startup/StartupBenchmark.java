package io.bactrian.bench.startup;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Measures what the server's start costs beyond TensorFlow Java's: time, processor time and memory
 * until {@code /ping} answers 200, as it is started by its README and with {@code
 * BACTRIAN_OPTIMIZE=false}, beside a {@link BareSession}. They take turns. For Linux.
 */
public final class StartupBenchmark {

    private static final double MEBI_KILOBYTES = 1024;
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final long POLL_MILLIS = 5;

    /** The server's memory is looked at when its garbage of the start is gone. */
    private static final long SETTLE_MILLIS = 500;

    private final Map<String, String> settings = new LinkedHashMap<>();
    private final Path script;

    private StartupBenchmark(String[] args) {
        settings.put("rounds", "5");
        settings.put("bactrian", "target/bactrian/bin/bactrian");
        settings.put("models", "target/bench/startup");
        settings.put("out", "target/bench/results/startup.md");
        settings.put("python", "");
        for (String arg : args) {
            String[] pair = arg.split("=", 2);
            if (pair.length < 2 || !settings.containsKey(pair[0])) {
                throw new IllegalArgumentException(
                        "no such parameter: " + arg + "; there are " + settings.keySet());
            }
            settings.put(pair[0], pair[1]);
        }
        this.script = Path.of(settings.get("bactrian")).toAbsolutePath();
    }

    /**
     * @param args {@code key=value}, see src/bench/README.md
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        new StartupBenchmark(args).run();
    }

    /**
     * What one start took.
     *
     * @param seconds until it was ready
     * @param cpu seconds of processor time by then
     * @param resident MiB when it was ready
     * @param peak MiB at most until then
     */
    private record Start(double seconds, double cpu, double resident, double peak) {}

    private void run() throws IOException, InterruptedException {
        makeModels();
        StringBuilder report = new StringBuilder();
        report.append(
                "| model | what | seconds | beyond bare | processor s | resident MiB | peak MiB |\n");
        report.append("| --- | --- | ---: | ---: | ---: | ---: | ---: |\n");
        for (Path directory : modelDirectories()) {
            Map<String, List<Start>> starts = new LinkedHashMap<>();
            for (int round = 0; round < Integer.parseInt(settings.get("rounds")); round++) {
                measure(starts, "TensorFlow Java: load, run once", bare(savedModels(directory)));
                measure(starts, "bactrian", server(directory, Map.of()));
                measure(
                        starts,
                        "bactrian, BACTRIAN_OPTIMIZE=false",
                        server(directory, Map.of("BACTRIAN_OPTIMIZE", "false")));
            }
            List<Start> bare = starts.values().iterator().next();
            starts.forEach(
                    (what, measured) ->
                            report.append(row(directory.getFileName() + "", what, measured, bare)));
            Path out = Path.of(settings.get("out"));
            Files.createDirectories(out.toAbsolutePath().getParent());
            Files.writeString(out, report);
        }
        System.out.print(report);
    }

    private static void measure(Map<String, List<Start>> starts, String what, Start start) {
        System.err.printf("%s: %s%n", what, start);
        starts.computeIfAbsent(what, key -> new ArrayList<>()).add(start);
    }

    /** The difference is the median of the rounds', since a machine that others use drifts. */
    private static String row(String model, String what, List<Start> starts, List<Start> bare) {
        double[] beyond = new double[starts.size()];
        for (int i = 0; i < beyond.length; i++) {
            beyond[i] = starts.get(i).seconds() - bare.get(i).seconds();
        }
        return String.format(
                Locale.ROOT,
                "| %s | %s | %.2f | %s | %.2f | %.0f | %.0f |%n",
                model,
                what,
                median(starts.stream().mapToDouble(Start::seconds).toArray()),
                starts == bare ? "" : String.format(Locale.ROOT, "%+.2f", median(beyond)),
                median(starts.stream().mapToDouble(Start::cpu).toArray()),
                median(starts.stream().mapToDouble(Start::resident).toArray()),
                median(starts.stream().mapToDouble(Start::peak).toArray()));
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        int middle = values.length / 2;
        return values.length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }

    private void makeModels() throws IOException, InterruptedException {
        Path models = Path.of(settings.get("models"));
        if (Files.isDirectory(models) || settings.get("python").isEmpty()) {
            return;
        }
        Files.createDirectories(models);
        int exit =
                new ProcessBuilder(
                                settings.get("python"),
                                "src/bench/python/make_startup_models.py",
                                "--out",
                                models.toString())
                        .inheritIO()
                        .start()
                        .waitFor();
        if (exit != 0) {
            throw new IOException("make_startup_models.py ended with " + exit);
        }
    }

    /** The examples are three models that load side by side; the others one each. */
    private List<Path> modelDirectories() throws IOException {
        List<Path> directories = new ArrayList<>();
        directories.add(Path.of("src/examples/models"));
        Path models = Path.of(settings.get("models"));
        if (Files.isDirectory(models)) {
            try (Stream<Path> made = Files.list(models)) {
                made.sorted().forEach(directories::add);
            }
        }
        return directories;
    }

    private static List<String> savedModels(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(file -> file.endsWith("saved_model.pb"))
                    .map(file -> file.getParent().toString())
                    .sorted()
                    .toList();
        }
    }

    private Start bare(List<String> savedModels) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:+UseSerialGC", "-Xms64m"));
        try (Stream<Path> systems = Files.list(script.resolveSibling("../lib/native"))) {
            String path = String.join(":", systems.map(Path::toString).sorted().toList());
            command.add("-Djava.library.path=" + path);
        }
        command.add("-Dorg.bytedeco.javacpp.pathsFirst=true");
        command.add("-Dorg.bytedeco.javacpp.cacheLibraries=false");
        command.add("-Dorg.bytedeco.javacpp.maxPhysicalBytes=0");
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.add(BareSession.class.getName());
        command.addAll(savedModels);
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("TF_CPP_MIN_LOG_LEVEL", "3");
        long start = System.nanoTime();
        Process process = builder.start();
        try (BufferedReader out =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            String line = out.readLine();
            while (line != null && !line.equals("ready")) {
                line = out.readLine();
            }
            if (line == null) {
                throw new IOException("TensorFlow Java alone can't load " + savedModels);
            }
            return looked(process, start);
        } finally {
            end(process);
        }
    }

    private Start server(Path directory, Map<String, String> environment)
            throws IOException, InterruptedException {
        int port = freePort();
        Path log = Files.createTempFile("startup", ".log");
        ProcessBuilder builder =
                new ProcessBuilder(script.toString(), "serve")
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile());
        builder.environment()
                .keySet()
                .removeIf(name -> name.startsWith("BACTRIAN_") || name.startsWith("SAGEMAKER_"));
        builder.environment().put("BACTRIAN_HOST", "127.0.0.1");
        builder.environment().put("SAGEMAKER_BIND_TO_PORT", String.valueOf(port));
        builder.environment().put("BACTRIAN_MODEL_DIR", directory.toAbsolutePath().toString());
        builder.environment().putAll(environment);
        long start = System.nanoTime();
        Process process = builder.start();
        try {
            while (!isReady(port)) {
                boolean late = System.nanoTime() - start > PATIENCE.toNanos();
                if (late || process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
                    throw new IOException("the server is not ready: " + Files.readString(log));
                }
            }
            return looked(process, start);
        } finally {
            end(process);
            Files.delete(log);
        }
    }

    private static boolean isReady(int port) {
        try {
            HttpURLConnection ping =
                    (HttpURLConnection)
                            URI.create("http://127.0.0.1:" + port + "/ping")
                                    .toURL()
                                    .openConnection();
            return ping.getResponseCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    private static Start looked(Process process, long start)
            throws IOException, InterruptedException {
        double seconds = (System.nanoTime() - start) / 1e9;
        double cpu = process.info().totalCpuDuration().orElse(Duration.ZERO).toMillis() / 1e3;
        Thread.sleep(SETTLE_MILLIS);
        Path status = Path.of("/proc", String.valueOf(process.pid()), "status");
        String memory = Files.exists(status) ? Files.readString(status) : "";
        return new Start(seconds, cpu, mebibytes(memory, "VmRSS"), mebibytes(memory, "VmHWM"));
    }

    private static double mebibytes(String status, String key) {
        return status.lines()
                .filter(line -> line.startsWith(key + ":"))
                .mapToDouble(line -> Long.parseLong(line.replaceAll("\\D", "")) / MEBI_KILOBYTES)
                .findFirst()
                .orElse(Double.NaN);
    }

    private static void end(Process process) throws InterruptedException {
        process.destroy();
        if (!process.waitFor(40, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
