package io.bactrian.tensorflow;

import io.bactrian.model.ServedModel;
import io.bactrian.model.Signature;
import io.bactrian.pipeline.SignatureTensors;
import io.bactrian.pipeline.SignatureTensors.Kind;
import io.bactrian.tensor.TensorSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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
import org.tensorflow.ndarray.Shape;

/**
 * Predicts with a SavedModel: tensors in, by input name, tensors out, by output name. The model is
 * loaded and warm before the route starts, unless the endpoint is mocked and skipped.
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
    private String signature;

    private boolean signatureRequired = true;

    private final Set<ShapeFault> shapeFaults = ConcurrentHashMap.newKeySet();

    private volatile ServedModel served;

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
     * @throws io.bactrian.model.ModelNotFoundException if there is no such model
     * @throws io.bactrian.tensor.BadInputException if the model has no such signature
     */
    public synchronized ServedModel load() {
        if (served == null) {
            ServedModel found = getComponent().model(model);
            // A signature that is not there is a mistake in the route, not in a request: say so
            // now.
            if (signatureRequired || found.model().canRun(signature)) {
                found.scheduler().measure(found.model().signature(signature));
            }
            served = found;
        }
        return served;
    }

    /** {@return whether a mock stands in for the endpoint, as in a test that has no model} */
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

    public String getModel() {
        return model;
    }

    public String getSignature() {
        return signature;
    }

    public void setSignature(String signature) {
        this.signature = signature;
    }

    boolean isSignatureRequired() {
        return signatureRequired;
    }

    /**
     * Sets false if every message names its signature, so that the model need not have the
     * endpoint's.
     */
    public void setSignatureRequired(boolean signatureRequired) {
        this.signatureRequired = signatureRequired;
    }

    /** The inputs of the endpoint's signature. */
    SignatureTensors inputs() {
        return tensors(Kind.INPUT, signature().inputs());
    }

    /** The outputs of the endpoint's signature. */
    SignatureTensors outputs() {
        return tensors(Kind.OUTPUT, signature().outputs());
    }

    private Signature signature() {
        return load().model().signature(signature);
    }

    /**
     * Tries the model on the tensors that a route will give it.
     *
     * @param shape that of one example
     * @return what the model has against them, or null
     */
    String refusal(Shape shape) {
        SortedMap<String, TensorSpec> inputs = signature().inputs();
        if (shape.isUnknown() || inputs.size() != 1) {
            return null;
        }
        TensorSpec only = inputs.get(inputs.firstKey());
        return shape.equals(one(only.shape()))
                ? null
                : load().model().refusal(signature(), Map.of(only.name(), shape));
    }

    /** An input's shape with one row, with which the model was run as it was loaded. */
    private static Shape one(Shape shape) {
        return shape.isUnknown() || shape.numDimensions() == 0 ? shape : shape.tail().prepend(1);
    }

    /** Keeps what the model has against the shape of a route's tensors. */
    void addShapeFault(ShapeFault fault) {
        shapeFaults.add(fault);
    }

    /**
     * {@return the route's fault, if the failure is the one that its shape had in a trial; else
     * null}
     */
    ShapeFault shapeFault(String routeId, RuntimeException failure) {
        for (ShapeFault fault : shapeFaults) {
            if (fault.routeId().equals(routeId)
                    && String.valueOf(failure.getMessage()).contains(fault.refusal())) {
                return fault;
            }
        }
        return null;
    }

    /**
     * A shape that a route gives its tensors whatever the request, and that the model refuses.
     *
     * @param routeId the route
     * @param refusal what the model has against the shape, as a trial found
     * @param message what to tell a caller whose request the model refuses so
     */
    record ShapeFault(String routeId, String refusal, String message) {}

    private SignatureTensors tensors(Kind kind, SortedMap<String, TensorSpec> specs) {
        ServedModel served = load();
        Path version = served.model().path();
        Path folder = getComponent().repository().find(model).folder();
        return new SignatureTensors(
                kind,
                served.model().name(),
                signature().name(),
                specs,
                List.of(version, folder, folder.resolve("code")));
    }
}
