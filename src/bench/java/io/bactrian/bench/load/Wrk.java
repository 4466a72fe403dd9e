package io.bactrian.bench.load;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A second opinion: the same closed loop by wrk, where it is installed. */
final class Wrk {

    private static final Pattern RATE = Pattern.compile("Requests/sec:\\s+([\\d.]+)");
    private static final Pattern LATENCY = Pattern.compile("(50|99)%\\s+([\\d.]+)(us|ms|s)");
    private static final Pattern OTHERS = Pattern.compile("Non-2xx or 3xx responses: (\\d+)");

    private Wrk() {}

    /**
     * @param rate answers a second
     * @param p50 milliseconds
     * @param p99 milliseconds
     * @param others answers that are not 2xx
     */
    record Rate(double rate, double p50, double p99, long others) {}

    static boolean exists(Settings settings) throws InterruptedException {
        try {
            return !settings.wrk().isEmpty()
                    && new ProcessBuilder(settings.wrk(), "-v")
                                    .redirectErrorStream(true)
                                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                                    .start()
                                    .waitFor()
                            >= 0;
        } catch (IOException e) {
            return false;
        }
    }

    static Rate run(Settings settings, Workload workload, int port, int connections)
            throws IOException, InterruptedException {
        Path body = settings.work().resolve("wrk.body").toAbsolutePath();
        Path script = settings.work().resolve("wrk.lua");
        Files.write(body, workload.call().body());
        Files.writeString(
                script,
                String.format(
                        "local f = io.open('%s', 'rb')%nwrk.body = f:read('*a')%nf:close()%n"
                                + "wrk.method = 'POST'%nwrk.headers['Content-Type'] = '%s'%n",
                        body, workload.contentType()));
        Process process =
                new ProcessBuilder(
                                List.of(
                                        settings.wrk(),
                                        "-t1",
                                        "-c" + connections,
                                        "-d" + Math.max(1, Math.round(settings.seconds())) + "s",
                                        "--latency",
                                        "-s",
                                        script.toString(),
                                        "http://127.0.0.1:" + port + workload.path()))
                        .redirectErrorStream(true)
                        .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        Matcher rate = RATE.matcher(out);
        if (!rate.find()) {
            throw new IOException("wrk said: " + out);
        }
        double p50 = 0;
        double p99 = 0;
        Matcher latency = LATENCY.matcher(out);
        while (latency.find()) {
            double millis =
                    Double.parseDouble(latency.group(2))
                            * switch (latency.group(3)) {
                                case "us" -> 0.001;
                                case "ms" -> 1;
                                default -> 1000;
                            };
            if (latency.group(1).equals("50")) {
                p50 = millis;
            } else {
                p99 = millis;
            }
        }
        Matcher others = OTHERS.matcher(out);
        return new Rate(
                Double.parseDouble(rate.group(1)),
                p50,
                p99,
                others.find() ? Long.parseLong(others.group(1)) : 0);
    }
}
