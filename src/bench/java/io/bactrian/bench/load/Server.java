package io.bactrian.bench.load;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A server under load, in a process of its own. */
final class Server implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(180);
    private static final long POLL_MILLIS = 5;

    private final Process process;
    private final int port;
    private final Path log;
    private final long startNanos;
    private final Duration startUp;

    private Server(List<String> command, Map<String, String> environment, int port, Path log)
            throws IOException, InterruptedException {
        this.port = port;
        this.log = log;
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment()
                .keySet()
                .removeIf(name -> name.startsWith("BACTRIAN_") || name.startsWith("SAGEMAKER_"));
        builder.environment().putAll(environment);
        startNanos = System.nanoTime();
        process = builder.start();
        try {
            startUp = awaitPing();
        } catch (IOException | InterruptedException e) {
            process.destroyForcibly();
            throw e;
        }
    }

    /** Bactrian, as its README starts it. */
    static Server bactrian(Settings settings, Workload workload, Path log)
            throws IOException, InterruptedException {
        return bactrian(settings, settings.bactrian(), workload, log);
    }

    /**
     * @param script the start script of a build
     */
    static Server bactrian(Settings settings, Path script, Workload workload, Path log)
            throws IOException, InterruptedException {
        int port = freePort();
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("BACTRIAN_HOST", "127.0.0.1");
        environment.put("SAGEMAKER_BIND_TO_PORT", String.valueOf(port));
        environment.put("BACTRIAN_MODEL_DIR", workload.modelDirectory().toString());
        environment.putAll(workload.environment());
        environment.putAll(settings.environment());
        return new Server(
                List.of(script.toAbsolutePath().toString(), "serve"), environment, port, log);
    }

    /** The Python baseline: gunicorn with two workers of one thread each. */
    static Server python(Settings settings, Workload workload, String predict, Path log)
            throws IOException, InterruptedException {
        int port = freePort();
        List<String> command = new ArrayList<>();
        command.add(settings.python());
        command.addAll(List.of("-m", "gunicorn", "--workers", "2", "--threads", "1"));
        command.addAll(List.of("--timeout", "120", "--log-level", "warning"));
        command.addAll(List.of("--bind", "127.0.0.1:" + port));
        command.addAll(List.of("--chdir", Path.of("src/bench/python").toAbsolutePath().toString()));
        command.add("wsgi:application");
        return new Server(
                command,
                Map.of(
                        "BENCH_SCRIPT",
                        workload.script(),
                        "BENCH_MODEL_DIR",
                        workload.model().getParent().toString(),
                        "BENCH_PREDICT",
                        predict,
                        "TF_CPP_MIN_LOG_LEVEL",
                        "3"),
                port,
                log);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private Duration awaitPing() throws IOException, InterruptedException {
        Call ping = Call.get("/ping");
        while (System.nanoTime() - startNanos < PATIENCE.toNanos()) {
            try {
                if (ping.ask(port).status() == 200) {
                    return Duration.ofNanos(System.nanoTime() - startNanos);
                }
            } catch (IOException e) {
                // Not yet.
            }
            if (!process.isAlive()) {
                throw new IOException("the server has ended: " + Files.readString(log));
            }
            Thread.sleep(POLL_MILLIS);
        }
        throw new IOException("no 200 on /ping within " + PATIENCE + ": " + Files.readString(log));
    }

    int port() {
        return port;
    }

    /** From starting the process to the first 200 on {@code /ping}. */
    Duration startUp() {
        return startUp;
    }

    long logBytes() throws IOException {
        return Files.size(log);
    }

    /** What the process and its children have in memory, in MiB; 0 where that can't be told. */
    double residentMebibytes() {
        double sum = resident(process.pid());
        for (ProcessHandle child : process.descendants().toList()) {
            sum += resident(child.pid());
        }
        return sum;
    }

    private static double resident(long pid) {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
                if (line.startsWith("VmRSS:")) {
                    return Long.parseLong(line.replaceAll("\\D", "")) / 1024.0;
                }
            }
        } catch (IOException e) {
            // Not Linux, or the process has ended.
        }
        return 0;
    }

    /** Seconds of processor time that the process and its children have had. */
    double cpuSeconds() {
        double sum = cpuSeconds(process.toHandle());
        for (ProcessHandle child : process.descendants().toList()) {
            sum += cpuSeconds(child);
        }
        return sum;
    }

    private static double cpuSeconds(ProcessHandle handle) {
        return handle.info().totalCpuDuration().orElse(Duration.ZERO).toNanos() / 1e9;
    }

    /** Asks the process to stop, as SIGTERM does. */
    void terminate() {
        process.destroy();
    }

    boolean awaitEnd(Duration patience) throws InterruptedException {
        return process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    int exitCode() {
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(40, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
