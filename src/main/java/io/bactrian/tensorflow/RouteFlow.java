package io.bactrian.tensorflow;

import io.bactrian.pipeline.InputBound;
import io.bactrian.pipeline.OutputBound;
import io.bactrian.pipeline.OutputMapping;
import io.bactrian.pipeline.PipelineEndpoint;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.PixelRange;
import io.bactrian.pipeline.SignatureTensors;
import io.bactrian.pipeline.StepName;
import io.bactrian.tensor.TensorSpec;
import io.bactrian.tensorflow.TensorFlowEndpoint.ShapeFault;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.apache.camel.Channel;
import org.apache.camel.DelegateProcessor;
import org.apache.camel.DisabledAware;
import org.apache.camel.Endpoint;
import org.apache.camel.Navigate;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.apache.camel.RouteAware;
import org.apache.camel.component.bean.BeanProcessor;
import org.apache.camel.component.dataformat.DataFormatEndpoint;
import org.apache.camel.processor.AbstractThrottler;
import org.apache.camel.processor.ChoiceProcessor;
import org.apache.camel.processor.Delayer;
import org.apache.camel.processor.ExchangePatternProcessor;
import org.apache.camel.processor.FilterProcessor;
import org.apache.camel.processor.LogProcessor;
import org.apache.camel.processor.LoopProcessor;
import org.apache.camel.processor.MulticastProcessor;
import org.apache.camel.processor.Pipeline;
import org.apache.camel.processor.RemoveHeaderProcessor;
import org.apache.camel.processor.RemoveHeadersProcessor;
import org.apache.camel.processor.RemovePropertiesProcessor;
import org.apache.camel.processor.RemovePropertyProcessor;
import org.apache.camel.processor.RemoveVariableProcessor;
import org.apache.camel.processor.SamplingThrottler;
import org.apache.camel.processor.SendProcessor;
import org.apache.camel.processor.SetHeaderProcessor;
import org.apache.camel.processor.SetHeadersProcessor;
import org.apache.camel.processor.SetPropertyProcessor;
import org.apache.camel.processor.SetVariableProcessor;
import org.apache.camel.processor.SetVariablesProcessor;
import org.apache.camel.processor.Splitter;
import org.apache.camel.processor.ThreadsProcessor;
import org.apache.camel.processor.TryProcessor;
import org.apache.camel.processor.WireTapProcessor;
import org.apache.camel.processor.idempotent.IdempotentConsumer;
import org.apache.camel.processor.loadbalancer.LoadBalancer;
import org.apache.camel.spi.DataFormat;
import org.apache.camel.support.processor.PredicateValidatingProcessor;
import org.apache.camel.support.processor.UnmarshalProcessor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tensorflow.ndarray.Shape;

/**
 * A data-flow analysis of a route. It tracks which steps and models can have made the tensors in
 * the body, from step to step: so it finds the models that a step's tensors reach unchanged, and
 * the models whose outputs a step reads.
 *
 * <p>An unknown step may do anything to the body, so the steps after it are not bound to those
 * before it. docs/decisions/signature-binding.md lists the known steps.
 */
final class RouteFlow {

    /** Steps that leave the body as it is. */
    private static final List<Class<? extends Processor>> TRANSPARENT =
            List.of(
                    AbstractThrottler.class,
                    Delayer.class,
                    ExchangePatternProcessor.class,
                    LogProcessor.class,
                    PredicateValidatingProcessor.class,
                    RemoveHeaderProcessor.class,
                    RemoveHeadersProcessor.class,
                    RemovePropertiesProcessor.class,
                    RemovePropertyProcessor.class,
                    RemoveVariableProcessor.class,
                    SamplingThrottler.class,
                    SetHeaderProcessor.class,
                    SetHeadersProcessor.class,
                    SetPropertyProcessor.class,
                    SetVariableProcessor.class,
                    SetVariablesProcessor.class,
                    ThreadsProcessor.class,
                    WireTapProcessor.class);

    /** Circuit breakers, whose classes are in modules that need not be there. */
    private static final Set<String> CIRCUIT_BREAKERS =
            Set.of(
                    "org.apache.camel.component.resilience4j.ResilienceProcessor",
                    "org.apache.camel.component.microprofile.faulttolerance"
                            + ".FaultToleranceProcessor");

    /** The makers of a body about which nothing is known. */
    private static final Set<Object> UNKNOWN = Set.of();

    private static final Logger LOG = LoggerFactory.getLogger(RouteFlow.class);

    private final CamelContext context;
    private final Route route;
    private final Map<InputBound, Set<TensorFlowEndpoint>> feeds = new LinkedHashMap<>();
    private final Map<OutputBound, Set<SignatureTensors>> reads = new LinkedHashMap<>();
    private @Nullable PipelineFaultException misplaced;
    private boolean signatureByHeader;

    RouteFlow(CamelContext context, Route route) {
        this.context = context;
        this.route = route;
    }

    /**
     * Analyzes the route.
     *
     * @throws PipelineFaultException if a model is fed with another's outputs of other names, or a
     *     step renames outputs that there are not
     */
    void analyze() {
        through(route.getProcessor(), UNKNOWN);
    }

    /** {@return the steps of this route that make the inputs of models} */
    Set<InputBound> writers() {
        return feeds.keySet();
    }

    /** {@return the steps of this route that read the outputs of models} */
    Set<OutputBound> readers() {
        return reads.keySet();
    }

    /**
     * {@return the inputs that a step feeds in this route; none if it is a step of another route}
     */
    List<SignatureTensors> inputs(InputBound writer) {
        return feeds.getOrDefault(writer, Set.of()).stream()
                .map(TensorFlowEndpoint::inputs)
                .toList();
    }

    /**
     * {@return the outputs that a step reads in this route; none if it is a step of another route}
     */
    Set<SignatureTensors> outputs(OutputBound reader) {
        return reads.getOrDefault(reader, Set.of());
    }

    /**
     * {@return the makers of the body after a step}
     *
     * @param makers the steps ({@link InputBound}) and model outputs ({@link SignatureTensors})
     *     that can have made the body before it
     */
    private Set<Object> through(Processor step, Set<Object> makers) {
        if (step == null || (step instanceof DisabledAware aware && aware.isDisabled())) {
            return makers;
        }
        if (step instanceof InputBound) {
            return Set.of(step);
        }
        if (step instanceof OutputBound reader) {
            if (step instanceof RouteAware aware) {
                // Camel sets the route of steps only, not of the bean that a step calls.
                aware.setRoute(route);
            }
            read(reader, makers);
            return UNKNOWN;
        }
        if (step instanceof OutputMapping mapping) {
            return map(mapping, makers);
        }
        if (step instanceof UnmarshalProcessor unmarshal) {
            return unmarshal.getVariableReceive() == null
                    ? madeBy(UnmarshalFormat.of(unmarshal))
                    : UNKNOWN;
        }
        if (step instanceof SendProcessor send) {
            return send(send, makers);
        }
        if (step instanceof SetHeaderProcessor || step instanceof SetHeadersProcessor) {
            signatureByHeader |= setsSignature(step);
        }
        if (TRANSPARENT.stream().anyMatch(type -> type.isInstance(step))) {
            return makers;
        }
        return block(step, makers);
    }

    private Set<Object> block(Processor step, Set<Object> makers) {
        if (step instanceof Channel channel) {
            return through(channel.getNextProcessor(), makers);
        }
        if (step instanceof BeanProcessor call) {
            return call.getMethod() == null && call.getBean() instanceof Processor bean
                    ? through(bean, makers)
                    : UNKNOWN;
        }
        if (step instanceof FilterProcessor || step instanceof LoopProcessor) {
            Processor child = ((DelegateProcessor) step).getProcessor();
            return either(makers, through(child, makers));
        }
        if (step instanceof ChoiceProcessor choice) {
            Set<Object> after =
                    choice.getOtherwise() == null ? makers : through(choice.getOtherwise(), makers);
            for (FilterProcessor when : choice.getFilters()) {
                after = either(after, through(when.getProcessor(), makers));
            }
            return after;
        }
        if (step instanceof DelegateProcessor delegate) {
            return through(delegate.getProcessor(), makers);
        }
        if (!(step instanceof Navigate<?> parent) || !parent.hasNext()) {
            return UNKNOWN;
        }
        List<?> children = parent.next();
        if (step instanceof Pipeline) {
            Set<Object> after = makers;
            for (Object child : children) {
                after = through((Processor) child, after);
            }
            return after;
        }
        if (step instanceof TryProcessor attempt) {
            Set<Object> after = through((Processor) children.get(0), makers);
            for (Processor clause : attempt.getCatchClauses()) {
                after = either(after, through(clause, UNKNOWN));
            }
            return through(attempt.getFinallyProcessor(), after);
        }
        if (CIRCUIT_BREAKERS.contains(step.getClass().getName())) {
            Set<Object> after = through((Processor) children.get(0), makers);
            for (Object fallback : children.subList(1, children.size())) {
                after = either(after, through((Processor) fallback, UNKNOWN));
            }
            return after;
        }
        if (step instanceof LoadBalancer || step instanceof IdempotentConsumer) {
            Set<Object> after = step instanceof LoadBalancer ? UNKNOWN : makers;
            for (Object child : children) {
                after = either(after, through((Processor) child, makers));
            }
            return after;
        }
        boolean copies = step instanceof MulticastProcessor && !(step instanceof Splitter);
        for (Object child : children) {
            through((Processor) child, copies ? makers : UNKNOWN);
        }
        return UNKNOWN;
    }

    private Set<Object> map(OutputMapping mapping, Set<Object> makers) {
        Set<Object> mapped = new HashSet<>();
        for (Object maker : makers) {
            if (maker instanceof SignatureTensors outputs) {
                try {
                    mapped.add(mapping.map(outputs));
                } catch (PipelineFaultException e) {
                    throw new PipelineFaultException(
                            StepName.of(context, mapping) + ": " + e.getMessage());
                }
            }
        }
        return mapped;
    }

    private static Set<Object> madeBy(@Nullable DataFormat format) {
        return format instanceof InputBound ? Set.of(format) : UNKNOWN;
    }

    private static Set<Object> either(Set<Object> one, Set<Object> other) {
        Set<Object> both = new HashSet<>(one);
        both.addAll(other);
        return both;
    }

    private static boolean setsSignature(Processor step) {
        return step instanceof SetHeaderProcessor one
                ? one.getHeaderName().contains(TensorFlowConstants.SIGNATURE_NAME)
                : ((SetHeadersProcessor) step)
                        .getHeaderNames().stream()
                                .anyMatch(
                                        name ->
                                                name.toString()
                                                        .contains(
                                                                TensorFlowConstants
                                                                        .SIGNATURE_NAME));
    }

    private Set<Object> send(SendProcessor send, Set<Object> makers) {
        Endpoint endpoint = send.getEndpoint();
        boolean ofBody = send.getVariableSend() == null && send.getVariableReceive() == null;
        if (endpoint.getEndpointUri().startsWith("log:")) {
            return makers;
        }
        if (endpoint instanceof DataFormatEndpoint format
                && ofBody
                && format.getOperation().equals("unmarshal")) {
            return madeBy(format.getDataFormat());
        }
        if (!(endpoint instanceof TensorFlowEndpoint model)
                || !model.isSignatureRequired()
                || signatureByHeader
                || !ofBody
                || model.isSkipped()) {
            return UNKNOWN;
        }
        model.load();
        for (Object maker : makers) {
            if (maker instanceof InputBound writer) {
                feeds.computeIfAbsent(writer, any -> new LinkedHashSet<>()).add(model);
            } else {
                model.inputs().checkFedBy((SignatureTensors) maker);
            }
        }
        return Set.of(model.outputs());
    }

    /**
     * Runs models on zeros of the shapes that this route's tensors have whatever the request, since
     * a signature may allow shapes that the model's first layers reject. A failed trial proves
     * nothing, so the route is served; but if a request fails for the same reason, the route is at
     * fault and not the request.
     */
    void tryShapes() {
        feeds.forEach((writer, models) -> models.forEach(model -> tryShape(writer, model)));
    }

    private void tryShape(InputBound writer, TensorFlowEndpoint model) {
        Shape shape = writer.fixedShape();
        String refused = model.refusal(shape);
        if (refused == null) {
            return;
        }
        String fault =
                StepName.of(context, writer)
                        + " makes a tensor of shape "
                        + TensorSpec.format(shape)
                        + ", which "
                        + model.inputs().owner()
                        + " refuses: "
                        + refused;
        model.addShapeFault(new ShapeFault(route.getRouteId(), refused, fault));
        remark(model, fault);
    }

    /** Warns of pixels that this route and the graph of a model both scale, or neither. */
    void checkScaling() {
        feeds.forEach(
                (writer, models) -> {
                    PixelRange pixels = writer.pixelRange();
                    if (pixels != null) {
                        models.forEach(model -> checkScaling(writer, pixels, model));
                    }
                });
    }

    private void checkScaling(InputBound writer, PixelRange pixels, TensorFlowEndpoint model) {
        String problem = ScalingCheck.problem(pixels, model.inputScaling());
        if (problem != null) {
            remark(
                    model,
                    StepName.of(context, writer)
                            + " for "
                            + model.inputs().owner()
                            + " "
                            + problem);
        }
    }

    private void remark(TensorFlowEndpoint model, String text) {
        String remark = routeName() + ": " + text;
        model.getComponent().addRemark(remark);
        LOG.info("{}", remark);
    }

    private String routeName() {
        return route.getEndpoint() instanceof PipelineEndpoint pipeline
                ? "pipeline \"" + pipeline.getName() + "\""
                : "route \"" + route.getRouteId() + "\"";
    }

    private void read(OutputBound reader, Set<Object> makers) {
        Set<SignatureTensors> outputs = reads.computeIfAbsent(reader, any -> new LinkedHashSet<>());
        Object preprocessor = null;
        boolean afterModel = false;
        for (Object maker : makers) {
            if (maker instanceof SignatureTensors ofModel) {
                outputs.add(ofModel);
                afterModel = true;
            } else if (!(maker instanceof DataFormat)) {
                // A format can read the outputs of a model in another system.
                preprocessor = maker;
            }
        }
        // A filter or loop around the model may be passed by, but need not be.
        if (preprocessor != null && !afterModel && misplaced == null) {
            misplaced =
                    new PipelineFaultException(
                            StepName.of(context, reader)
                                    + ": reads what a model gives, but between it and "
                                    + StepName.of(context, preprocessor)
                                    + " there is no model");
        }
    }

    /**
     * Checks the order of the steps.
     *
     * @throws PipelineFaultException if a postprocessor follows a preprocessor with no model
     *     between
     */
    void checkOrder() {
        if (misplaced != null) {
            throw misplaced;
        }
    }
}
