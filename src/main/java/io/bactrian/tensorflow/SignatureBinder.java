package io.bactrian.tensorflow;

import io.bactrian.pipeline.InputBound;
import io.bactrian.pipeline.OutputBound;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.SignatureTensors;
import io.bactrian.pipeline.StepName;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.Service;
import org.apache.camel.support.LifecycleStrategySupport;

/**
 * Binds the steps of a context's routes to the signatures of the models next to them, before each
 * route starts, so that a route that contradicts a signature does not start.
 *
 * <p>A bean that several routes use is bound to the signatures of all of them. When a route is
 * restarted it is analyzed again, and so bound to the signatures that its models have by then.
 */
final class SignatureBinder extends LifecycleStrategySupport {

    /** The started routes, in the order of their start. */
    private final Map<Route, RouteFlow> flows = Collections.synchronizedMap(new LinkedHashMap<>());

    /** Binds a route before the first of its services starts. */
    @Override
    public void onServiceAdd(CamelContext context, Service service, Route route) {
        if (route == null || flows.containsKey(route)) {
            return;
        }
        RouteFlow flow = new RouteFlow(context, route);
        flow.analyze();
        flows.put(route, flow);
        try {
            bind(context, flow);
            flow.tryShapes();
            flow.checkScaling();
        } catch (RuntimeException e) {
            flows.remove(route);
            throw e;
        }
    }

    private void bind(CamelContext context, RouteFlow flow) {
        for (InputBound writer : flow.writers()) {
            List<SignatureTensors> inputs = ofAllRoutes(each -> each.inputs(writer));
            named(context, writer, () -> writer.bindInputs(inputs));
        }
        flow.checkOrder();
        for (OutputBound reader : flow.readers()) {
            List<SignatureTensors> outputs = ofAllRoutes(each -> each.outputs(reader));
            if (!outputs.isEmpty()) {
                named(context, reader, () -> reader.bindOutputs(outputs));
            }
        }
    }

    private List<SignatureTensors> ofAllRoutes(
            Function<RouteFlow, Collection<SignatureTensors>> tensors) {
        synchronized (flows) {
            return flows.values().stream()
                    .map(tensors)
                    .flatMap(Collection::stream)
                    .distinct()
                    .toList();
        }
    }

    private static void named(CamelContext context, Object step, Runnable binding) {
        try {
            binding.run();
        } catch (PipelineFaultException e) {
            throw new PipelineFaultException(StepName.of(context, step) + ": " + e.getMessage());
        }
    }

    @Override
    public void onServiceRemove(CamelContext context, Service service, Route route) {
        if (route != null) {
            flows.remove(route);
        }
    }
}
