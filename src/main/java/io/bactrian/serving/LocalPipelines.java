package io.bactrian.serving;

import io.bactrian.invocation.Answer;
import io.bactrian.invocation.BodyTooLargeException;
import io.bactrian.invocation.ErrorAnswers;
import io.bactrian.invocation.PipelineRequest;
import io.bactrian.invocation.RequestHeaders;
import io.bactrian.invocation.RequestSender;
import io.bactrian.limit.Deadline;
import io.bactrian.limit.MemoryBudget;
import io.bactrian.limit.RequestMemory;
import io.bactrian.model.LoadListener;
import io.bactrian.model.ModelLoadException;
import io.bactrian.model.ModelRepository;
import io.bactrian.model.OperationLibrary;
import io.bactrian.pipeline.PipelineConsumer;
import io.bactrian.route.CamelContexts;
import io.bactrian.route.ConfigurationException;
import io.bactrian.route.IgnoredFiles;
import io.bactrian.route.LoadFault;
import io.bactrian.route.LoadedPipelines;
import io.bactrian.route.PipelineLoader;
import io.bactrian.route.PipelineSelector;
import io.bactrian.route.RouteConfig;
import io.bactrian.route.RouteFile;
import io.bactrian.route.RouteFiles;
import io.bactrian.route.RouteScope;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.apache.camel.component.platform.http.spi.PlatformHttpEngine;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The models of one directory and their pipelines, loaded as the container loads them. They can be
 * {@linkplain #send called} within this JVM, by the same rules as over HTTP.
 */
public final class LocalPipelines implements RequestSender, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LocalPipelines.class);

    private static final Duration MAX_WARM_UP = Duration.ofSeconds(30);

    private final ServingConfig config;
    private final ModelRepository repository;
    private final MemoryBudget budget = new MemoryBudget(RequestMemory.now().budget());
    private final CamelContexts contexts;
    private final ErrorAnswers errors = new ErrorAnswers();
    private @Nullable LoadedPipelines loaded;
    private @Nullable PipelineSelector selector;
    private final CaseWarmUp warmUp = new CaseWarmUp(this);
    private List<String> warmUpProblems = List.of();

    /**
     * Lists the models, without loading any, for use without an HTTP server.
     *
     * @param config where models and routes are, and how they are served
     * @see #LocalPipelines(ServingConfig, LoadListener, PlatformHttpEngine)
     */
    public LocalPipelines(ServingConfig config) {
        this(config, LoadListener.NONE, new NoHttpEngine());
    }

    /**
     * Lists the models, without loading any.
     *
     * @param config where models and routes are, and how they are served
     * @param listener is called as models are loaded
     * @param engine what routes from {@code platform-http:} are served by
     * @throws ConfigurationException if a folder is missing
     * @throws ModelLoadException if the model directory can't be read
     */
    public LocalPipelines(ServingConfig config, LoadListener listener, PlatformHttpEngine engine) {
        this.config = config;
        checkDirectories();
        repository =
                new ModelRepository(
                        config.modelDirectory(),
                        config.tensorFlow(),
                        config.scheduling(),
                        listener);
        contexts = new CamelContexts(repository, budget, engine);
    }

    /** A typing error in them must not look like a folder without models or routes. */
    private void checkDirectories() {
        Path models = config.modelDirectory();
        if (Files.notExists(models)) {
            throw new ConfigurationException(
                    "there is no model directory "
                            + models
                            + ": set BACTRIAN_MODEL_DIR to the folder with the models");
        }
        RouteConfig routes = config.routes();
        Path directory = routes.directory();
        if (routes.required() && Files.notExists(directory)) {
            throw new ConfigurationException(
                    "BACTRIAN_ROUTES_DIR is " + directory + ": there is no such folder");
        }
        // An empty folder is how to say that there are to be no routes, not even the examples.
        if (routes.required()
                && routes.routeFiles().isEmpty()
                && !RouteFiles.list(directory).isEmpty()) {
            List<String> mistakes = IgnoredFiles.in(directory);
            throw new ConfigurationException(
                    "BACTRIAN_ROUTES_DIR is "
                            + directory
                            + ": there is no *"
                            + RouteFile.SUFFIX
                            + " in it"
                            + (mistakes.isEmpty() ? "" : "; " + String.join("; ", mistakes)));
        }
    }

    /**
     * Loads the models, then starts the pipelines.
     *
     * @return the context of the pipelines that nobody wrote, to which routes can be added
     * @throws ConfigurationException if a setting is wrong, or, where faults are errors, a model or
     *     pipeline
     * @throws ModelLoadException if a library of operations can't be loaded
     */
    public CamelContext load() {
        config.opLibraries().forEach(OperationLibrary::load);
        repository.loadAll();
        CamelContext context = contexts.start(null, LocalPipelines.class.getClassLoader());
        LoadedPipelines result =
                new PipelineLoader(contexts, context, repository, config.routes()).load();
        loaded = result;
        checkDefaultPipeline(result);
        refuseIfStrict(result.faults().stream().map(LoadFault::message).toList());
        selector = new PipelineSelector(contexts.pipelines(), config.routes(), result);
        sizeBudget();
        return context;
    }

    private void refuseIfStrict(List<String> problems) {
        if (config.strict() && !problems.isEmpty()) {
            throw new ConfigurationException(
                    "BACTRIAN_STRICT is true, and this is wrong:\n  "
                            + String.join("\n  ", problems));
        }
    }

    private void checkDefaultPipeline(LoadedPipelines result) {
        String wanted = config.routes().defaultPipeline();
        if (wanted == null
                || result.broken().containsKey(wanted)
                || contexts.pipelines().pipeline(wanted) != null) {
            return;
        }
        Set<String> names = new LinkedHashSet<>(result.defined());
        names.addAll(result.builtIn());
        throw new ConfigurationException(
                "BACTRIAN_PIPELINE is \""
                        + wanted
                        + "\": there is no such pipeline; there are "
                        + String.join(", ", names));
    }

    /** Now that the models are loaded, what is left is known. */
    private void sizeBudget() {
        RequestMemory memory = RequestMemory.now();
        budget.setLimit(memory.budget());
        String shortage = memory.shortage();
        if (shortage != null) {
            LOG.warn(shortage);
        }
    }

    /**
     * Sends the golden cases that models and routes bring, as a warm-up.
     *
     * @throws ConfigurationException if faults are errors, and a case has another answer than the
     *     expected one
     */
    public void warmUp() {
        warmUp(MAX_WARM_UP);
    }

    /**
     * Does the warm-up within a time.
     *
     * @see #warmUp()
     */
    void warmUp(Duration limit) {
        List<String> problems = warmUp.run(limit);
        refuseIfStrict(problems);
        warmUpProblems = List.copyOf(problems);
    }

    /** {@return whether a case of the {@link #warmUp()} has not ended, which is not waited for} */
    public boolean isWarmingUp() {
        return warmUp.isUnderWay();
    }

    /** {@return what was wrong at the {@link #warmUp()}, each in a sentence} */
    public List<String> warmUpProblems() {
        return warmUpProblems;
    }

    /** {@return the configuration} */
    public ServingConfig config() {
        return config;
    }

    /** {@return the models} */
    public ModelRepository repository() {
        return repository;
    }

    /** {@return the memory that all requests together may take} */
    public MemoryBudget budget() {
        return budget;
    }

    /** {@return the Camel contexts} */
    public CamelContexts contexts() {
        return contexts;
    }

    /** {@return the pipelines that are served} */
    public List<PipelineConsumer> pipelines() {
        return List.copyOf(contexts.pipelines().pipelines());
    }

    /** {@return what came of loading the pipelines} */
    public LoadedPipelines loaded() {
        return afterLoading(loaded);
    }

    /** {@return what makes the answers to failures} */
    public ErrorAnswers errors() {
        return errors;
    }

    /** {@return which pipeline a request goes to} */
    public PipelineSelector selector() {
        return afterLoading(selector);
    }

    private static <T> T afterLoading(@Nullable T value) {
        if (value == null) {
            throw new IllegalStateException("the pipelines are not loaded");
        }
        return value;
    }

    /** Runs the pipeline on the calling thread; the answer is what is sent over HTTP. */
    @Override
    public Answer send(@Nullable String pipeline, Map<String, List<String>> headers, byte[] body) {
        try {
            return invoke(pipeline, headers, body);
        } catch (Throwable e) {
            return Answer.of(errors.of(e));
        }
    }

    /**
     * Runs a pipeline on the calling thread.
     *
     * @param pipeline the pipeline's name, or null for the default
     * @param headers the request's, by name in any case of letters
     * @param body the request's
     * @return the answer to a request that did not fail
     * @throws Exception what the request failed with, for {@link #errors}
     */
    public Answer invoke(@Nullable String pipeline, Map<String, List<String>> headers, byte[] body)
            throws Exception {
        PipelineRequest.Head head =
                new PipelineRequest.Head(selector().select(pipeline), RequestHeaders.of(headers));
        if (body.length > config.maxBodyBytes()) {
            throw new BodyTooLargeException(config.maxBodyBytes());
        }
        MemoryBudget.Reservation memory = budget.reserve("the body", body.length);
        Deadline deadline = Deadline.after(config.timeout());
        try {
            return head.with(body).invoke(deadline);
        } finally {
            deadline.end();
            memory.close();
        }
    }

    /**
     * Stops the pipelines, then closes the models. No request may be under way, nor a case of the
     * warm-up.
     */
    @Override
    public void close() {
        if (loaded != null) {
            closeTogether(loaded.scopes());
        }
        contexts.close();
        repository.close();
    }

    /**
     * A scope whose own routes do not end is waited for, but not one such scope after the other.
     */
    private static void closeTogether(List<RouteScope> scopes) {
        List<Thread> threads = scopes.stream().map(scope -> new Thread(scope::close)).toList();
        threads.forEach(Thread::start);
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
