package io.bactrian.fuzz.http;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sends mutated requests to the distribution for a while and checks that it stands: every
 * well-formed request is answered in time and by no 500, {@code /ping} stays quick, good requests
 * keep their answers, nothing is logged that was not foreseen, and memory does not grow.
 *
 * <p>The exit code is 0 if there were no findings, else 1.
 */
public final class MutationRun {

    private static final Duration PING_LIMIT = Duration.ofSeconds(2);
    private static final Duration PING_INTERVAL = Duration.ofSeconds(1);
    private static final Duration KNOWN_INTERVAL = Duration.ofSeconds(2);
    private static final Duration SAMPLE_INTERVAL = Duration.ofSeconds(5);
    private static final Duration REPORT_INTERVAL = Duration.ofMinutes(5);

    /** An exception's class, without its package, at the start of a trace. */
    private static final Pattern THROWN =
            Pattern.compile("(?:Caused by: )?(?:[\\w$]+\\.)+(\\w+(?:Exception|Error))\\b");

    /** A refusal that closes the connection with more than this unread may be lost on the way. */
    private static final int CERTAIN_TO_ARRIVE = 8 * 1024;

    /**
     * One request in so many is followed by another, to see that both sides agree where it ends.
     */
    private static final int FOLLOWED = 8;

    private static final byte[] PING =
            "GET /ping HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final RunOptions options;
    private final Findings findings;
    private final AtomicLong requests = new AtomicLong();
    private final AtomicLong closed = new AtomicLong();
    private final AtomicLong pings = new AtomicLong();
    private final AtomicLong slowestPingNanos = new AtomicLong();
    private final AtomicLong knownAnswers = new AtomicLong();
    private final Map<Integer, AtomicLong> statuses = new TreeMap<>();
    private final MemoryTrend memory = new MemoryTrend();
    private final AtomicReferenceArray<MutatedRequest> current;
    private volatile boolean stop;

    private MutationRun(RunOptions options) throws IOException {
        this.options = options;
        this.findings = new Findings(options.out().resolve("findings"));
        this.current = new AtomicReferenceArray<>(options.connections());
    }

    /** Arguments: see {@code src/fuzz/README.md}. */
    public static void main(String[] arguments) throws Exception {
        RunOptions options = RunOptions.of(arguments);
        MutationRun run = new MutationRun(options);
        System.exit(options.replay() == null ? run.mutate() : run.replay());
    }

    private ServerProcess start(SeedCorpus corpus) throws Exception {
        Path models = options.out().resolve("models");
        Path routes = options.out().resolve("routes");
        corpus.linkModels(models);
        corpus.copyRoutes(routes);
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("BACTRIAN_HOST", "127.0.0.1");
        environment.put("SAGEMAKER_BIND_TO_PORT", "0");
        environment.put("BACTRIAN_MODEL_DIR", models.toString());
        environment.put("BACTRIAN_ROUTES_DIR", routes.toString());
        environment.put("SAGEMAKER_MODEL_SERVER_TIMEOUT", "10");
        // Java's heap is in memory from the start, so that what grows is something else.
        environment.put("BACTRIAN_JAVA_OPTS", "-Xms512m -Xmx512m -XX:+AlwaysPreTouch");
        return new ServerProcess(
                options.server(), environment, options.out().resolve("server.log"), this::logged);
    }

    private int replay() throws Exception {
        byte[] bytes = Files.readAllBytes(options.replay());
        try (ServerProcess server = start(new SeedCorpus(options.fixtures()));
                RawConnection connection = new RawConnection(server.port(), options.deadline())) {
            connection.send(bytes);
            connection.endOfRequests();
            String method = new String(bytes, 0, Math.min(5, bytes.length), StandardCharsets.UTF_8);
            for (RawResponse response = connection.read(method.startsWith("HEAD"));
                    response != null;
                    response = connection.read(false)) {
                System.out.println(response.status() + " " + response.headers());
                System.out.println(new String(response.body(), StandardCharsets.UTF_8));
            }
        }
        return 0;
    }

    private int mutate() throws Exception {
        System.out.println("seed " + options.seed() + ", " + options.duration().toSeconds() + " s");
        SeedCorpus corpus = new SeedCorpus(options.fixtures());
        List<SeedRequest> seeds = corpus.seeds();
        RequestMutator mutator = new RequestMutator(seeds);
        try (ServerProcess server = start(corpus)) {
            System.out.printf(
                    "%d seed requests; server process %d, port %d%n",
                    seeds.size(), server.pid(), server.port());
            long start = System.nanoTime();
            long end = start + options.duration().toNanos();
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < options.connections(); i++) {
                int worker = i;
                threads.add(thread("worker-" + i, () -> work(server, mutator, worker, end)));
            }
            threads.add(thread("ping", () -> ping(server, end)));
            threads.add(thread("known answers", () -> askKnown(server, end)));
            threads.add(thread("memory", () -> sample(server, start, end)));
            for (Thread thread : threads) {
                thread.join();
            }
            afterwards(server);
        }
        report();
        return findings.counts().isEmpty() ? 0 : 1;
    }

    private Thread thread(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setUncaughtExceptionHandler(
                (failed, e) -> {
                    stop = true;
                    findings.add("the fuzzer failed", failed.getName() + ": " + e, null);
                    e.printStackTrace();
                });
        thread.start();
        return thread;
    }

    private boolean running(ServerProcess server, long end) {
        if (!server.isAlive()) {
            if (!stop) {
                stop = true;
                findings.add("the server ended", "see server.log", null);
            }
            return false;
        }
        return !stop && System.nanoTime() < end;
    }

    private void work(ServerProcess server, RequestMutator mutator, int worker, long end) {
        RawConnection connection = null;
        for (long n = 0; running(server, end); n++) {
            MutatedRequest request =
                    mutator.request(options.seed() * 31 + n * options.connections() + worker);
            current.set(worker, request);
            try {
                boolean reused = connection != null;
                if (!reused) {
                    connection = new RawConnection(server.port(), options.deadline());
                }
                Outcome outcome = exchange(connection, request, n);
                if (outcome == Outcome.UNANSWERED && reused) {
                    // A server may close a connection at any time between two requests.
                    connection.close();
                    connection = new RawConnection(server.port(), options.deadline());
                    outcome = exchange(connection, request, n);
                }
                if (outcome == Outcome.UNANSWERED && request.framed()) {
                    findings.add("no answer", "the connection was closed", request);
                }
                if (outcome != Outcome.OPEN) {
                    connection.close();
                    connection = null;
                }
            } catch (IOException e) {
                failed(request, e);
                if (connection != null) {
                    connection.close();
                    connection = null;
                }
            }
            requests.incrementAndGet();
        }
        if (connection != null) {
            connection.close();
        }
    }

    /** What became of a connection by a request. */
    private enum Outcome {
        /** It can be used again. */
        OPEN,
        /** The request was answered, or sent in part, and the connection is done with. */
        CLOSED,
        /** The whole request was sent, and the connection closed without an answer. */
        UNANSWERED
    }

    private Outcome exchange(RawConnection connection, MutatedRequest request, long n)
            throws IOException {
        IOException sending = null;
        try {
            connection.send(request.bytes());
            if (!request.framed()) {
                connection.endOfRequests();
            }
        } catch (IOException e) {
            // It may have answered, and closed, before it had read everything.
            sending = e;
        }
        RawResponse response = connection.read(request.head());
        if (response == null) {
            closed.incrementAndGet();
            return sending == null ? Outcome.UNANSWERED : Outcome.CLOSED;
        }
        count(response.status());
        String problem = ResponseCheck.problem(request, response);
        if (problem != null) {
            String body = new String(response.body(), StandardCharsets.UTF_8);
            String start = body.substring(0, Math.min(300, body.length()));
            findings.add(problem, response.status() + " " + start, request);
        }
        if (!request.framed() || sending != null || response.closes()) {
            return Outcome.CLOSED;
        }
        if (n % FOLLOWED == 0 && !follow(connection, request)) {
            return Outcome.CLOSED;
        }
        return Outcome.OPEN;
    }

    private boolean follow(RawConnection connection, MutatedRequest request) throws IOException {
        connection.send(PING);
        RawResponse pong = connection.read(false);
        if (pong == null) {
            return false;
        }
        if (pong.status() != 200 || pong.body().length > 0) {
            findings.add("an answer to something else", pong.status() + " for a ping", request);
            return false;
        }
        return !pong.closes();
    }

    private void failed(MutatedRequest request, IOException e) {
        if (e instanceof SocketTimeoutException) {
            findings.add("no answer in time", e.getMessage(), request);
        } else if (e instanceof MalformedResponseException && request.framed()) {
            findings.add("no HTTP", e.getMessage(), request);
        } else if (request.framed() && request.bytes().length <= CERTAIN_TO_ARRIVE) {
            findings.add("connection lost", String.valueOf(e), request);
        } else {
            closed.incrementAndGet();
        }
    }

    private void count(int status) {
        synchronized (statuses) {
            statuses.computeIfAbsent(status, s -> new AtomicLong()).incrementAndGet();
        }
    }

    private void ping(ServerProcess server, long end) {
        while (running(server, end)) {
            long sent = System.nanoTime();
            try (RawConnection connection = new RawConnection(server.port(), options.deadline())) {
                connection.send(PING);
                RawResponse response = connection.read(false);
                long took = System.nanoTime() - sent;
                pings.incrementAndGet();
                slowestPingNanos.accumulateAndGet(took, Math::max);
                if (response == null || response.status() != 200) {
                    findings.add("ping failed", String.valueOf(response), null);
                } else if (took > PING_LIMIT.toNanos()) {
                    findings.add("slow ping", took / 1_000_000 + " ms", null);
                }
            } catch (IOException e) {
                findings.add("ping failed", String.valueOf(e), null);
            }
            pause(PING_INTERVAL);
        }
    }

    private void askKnown(ServerProcess server, long end) {
        try {
            KnownAnswers known = new KnownAnswers();
            while (running(server, end)) {
                String problem = known.ask(server.port(), options.deadline());
                knownAnswers.incrementAndGet();
                if (problem != null) {
                    findings.add("wrong answer to a good request", problem, null);
                }
                pause(KNOWN_INTERVAL);
            }
        } catch (IOException e) {
            findings.add("no answer to a good request", String.valueOf(e), null);
        }
    }

    private void sample(ServerProcess server, long start, long end) {
        long lastReport = start;
        List<String> rows = new ArrayList<>(List.of("seconds,resident_kib,requests"));
        while (running(server, end)) {
            double seconds = (System.nanoTime() - start) / 1e9;
            long kibibytes = server.residentKibibytes();
            if (kibibytes > 0) {
                memory.add(seconds, kibibytes);
                rows.add(
                        String.format(
                                Locale.ROOT, "%.0f,%d,%d", seconds, kibibytes, requests.get()));
            }
            try {
                Files.write(options.out().resolve("memory.csv"), rows);
            } catch (IOException e) {
                System.out.println("memory.csv can't be written: " + e);
            }
            if (System.nanoTime() - lastReport > REPORT_INTERVAL.toNanos()) {
                lastReport = System.nanoTime();
                report();
            }
            pause(SAMPLE_INTERVAL);
        }
        if (memory.grew()) {
            findings.add("memory grew", memory.toString(), null);
        }
    }

    private static void pause(Duration duration) {
        try {
            Thread.sleep(duration.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Every good request is answered once the others have ended. */
    private void afterwards(ServerProcess server) throws IOException {
        if (!server.isAlive()) {
            return;
        }
        KnownAnswers known = new KnownAnswers();
        for (int i = 0; i < known.size(); i++) {
            String problem = known.ask(server.port(), options.deadline());
            if (problem != null) {
                findings.add("wrong answer afterwards", problem, null);
            }
        }
    }

    /** Takes a line of the server's output; the first line of a trace is a finding. */
    private void logged(String line) {
        Matcher thrown = THROWN.matcher(line);
        if (!thrown.lookingAt()) {
            return;
        }
        for (int i = 0; i < options.connections(); i++) {
            findings.add("logged " + thrown.group(1), line, current.get(i));
        }
    }

    private void report() {
        synchronized (statuses) {
            System.out.println("statuses " + statuses);
        }
        System.out.printf(
                Locale.ROOT,
                "%,d mutated requests with seed %d; %,d connections closed without an answer%n",
                requests.get(),
                options.seed(),
                closed.get());
        System.out.printf(
                Locale.ROOT,
                "%,d pings, the slowest %,d ms; %,d good requests%n",
                pings.get(),
                slowestPingNanos.get() / 1_000_000,
                knownAnswers.get());
        System.out.println("resident memory: " + memory);
        System.out.println(
                findings.counts().isEmpty() ? "no findings" : "findings: " + findings.counts());
    }
}
