package io.bactrian.tensorflow;

import io.bactrian.model.Model;
import io.bactrian.model.ModelNotFoundException;
import io.bactrian.model.ModelRepository;
import io.bactrian.model.ModelSettings;
import io.bactrian.model.OperationLibrary;
import io.bactrian.pipeline.UriNames;
import io.bactrian.setting.Setting;
import io.bactrian.setting.SettingValues;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.PropertyConfigurer;
import org.apache.camel.spi.annotations.Component;
import org.apache.camel.support.DefaultComponent;
import org.apache.camel.support.LifecycleStrategySupport;
import org.apache.camel.util.URISupport;
import org.jspecify.annotations.Nullable;

/** The Camel component that runs the SavedModels of one model directory. */
@Component("tensorflow")
public class TensorFlowComponent extends DefaultComponent {

    private static final String SCHEME = "tensorflow";

    /** The name that refers to the model whose code folder the route is in. */
    public static final String SELF = "self";

    /** The options of {@link ModelSettings}. */
    private SettingValues settings = SettingValues.defaults();

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
     * @throws Exception what Camel says if the options are wrong
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
     *
     * @param context the Camel context
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

    /**
     * {@return the model that {@code tensorflow:self} stands for; null for a model of the name
     * {@code self}}
     */
    public @Nullable String getSelf() {
        return self;
    }

    /**
     * Sets the model that {@code tensorflow:self} stands for.
     *
     * @param self null for a model of the name {@code self}, as by default
     */
    public void setSelf(@Nullable String self) {
        this.self = self;
    }

    /**
     * Sets an option of {@link ModelSettings}, as the property {@code
     * camel.component.tensorflow.<name>} does.
     *
     * @param name the option's name, such as {@code maxBatchSize}
     * @param value its value as a text; blank for the default
     * @throws IllegalArgumentException if there is no such option, or the value is not allowed
     * @throws IllegalStateException if the model directory has been read
     */
    public void setOption(String name, String value) {
        Setting<?> setting = ModelSettings.ofOption(name);
        if (setting == null) {
            throw new IllegalArgumentException(
                    "the component tensorflow has no option \""
                            + name
                            + "\": there are "
                            + ModelSettings.all().stream()
                                    .map(Setting::option)
                                    .collect(Collectors.joining(", ")));
        }
        set(setting, value);
    }

    private synchronized void set(Setting<?> setting, String value) {
        String label = "the option " + setting.option() + " of the component tensorflow";
        if (ownsRepository) {
            throw new IllegalStateException(
                    label + " can't be set any more: the model directory has been read");
        }
        settings = settings.with(setting, label, value);
    }

    synchronized SettingValues settings() {
        return settings;
    }

    /** {@return the configurer that {@code camel.component.tensorflow.*} properties are set by} */
    @Override
    public PropertyConfigurer getComponentPropertyConfigurer() {
        return (context, target, name, value, ignoreCase) -> {
            Setting<?> setting = ModelSettings.ofOption(name);
            if (setting == null) {
                // Such as self, which has a setter.
                return false;
            }
            ((TensorFlowComponent) target).set(setting, String.valueOf(value));
            return true;
        };
    }

    /** {@return the folder of one SavedModel or of several} */
    public synchronized String getModelDirectory() {
        return settings.get(ModelSettings.MODEL_DIR).toString();
    }

    /**
     * Sets the folder that models are loaded from.
     *
     * @param modelDirectory the folder of one SavedModel or of several
     */
    public void setModelDirectory(String modelDirectory) {
        set(ModelSettings.MODEL_DIR, modelDirectory);
    }

    /**
     * Sets the models, which the caller closes. The options that configure the component's own
     * models then have no effect.
     *
     * @param repository the models
     */
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

    /** {@return the models, those in {@code modelDirectory} unless others were set} */
    synchronized ModelRepository repository() {
        if (repository == null) {
            settings.get(ModelSettings.OP_LIBRARIES).forEach(OperationLibrary::load);
            repository =
                    new ModelRepository(
                            settings.get(ModelSettings.MODEL_DIR),
                            ModelSettings.tensorFlow(settings),
                            ModelSettings.scheduling(settings));
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
                            + (ownsRepository ? " in " + getModelDirectory() : ""));
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
