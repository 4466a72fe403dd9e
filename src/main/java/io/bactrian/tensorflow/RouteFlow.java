package io.bactrian.tensorflow;

import io.bactrian.pipeline.InputBound;
import io.bactrian.pipeline.OutputBound;
import io.bactrian.pipeline.PipelineEndpoint;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.SignatureTensors;
import io.bactrian.pipeline.StepName;
import io.bactrian.tensor.TensorSpec;
import io.bactrian.tensorflow.TensorFlowEndpoint.ShapeFault;
import java.util.HashSet;
import java.util.List;
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
import org.apache.camel.processor.SendProcessor;
import org.apache.camel.processor.SetHeaderProcessor;
import org.apache.camel.processor.SetHeadersProcessor;
import org.apache.camel.processor.SetPropertyProcessor;
import org.apache.camel.processor.Splitter;
import org.apache.camel.processor.ThreadsProcessor;
import org.apache.camel.processor.TryProcessor;
import org.apache.camel.processor.WireTapProcessor;
import org.apache.camel.support.processor.PredicateValidatingProcessor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tensorflow.ndarray.Shape;

/**
 * A data-flow analysis of a route: at each step, which processors or signatures can have made the
 * tensors in the body. Where a processor's tensors reach a model, or a model's a processor, they
 * are bound to each other.
 *
 * <p>Nothing is assumed of a step that is not known here: what follows it is not bound to what
 * precedes it.
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
                    SetHeaderProcessor.class,
                    SetHeadersProcessor.class,
                    SetPropertyProcessor.class,
                    ThreadsProcessor.class,
                    WireTapProcessor.class);

    /** The makers of a body of which nothing is known. */
    private static final Set<Object> UNKNOWN = Set.of();

    private static final Logger LOG = LoggerFactory.getLogger(RouteFlow.class);

    private final CamelContext context;
    private final Route route;
    private boolean signatureByHeader;

    RouteFlow(CamelContext context, Route route) {
        this.context = context;
        this.route = route;
    }

    /**
     * Binds every processor of the route that can be.
     *
     * @throws PipelineFaultException if a processor does not fit the model beside it
     */
    void bind() {
        through(route.getProcessor(), UNKNOWN);
    }

    /**
     * {@return those after it}
     *
     * @param makers the processors ({@link InputBound}) and outputs ({@link SignatureTensors}) that
     *     can be the makers of the body before the step
     */
    private Set<Object> through(Processor step, Set<Object> makers) {
        if (step == null || step instanceof DisabledAware aware && aware.isDisabled()) {
            return makers;
        }
        if (step instanceof InputBound) {
            return Set.of(step);
        }
        if (step instanceof OutputBound reader) {
            if (step instanceof RouteAware aware) {
                // Camel tells steps only, not the bean that a step calls.
                aware.setRoute(route);
            }
            bind(reader, step, makers);
            return UNKNOWN;
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
        boolean copies = step instanceof MulticastProcessor && !(step instanceof Splitter);
        for (Object child : children) {
            through((Processor) child, copies ? makers : UNKNOWN);
        }
        return UNKNOWN;
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
                bind(writer, (Processor) maker, model.inputs());
                tryShape(writer, (Processor) maker, model);
            } else {
                model.inputs().checkFedBy((SignatureTensors) maker);
            }
        }
        return Set.of(model.outputs());
    }

    /**
     * A signature may leave open what its first layers do not. A trial that fails proves nothing,
     * so that the route is served; but a request that fails with the same words is not at fault.
     */
    private void tryShape(InputBound writer, Processor step, TensorFlowEndpoint model) {
        Shape shape = writer.shapeOfOne();
        String refused = model.refusal(shape);
        if (refused == null) {
            return;
        }
        String fault =
                StepName.of(context, step)
                        + " makes a tensor of shape "
                        + TensorSpec.format(shape)
                        + ", which "
                        + model.inputs().owner()
                        + " refuses: "
                        + refused;
        model.addShapeFault(new ShapeFault(route.getRouteId(), refused, fault));
        String remark = routeName() + ": " + fault;
        model.getComponent().addRemark(remark);
        LOG.info("{}", remark);
    }

    private String routeName() {
        return route.getEndpoint() instanceof PipelineEndpoint pipeline
                ? "pipeline \"" + pipeline.getName() + "\""
                : "route \"" + route.getRouteId() + "\"";
    }

    private void bind(InputBound writer, Processor step, SignatureTensors inputs) {
        try {
            writer.bindInputs(inputs);
        } catch (PipelineFaultException e) {
            throw named(step, e.getMessage());
        }
    }

    private void bind(OutputBound reader, Processor step, Set<Object> makers) {
        for (Object maker : makers) {
            if (maker instanceof InputBound) {
                throw named(
                        step,
                        "reads what a model gives, but between it and "
                                + StepName.of(context, (Processor) maker)
                                + " there is no model");
            }
            try {
                reader.bindOutputs((SignatureTensors) maker);
            } catch (PipelineFaultException e) {
                throw named(step, e.getMessage());
            }
        }
    }

    private PipelineFaultException named(Processor step, String fault) {
        return new PipelineFaultException(StepName.of(context, step) + ": " + fault);
    }
}
