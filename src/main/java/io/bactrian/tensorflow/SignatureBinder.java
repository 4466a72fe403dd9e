package io.bactrian.tensorflow;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.Service;
import org.apache.camel.support.LifecycleStrategySupport;

/**
 * Binds the processors of each route to the signatures of the models beside them, before the route
 * starts, so that what route and signature contradict keeps the route from starting.
 */
final class SignatureBinder extends LifecycleStrategySupport {

    private final Set<Route> bound = ConcurrentHashMap.newKeySet();

    /** Called for each service of a route before it starts; at the first, the route is bound. */
    @Override
    public void onServiceAdd(CamelContext context, Service service, Route route) {
        if (route != null && bound.add(route)) {
            try {
                new RouteFlow(context, route).bind();
            } catch (RuntimeException e) {
                bound.remove(route);
                throw e;
            }
        }
    }

    @Override
    public void onServiceRemove(CamelContext context, Service service, Route route) {
        if (route != null) {
            bound.remove(route);
        }
    }
}
