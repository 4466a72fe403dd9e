package io.bactrian.route;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
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
import org.apache.camel.model.Model;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.spi.InterceptStrategy;
import org.apache.camel.support.processor.DelegateAsyncProcessor;
import org.jspecify.annotations.Nullable;

/** The route coverage of tests: the number of runs of each step of the routes. */
public final class RouteCoverage {

    /** The runs of a step, by the step. */
    private final Map<NamedNode, LongAdder> runs = new ConcurrentHashMap<>();

    private final List<CamelContext> contexts = new ArrayList<>();

    /**
     * A step of a route.
     *
     * @param route the route's id
     * @param file the name of the route's file, such as {@code spam.camel.yaml}
     * @param line the step's line in the file, from 1; -1 if it is unknown
     * @param step the step, such as {@code process[#lowerCase]}
     * @param runs the number of its runs
     */
    public record Step(String route, String file, int line, String step, long runs) {

        /** {@return the step and where it is, such as {@code spam.camel.yaml:12: process[#a]}} */
        @Override
        public String toString() {
            return (line < 0 ? file : file + ":" + line) + ": " + step;
        }
    }

    /** Creates a coverage of no routes. */
    public RouteCoverage() {}

    /**
     * Counts the runs of the steps of routes that are added to a context from now on.
     *
     * @param context a context to which no routes have been added yet
     */
    public void observe(CamelContext context) {
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

    /** {@return the steps of the started routes that came from files, in order} */
    public List<Step> steps() {
        List<Step> steps = new ArrayList<>();
        for (CamelContext context : contexts) {
            Model model = context.getCamelContextExtension().getContextPlugin(Model.class);
            for (RouteDefinition route : model.getRouteDefinitions()) {
                if (context.getRoute(route.getRouteId()) != null) {
                    Map<Path, StepLines> lines = new HashMap<>();
                    for (ProcessorDefinition<?> each : route.getOutputs()) {
                        add(route.getRouteId(), each, lines, steps);
                    }
                }
            }
        }
        return steps;
    }

    /**
     * Adds a step and its nested steps.
     *
     * @param lines the lines of steps by file; those of a route template are in the template's file
     */
    private void add(
            String route,
            ProcessorDefinition<?> definition,
            Map<Path, StepLines> lines,
            List<Step> steps) {
        LongAdder count = runs.get(definition);
        Path file = fileOf(definition);
        // Parts of a step, such as when and otherwise, are not processors themselves.
        if (count != null && file != null) {
            int line = lines.computeIfAbsent(file, StepLines::new).next(definition);
            String name = file.getFileName().toString();
            steps.add(new Step(route, name, line, describe(definition), count.sum()));
        }
        definition.getOutputs().forEach(each -> add(route, each, lines, steps));
    }

    /** {@return the file of a step; null if it is defined in Java} */
    private static @Nullable Path fileOf(ProcessorDefinition<?> step) {
        if (step.getLocation() == null) {
            return null;
        }
        Path file = Path.of(step.getLocation().replaceFirst("^file:", ""));
        return Files.isRegularFile(file) ? file : null;
    }

    private static String describe(ProcessorDefinition<?> definition) {
        String name = definition.getShortName();
        String label = definition.getLabel();
        // The label of a data format is an object's default text.
        if (label.contains("@")) {
            return name;
        }
        return label.startsWith(name) ? label : name + "[" + label + "]";
    }

    /** {@return the steps that have not run} */
    public List<Step> missed() {
        return steps().stream().filter(step -> step.runs() == 0).toList();
    }

    /** {@return a report with the number of steps that have run and the missed steps, by route} */
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
