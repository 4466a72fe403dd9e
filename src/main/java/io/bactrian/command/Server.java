package io.bactrian.command;

import io.bactrian.container.Container;
import io.bactrian.container.ContainerConfig;
import io.bactrian.container.LogLevel;
import io.bactrian.container.StartupReport;
import io.bactrian.limit.OutOfMemoryExit;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.charset.Charset;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.LoggerFactory;

/**
 * The serving process, from start to SIGTERM.
 *
 * <p>It must not use the command line parser: loading picocli takes a third of a second when cold,
 * which every start of a container would pay.
 */
public final class Server {

    /** SageMaker kills the process 30 s after SIGTERM. */
    private static final Duration SHUTDOWN = Duration.ofSeconds(26);

    private Server() {}

    /**
     * Serves until the process ends.
     *
     * @param out where the start report and the log go
     * @param err where the reason goes if it can't start
     * @return the exit code, if it could not start
     */
    public static int run(PrintStream out, PrintStream err) {
        try {
            serve(out);
            return ExitCode.OK;
        } catch (Exception e) {
            return FailureMessage.print(e, new PrintWriter(err, true, Charset.defaultCharset()));
        }
    }

    private static void serve(PrintStream out) throws Exception {
        ContainerConfig config = ContainerConfig.of(System.getenv());
        // Before the first logger is made.
        if (config.logLevel() != null) {
            System.setProperty(LogLevel.PROPERTY, config.logLevel().name());
        }
        OutOfMemoryExit.install();
        out.println("bactrian " + ProductVersion.get());
        out.flush();
        Container container = Container.start(config, new LoadProgress(out));
        CountDownLatch closed = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(new Thread(() -> shutDown(container, closed), "shutdown"));
        long started = ManagementFactory.getRuntimeMXBean().getStartTime();
        out.println(StartupReport.of(container, System.currentTimeMillis() - started));
        out.flush();
        closed.await();
    }

    /** Stops the container. The process ends in time even if it can't be stopped. */
    private static void shutDown(Container container, CountDownLatch closed) {
        Thread deadline =
                new Thread(
                        () -> {
                            long end = System.nanoTime() + SHUTDOWN.toNanos();
                            while (end - System.nanoTime() > 0) {
                                LockSupport.parkNanos(end - System.nanoTime());
                            }
                            Runtime.getRuntime().halt(ExitCode.TERMINATED);
                        },
                        "shutdown-deadline");
        deadline.setDaemon(true);
        deadline.start();
        try {
            container.close();
        } catch (Exception e) {
            LoggerFactory.getLogger(Server.class).error("failed to stop cleanly", e);
        } finally {
            closed.countDown();
        }
        if (!container.isFinished()) {
            // Java would wait for the run, or crash when its libraries are unloaded under it.
            Runtime.getRuntime().halt(ExitCode.TERMINATED);
        }
    }
}
