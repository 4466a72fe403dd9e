package io.bactrian.test;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.apache.camel.AsyncCallback;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.spi.InterceptStrategy;
import org.apache.camel.support.processor.DelegateAsyncProcessor;

/** The route coverage of tests: which steps of the routes have run, and how often. */
public final class RouteCoverage {

    /** The runs of a step, by the step. */
    private final Map<NamedNode, LongAdder> runs = new ConcurrentHashMap<>();

    private final List<CamelContext> contexts = new ArrayList<>();

    /**
     * A step of a route.
     *
     * @param route the route's id
     * @param file the route's file and the step's line in it, such as {@code spam.camel.yaml:12}
     * @param step the step, such as {@code process[#lowerCase]}
     * @param runs how often it ran
     */
    public record Step(String route, String file, String step, long runs) {

        @Override
        public String toString() {
            return file + ": " + step;
        }
    }

    RouteCoverage() {}

    /** Counts the runs of the steps of routes that are added to a context from now on. */
    void observe(CamelContext context) {
        contexts.add(context);
        context.setSourceLocationEnabled(true);
        InterceptStrategy counter =
                (owner, step, target, next) -> {
                    LongAdder count = runs.computeIfAbsent(step, first -> new LongAdder());
                    return new Counter(target, count);
                };
        context.getCamelContextExtension().addInterceptStrategy(counter);
    }

    /** A processor that counts the exchanges that it passes to a step. */
    private static final class Counter extends DelegateAsyncProcessor {

        private final LongAdder count;

        Counter(Processor target, LongAdder count) {
            super(target);
            this.count = count;
        }

        @Override
        public boolean process(Exchange exchange, AsyncCallback callback) {
            count.increment();
            return super.process(exchange, callback);
        }
    }

    /** {@return the steps of the routes that came from files, in order} */
    public List<Step> steps() {
        List<Step> steps = new ArrayList<>();
        for (CamelContext context : contexts) {
            for (Route route : context.getRoutes()) {
                if (route.getRoute() instanceof RouteDefinition definition
                        && route.getSourceResource() != null) {
                    String location = route.getSourceResource().getLocation();
                    String file = location.substring(location.lastIndexOf('/') + 1);
                    definition
                            .getOutputs()
                            .forEach(each -> add(definition.getRouteId(), file, each, steps));
                }
            }
        }
        return steps;
    }

    private void add(
            String route, String file, ProcessorDefinition<?> definition, List<Step> steps) {
        LongAdder count = runs.get(definition);
        // Parts of a step, such as when and otherwise, are no processors of their own.
        if (count != null) {
            String line = definition.getLineNumber() < 0 ? "" : ":" + definition.getLineNumber();
            steps.add(new Step(route, file + line, describe(definition), count.sum()));
        }
        definition.getOutputs().forEach(each -> add(route, file, each, steps));
    }

    private static String describe(ProcessorDefinition<?> definition) {
        String name = definition.getShortName();
        String label = definition.getLabel();
        // A data format's label is that of an object.
        if (label.contains("@")) {
            return name;
        }
        return label.startsWith(name) ? label : name + "[" + label + "]";
    }

    /** {@return the steps that have not run} */
    public List<Step> missed() {
        return steps().stream().filter(step -> step.runs() == 0).toList();
    }

    /** {@return how many steps of each route have run, and which have not} */
    @Override
    public String toString() {
        Map<String, List<Step>> byRoute = new LinkedHashMap<>();
        steps().forEach(
                        step ->
                                byRoute.computeIfAbsent(step.route(), first -> new ArrayList<>())
                                        .add(step));
        StringBuilder text = new StringBuilder();
        byRoute.forEach(
                (route, steps) -> {
                    long run = steps.stream().filter(step -> step.runs() > 0).count();
                    text.append("route ")
                            .append(route)
                            .append(": ")
                            .append(run)
                            .append(" of ")
                            .append(steps.size())
                            .append(" steps ran\n");
                    steps.stream()
                            .filter(step -> step.runs() == 0)
                            .forEach(step -> text.append("  not run: ").append(step).append('\n'));
                });
        return text.toString();
    }
}
