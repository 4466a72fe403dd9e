package io.bactrian;

import io.bactrian.container.Container;
import io.bactrian.container.ContainerConfig;
import io.bactrian.container.LogLevel;
import io.bactrian.container.SettingsReference;
import io.bactrian.container.StartupReport;
import io.bactrian.limit.OutOfMemoryExit;
import io.bactrian.model.ModelLoadException;
import io.bactrian.model.OperationLibrary;
import io.bactrian.model.TensorFlowConfig;
import io.bactrian.route.ConfigurationException;
import io.bactrian.route.FailureReason;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.LoggerFactory;

/** The command line: {@code serve}, {@code inspect MODEL_DIR}. */
public final class Bactrian {

    private static final int OK = 0;
    private static final int FAILED = 1;
    private static final int USAGE = 2;

    /** SIGTERM's exit code. */
    private static final int TERMINATED = 143;

    /** SageMaker kills 30 s after SIGTERM. */
    private static final Duration SHUTDOWN = Duration.ofSeconds(26);

    private static final String HELP =
            """
            Bactrian serves TensorFlow SavedModels with their pre- and post-processing.

            bactrian [serve]             serve the models; this is what SageMaker calls
            bactrian inspect MODEL_DIR   show a folder's SavedModels: versions, signatures, dtypes,
                                         shapes, and whether they can be run here
            bactrian --help | --version

            serve reads from the environment:
            """
                    + SettingsReference.help()
                    + """

            It ends when it gets SIGTERM, after the requests under way (exit code 143), exits with 1
            when it could not start and with 2 when the command line is wrong.
            """;

    private Bactrian() {}

    /**
     * Runs a command, and exits with its code unless it is 0.
     *
     * @param args as {@code --help} tells
     */
    public static void main(String[] args) {
        int status = run(args, System.out, System.err);
        if (status != OK) {
            System.exit(status);
        }
    }

    /** {@return the process's exit code} */
    static int run(String[] args, PrintStream out, PrintStream err) {
        String command = args.length == 0 ? "serve" : args[0];
        int arguments = Math.max(0, args.length - 1);
        try {
            if (command.equals("serve") && arguments == 0) {
                serve(out);
                return OK;
            }
            if (command.equals("inspect") && arguments == 1) {
                NativeChatter.keepBack(TensorFlowConfig.defaults());
                ContainerConfig.opLibraries(System.getenv()).forEach(OperationLibrary::load);
                return InspectCommand.print(Path.of(args[1]), out) ? OK : FAILED;
            }
            if ((command.equals("--help") || command.equals("-h")) && arguments == 0) {
                out.print(HELP);
                return OK;
            }
            if (command.equals("--version") && arguments == 0) {
                out.println("bactrian " + version());
                return OK;
            }
        } catch (ConfigurationException | ModelLoadException e) {
            err.println("bactrian: " + e.getMessage());
            return FAILED;
        } catch (Exception e) {
            LoggerFactory.getLogger(Bactrian.class).debug("failed to start", e);
            err.println("bactrian: " + FailureReason.of(e));
            return FAILED;
        }
        err.println("bactrian: unknown command: " + String.join(" ", args));
        err.print(HELP);
        return USAGE;
    }

    private static void serve(PrintStream out) throws Exception {
        ContainerConfig config = ContainerConfig.of(System.getenv());
        // Before the first logger is made.
        if (config.logLevel() != null) {
            System.setProperty(LogLevel.PROPERTY, config.logLevel().name());
        }
        NativeChatter.keepBack(config.tensorFlow());
        OutOfMemoryExit.install();
        out.println("bactrian " + version());
        Container container = Container.start(config, new LoadProgress(out));
        CountDownLatch closed = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(new Thread(() -> shutDown(container, closed), "shutdown"));
        long started = ManagementFactory.getRuntimeMXBean().getStartTime();
        out.println(StartupReport.of(container, System.currentTimeMillis() - started));
        out.flush();
        closed.await();
    }

    /** Ends the process in time, whatever keeps it. */
    private static void shutDown(Container container, CountDownLatch closed) {
        Thread deadline =
                new Thread(
                        () -> {
                            long end = System.nanoTime() + SHUTDOWN.toNanos();
                            while (end - System.nanoTime() > 0) {
                                LockSupport.parkNanos(end - System.nanoTime());
                            }
                            Runtime.getRuntime().halt(TERMINATED);
                        },
                        "shutdown-deadline");
        deadline.setDaemon(true);
        deadline.start();
        try {
            container.close();
        } catch (Exception e) {
            LoggerFactory.getLogger(Bactrian.class).error("failed to stop cleanly", e);
        } finally {
            closed.countDown();
        }
        if (!container.isFinished()) {
            // Java would wait for the run, or crash when its libraries are unloaded under it.
            Runtime.getRuntime().halt(TERMINATED);
        }
    }

    private static String version() {
        String version = Bactrian.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
