package io.bactrian.fuzz.http;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The distribution as a process of its own, its output written to a file and watched. */
final class ServerProcess implements AutoCloseable {

    private static final Duration START = Duration.ofMinutes(5);
    private static final Duration STOP = Duration.ofSeconds(40);
    private static final Pattern READY = Pattern.compile("ready on http://127\\.0\\.0\\.1:(\\d+)");

    private final Process process;
    private final CountDownLatch ready = new CountDownLatch(1);
    private volatile int port;

    /**
     * @param onLine takes each line of standard output and error
     */
    ServerProcess(Path script, Map<String, String> environment, Path log, Consumer<String> onLine)
            throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder(List.of(script.toAbsolutePath().toString(), "serve"))
                        .redirectErrorStream(true);
        builder.environment()
                .keySet()
                .removeIf(name -> name.startsWith("BACTRIAN_") || name.startsWith("SAGEMAKER_"));
        builder.environment().putAll(environment);
        process = builder.start();
        Thread reader = new Thread(() -> copy(log, onLine), "server output");
        reader.setDaemon(true);
        reader.start();
        if (!ready.await(START.toSeconds(), TimeUnit.SECONDS) || port == 0) {
            close();
            throw new IOException("the server did not become ready: see " + log);
        }
    }

    private void copy(Path log, Consumer<String> onLine) {
        try (BufferedReader lines =
                        new BufferedReader(
                                new InputStreamReader(
                                        process.getInputStream(), StandardCharsets.UTF_8));
                Writer out = Files.newBufferedWriter(log)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                out.write(line + "\n");
                out.flush();
                Matcher matcher = READY.matcher(line);
                if (matcher.find()) {
                    port = Integer.parseInt(matcher.group(1));
                    ready.countDown();
                }
                onLine.accept(line);
            }
        } catch (IOException e) {
            onLine.accept("the server's output can't be read: " + e);
        } finally {
            ready.countDown();
        }
    }

    int port() {
        return port;
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** {@return what the process has in memory, in KiB; 0 where the system does not say} */
    long residentKibibytes() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/" + pid() + "/status"))) {
                if (line.startsWith("VmRSS:")) {
                    return Long.parseLong(line.replaceAll("\\D", ""));
                }
            }
        } catch (IOException e) {
            // Not Linux, or the process has ended.
        }
        return 0;
    }

    /** Stops it as SIGTERM does. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
