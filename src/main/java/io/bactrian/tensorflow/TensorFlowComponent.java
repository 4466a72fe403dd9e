package io.bactrian.tensorflow;

import io.bactrian.model.Model;
import io.bactrian.model.ModelNotFoundException;
import io.bactrian.model.ModelRepository;
import io.bactrian.model.SchedulerConfig;
import io.bactrian.model.TensorFlowConfig;
import io.bactrian.pipeline.UriNames;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.annotations.Component;
import org.apache.camel.support.DefaultComponent;
import org.apache.camel.support.LifecycleStrategySupport;
import org.apache.camel.util.URISupport;
import org.jspecify.annotations.Nullable;

/** The Camel component that runs the SavedModels of one model directory. */
@Component("tensorflow")
public class TensorFlowComponent extends DefaultComponent {

    private static final String SCHEME = "tensorflow";

    /** The name, in place of a model's, for the model that brought the route. */
    public static final String SELF = "self";

    @Metadata(
            description =
                    "The folder that holds the SavedModels: one itself, or <version>/, or <name>/<version>/",
            defaultValue = "/opt/ml/model")
    private String modelDirectory = "/opt/ml/model";

    @Metadata(description = "The model that tensorflow:self stands for")
    private @Nullable String self;

    private final Set<String> remarks = new ConcurrentSkipListSet<>();

    private @Nullable ModelRepository repository;
    private boolean ownsRepository;

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters)
            throws Exception {
        String model = remaining.equals(SELF) && self != null ? self : remaining;
        UriNames.refuseReferences(parameters);
        TensorFlowEndpoint endpoint = new TensorFlowEndpoint(uri, this, model);
        setProperties(endpoint, parameters);
        return endpoint;
    }

    /**
     * {@return a new endpoint, which is not registered in the context}
     *
     * @param model the model's name, which may have characters that a URI can't have
     * @param options the options of the endpoint by name, as in a URI
     */
    public TensorFlowEndpoint endpoint(String model, Map<String, Object> options) throws Exception {
        String uri = SCHEME + ":" + UriNames.encode(model);
        if (!options.isEmpty()) {
            uri += "?" + URISupport.createQueryString(options);
        }
        TensorFlowEndpoint endpoint = new TensorFlowEndpoint(uri, this, model);
        endpoint.setCamelContext(getCamelContext());
        Map<String, Object> remaining = new LinkedHashMap<>(options);
        setProperties(endpoint, remaining);
        validateParameters(uri, remaining, null);
        return endpoint;
    }

    /**
     * Registers this as the {@code tensorflow} component of a context, and again whenever the
     * context is restarted: a stopped context forgets its components, and the beans of its
     * registry.
     */
    public void addTo(CamelContext context) {
        context.addComponent(SCHEME, this);
        context.addLifecycleStrategy(
                new LifecycleStrategySupport() {
                    @Override
                    public void onContextInitializing(CamelContext restarted) {
                        if (restarted.hasComponent(SCHEME) == null) {
                            restarted.addComponent(SCHEME, TensorFlowComponent.this);
                        }
                    }
                });
    }

    public @Nullable String getSelf() {
        return self;
    }

    /**
     * Sets the model that {@code tensorflow:self} stands for; null for a model of the name {@code
     * self}, as by default.
     */
    public void setSelf(@Nullable String self) {
        this.self = self;
    }

    public String getModelDirectory() {
        return modelDirectory;
    }

    public void setModelDirectory(String modelDirectory) {
        this.modelDirectory = modelDirectory;
    }

    /** Sets the models, in place of those in {@code modelDirectory}; the caller closes them. */
    public void setRepository(ModelRepository repository) {
        this.repository = repository;
    }

    void addRemark(String remark) {
        remarks.add(remark);
    }

    /** {@return sentences for the operator about the routes that were started} */
    public List<String> remarks() {
        return List.copyOf(remarks);
    }

    /** {@return the models, from {@code modelDirectory} unless they were set} */
    synchronized ModelRepository repository() {
        if (repository == null) {
            repository =
                    new ModelRepository(
                            Path.of(modelDirectory),
                            TensorFlowConfig.defaults(),
                            SchedulerConfig.defaults());
            ownsRepository = true;
        }
        return repository;
    }

    /**
     * {@return the model, loaded}
     *
     * @throws ModelNotFoundException if there is no model of that name
     * @throws io.bactrian.model.ModelLoadException if it can't be loaded
     */
    Model model(String name) {
        ModelRepository models = repository();
        if (models.find(name) == null) {
            // The path of a server's models is not for its clients.
            throw new ModelNotFoundException(
                    "no model \""
                            + name
                            + "\" is served here: there is "
                            + models.names()
                            + (ownsRepository ? " in " + modelDirectory : ""));
        }
        return models.model(name);
    }

    @Override
    protected void doInit() throws Exception {
        super.doInit();
        CamelContext context = getCamelContext();
        if (context.getLifecycleStrategies().stream()
                .noneMatch(SignatureBinder.class::isInstance)) {
            context.addLifecycleStrategy(new SignatureBinder());
        }
    }

    @Override
    protected void doStop() throws Exception {
        super.doStop();
        synchronized (this) {
            if (repository != null && ownsRepository) {
                repository.close();
                repository = null;
                ownsRepository = false;
            }
        }
    }
}
