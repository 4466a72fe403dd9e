package io.bactrian.tensorflow;

import io.bactrian.model.Model;
import io.bactrian.model.Signature;
import io.bactrian.model.graph.InputScaling;
import io.bactrian.pipeline.SignatureTensors;
import io.bactrian.pipeline.SignatureTensors.Kind;
import io.bactrian.tensor.TensorSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.CamelContext;
import org.apache.camel.Category;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.spi.InterceptSendToEndpoint;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriPath;
import org.apache.camel.support.DefaultEndpoint;
import org.apache.camel.support.EndpointHelper;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;

/**
 * An endpoint that predicts with a SavedModel: the message's tensors are its inputs by name, and
 * are replaced by its outputs by name. The model is loaded and warm before the route starts, unless
 * the endpoint is mocked and skipped.
 */
@UriEndpoint(
        firstVersion = "0.1.0",
        scheme = "tensorflow",
        title = "TensorFlow",
        syntax = "tensorflow:model",
        producerOnly = true,
        remote = false,
        category = {Category.AI},
        headersClass = TensorFlowConstants.class)
public class TensorFlowEndpoint extends DefaultEndpoint {

    @UriPath(
            description =
                    "The model's name; in a route that came with a model, self stands for that model")
    @Metadata(required = true)
    private final String model;

    @UriParam(description = "The signature to run", defaultValue = "serving_default")
    private @Nullable String signature;

    private boolean signatureRequired = true;

    private final Set<ShapeFault> shapeFaults = ConcurrentHashMap.newKeySet();

    private volatile @Nullable Model served;

    TensorFlowEndpoint(String uri, TensorFlowComponent component, String model) {
        super(uri, component);
        this.model = model;
    }

    @Override
    public TensorFlowComponent getComponent() {
        return (TensorFlowComponent) super.getComponent();
    }

    @Override
    public Producer createProducer() {
        return new TensorFlowProducer(this);
    }

    @Override
    public Consumer createConsumer(Processor processor) {
        throw new UnsupportedOperationException("nothing can be consumed from " + getEndpointUri());
    }

    @Override
    public boolean isRemote() {
        return false;
    }

    /**
     * Loads the model, unless it is loaded, and warms it. Called before a route that predicts with
     * the endpoint is started, not for one that only names it.
     *
     * @return the model, which the component owns
     * @throws io.bactrian.model.ModelNotFoundException if there is no such model
     * @throws io.bactrian.tensor.BadInputException if the model has no such signature
     */
    public Model load() {
        Model loaded = served;
        return loaded == null ? loadOnce() : loaded;
    }

    /** Synchronized since a run of another caller would disturb the measurement of the model. */
    private synchronized Model loadOnce() {
        if (served == null) {
            Model found = getComponent().model(model);
            // A missing signature is a mistake in the route, so it is reported at start.
            if (signatureRequired || found.canRun(signature)) {
                found.prepare(found.signature(signature));
            }
            served = found;
        }
        return served;
    }

    /** {@return whether a mock replaces the endpoint, as in a test without a model} */
    boolean isSkipped() {
        CamelContext context = getCamelContext();
        return (context.hasEndpoint(getEndpointUri()) instanceof InterceptSendToEndpoint intercepted
                        && intercepted.isSkip())
                || context.getCamelContextExtension().getAutoMockInterceptStrategies().stream()
                        .anyMatch(
                                mock ->
                                        mock.isSkip()
                                                && EndpointHelper.matchEndpoint(
                                                        context,
                                                        getEndpointUri(),
                                                        mock.getPattern()));
    }

    @Override
    protected void doStop() throws Exception {
        synchronized (this) {
            served = null;
        }
        super.doStop();
    }

    /** {@return the name of the model} */
    public String getModel() {
        return model;
    }

    /** {@return the signature to run; null for the model's default} */
    public @Nullable String getSignature() {
        return signature;
    }

    /**
     * Sets the signature to run.
     *
     * @param signature the signature's name; null for the model's default
     */
    public void setSignature(@Nullable String signature) {
        this.signature = signature;
    }

    boolean isSignatureRequired() {
        return signatureRequired;
    }

    /**
     * Sets whether the model must have the endpoint's signature.
     *
     * @param signatureRequired true by default; false if every message names its signature
     */
    public void setSignatureRequired(boolean signatureRequired) {
        this.signatureRequired = signatureRequired;
    }

    /** {@return the inputs of the endpoint's signature} */
    SignatureTensors inputs() {
        return tensors(Kind.INPUT, signature().inputs());
    }

    /** {@return the outputs of the endpoint's signature} */
    SignatureTensors outputs() {
        return tensors(Kind.OUTPUT, signature().outputs());
    }

    private Signature signature() {
        return load().signature(signature);
    }

    /**
     * Runs the model on zeros of a shape that a route gives its tensors.
     *
     * @param shape the shape of one example
     * @return why the model rejects it, or null
     */
    @Nullable String refusal(Shape shape) {
        SortedMap<String, TensorSpec> inputs = signature().inputs();
        if (shape.isUnknown() || inputs.size() != 1) {
            return null;
        }
        TensorSpec only = inputs.values().iterator().next();
        return shape.equals(one(only.shape()))
                ? null
                : load().refusal(signature(), Map.of(only.name(), shape));
    }

    /** {@return what the graph does to the only input first; no scaling if there are several} */
    InputScaling inputScaling() {
        Signature signature = signature();
        return signature.inputs().size() == 1
                ? signature.scaling(signature.inputs().firstKey())
                : InputScaling.NONE;
    }

    /** {@return an input's shape with one row, on which the model was warmed up} */
    private static Shape one(Shape shape) {
        return shape.isUnknown() || shape.numDimensions() == 0 ? shape : shape.tail().prepend(1);
    }

    /** Adds a shape that the model rejects. */
    void addShapeFault(ShapeFault fault) {
        shapeFaults.add(fault);
    }

    /**
     * {@return the shape at fault for a failure, if the trial of a route's shape failed alike; else
     * null}
     */
    @Nullable ShapeFault shapeFault(String routeId, RuntimeException failure) {
        for (ShapeFault fault : shapeFaults) {
            if (fault.routeId().equals(routeId)
                    && String.valueOf(failure.getMessage()).contains(fault.refusal())) {
                return fault;
            }
        }
        return null;
    }

    /**
     * A shape that a route's tensors have whatever the request, and that the model rejects.
     *
     * @param routeId the route
     * @param refusal why the model rejects the shape, by its trial
     * @param message the error for requests that the model rejects for that reason
     */
    record ShapeFault(String routeId, String refusal, String message) {}

    private SignatureTensors tensors(Kind kind, SortedMap<String, TensorSpec> specs) {
        Model loaded = load();
        Path version = loaded.path();
        Path folder = Objects.requireNonNull(getComponent().repository().find(model)).folder();
        return new SignatureTensors(
                kind,
                loaded.name(),
                signature().name(),
                specs,
                List.of(version, folder, folder.resolve("code")));
    }
}
