package io.bactrian.route;

import io.bactrian.format.JsonDataFormat;
import io.bactrian.limit.MemoryBudget;
import io.bactrian.model.ModelRepository;
import io.bactrian.pipeline.BodyOrigin;
import io.bactrian.pipeline.ExchangeMemory;
import io.bactrian.pipeline.PipelineRegistry;
import io.bactrian.tensorflow.TensorFlowComponent;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.apache.camel.CamelContext;
import org.apache.camel.component.platform.http.PlatformHttpConstants;
import org.apache.camel.component.platform.http.spi.PlatformHttpEngine;
import org.apache.camel.main.Main;
import org.apache.camel.main.SimpleMainShutdownStrategy;
import org.jspecify.annotations.Nullable;

/**
 * The Camel contexts of a server. They have the same settings and share the models, the pipeline
 * registry and the memory budget; beans, route ids, route configurations and classes are local to
 * each context.
 */
public final class CamelContexts implements AutoCloseable {

    private static final int STOP_SECONDS = 4;

    private final ModelRepository repository;
    private final MemoryBudget budget;
    private final PlatformHttpEngine engine;
    private final PipelineRegistry pipelines = new PipelineRegistry();

    private final List<Consumer<CamelContext>> customizers = new CopyOnWriteArrayList<>();

    /** The contexts in start order. */
    private final List<Main> started = new CopyOnWriteArrayList<>();

    /** A Camel main whose context loads classes by a class loader of its own. */
    private static final class ContextMain extends Main {

        private final ClassLoader classes;

        ContextMain(ClassLoader classes) {
            this.classes = classes;
        }

        @Override
        protected CamelContext createCamelContext() {
            CamelContext context = super.createCamelContext();
            context.setApplicationContextClassLoader(classes);
            context.setPropertiesComponent(new StartupProperties());
            return context;
        }
    }

    /**
     * Creates the contexts' shared parts; no context is started.
     *
     * @param repository the models, which the {@code tensorflow} component runs
     * @param budget the memory budget of requests
     * @param engine the engine of {@code platform-http} endpoints
     */
    public CamelContexts(
            ModelRepository repository, MemoryBudget budget, PlatformHttpEngine engine) {
        this.repository = repository;
        this.budget = budget;
        this.engine = engine;
    }

    /** {@return the pipelines of all contexts} */
    public PipelineRegistry pipelines() {
        return pipelines;
    }

    /**
     * Adds a customizer of contexts.
     *
     * @param customizer called for each context started from now on, before routes are added to it
     */
    public void customize(Consumer<CamelContext> customizer) {
        customizers.add(customizer);
    }

    /** {@return the started contexts, in start order} */
    public List<CamelContext> all() {
        return started.stream().map(Main::getCamelContext).toList();
    }

    /** {@return the context's {@code tensorflow} component} */
    static TensorFlowComponent tensorFlow(CamelContext context) {
        return context.getComponent("tensorflow", TensorFlowComponent.class);
    }

    /**
     * Starts a context without routes.
     *
     * @param self the model that {@code tensorflow:self} refers to, or null
     * @param classes the class loader, whose classes include those of Camel and this server
     * @return the started context
     */
    public CamelContext start(@Nullable String self, ClassLoader classes) {
        Main main = new ContextMain(classes);
        // The process's own shutdown hook drains first and then stops Camel.
        main.setShutdownStrategy(new SimpleMainShutdownStrategy());
        main.configure()
                .withProfile("prod")
                .withStreamCachingEnabled(false)
                .withJmxEnabled(false)
                .withAutoConfigurationLogSummary(false)
                .withRoutesIncludePattern("false")
                .withShutdownTimeout(STOP_SECONDS);
        try {
            main.init();
            prepare(main.getCamelContext(), self);
            main.start();
        } catch (Throwable e) {
            stopAfterFailure(main, e);
            throw e;
        }
        started.add(main);
        return main.getCamelContext();
    }

    private void prepare(CamelContext context, @Nullable String self) {
        context.getRegistry().bind(ExchangeMemory.BUDGET, budget);
        context.getRegistry().bind(PipelineRegistry.class.getName(), pipelines);
        context.getRegistry().bind(PlatformHttpConstants.PLATFORM_HTTP_ENGINE_NAME, engine);
        JsonDataFormat.useIn(context);
        BodyOrigin.useIn(context);
        TensorFlowComponent tensorFlow = new TensorFlowComponent();
        tensorFlow.setRepository(repository);
        tensorFlow.setSelf(self);
        tensorFlow.addTo(context);
        context.getManagementStrategy().addEventNotifier(new FailureLog());
        customizers.forEach(customizer -> customizer.accept(context));
    }

    /** Stops a context that failed to start; else its threads and class loader would leak. */
    private static void stopAfterFailure(Main main, Throwable reason) {
        try {
            main.stop();
        } catch (RuntimeException | LinkageError e) {
            reason.addSuppressed(e);
        }
        try {
            // Main only stops a context that is started.
            if (main.getCamelContext() != null) {
                main.getCamelContext().stop();
            }
        } catch (RuntimeException | LinkageError e) {
            reason.addSuppressed(e);
        }
    }

    /** Stops a context and removes its pipelines. */
    void stop(CamelContext context) {
        for (Main main : started) {
            if (main.getCamelContext() == context) {
                started.remove(main);
                main.stop();
                return;
            }
        }
    }

    /** Stops all contexts, in reverse start order. */
    @Override
    public void close() {
        List<CamelContext> all = new ArrayList<>(all());
        Collections.reverse(all);
        all.forEach(this::stop);
    }
}
