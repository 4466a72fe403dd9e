package io.bactrian.route;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import org.apache.camel.model.ProcessorDefinition;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * The lines of a route's steps in its YAML file. Camel counts lines from 0, and takes a step's
 * properties for its beginning. That is the step's line from 1 where they begin in the next line,
 * but the line before it where they are in braces.
 */
final class StepLines {

    /** The lines of steps in their order, by name and line as Camel has them. */
    private final Map<String, Deque<Integer>> lines = new HashMap<>();

    private final Set<Node> seen = Collections.newSetFromMap(new IdentityHashMap<>());

    /**
     * @param file the file of the route; of one that is no YAML, lines are those that Camel has
     */
    StepLines(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            new Compose(LoadSettings.builder().build()).composeInputStream(in).ifPresent(this::add);
        } catch (IOException | YamlEngineException e) {
            lines.clear();
        }
    }

    /**
     * {@return the line of a step, from 1; -1 if it is not known}
     *
     * @param step the next of the route's steps
     */
    int next(ProcessorDefinition<?> step) {
        Deque<Integer> candidates = lines.get(key(step.getShortName(), step.getLineNumber()));
        if (candidates == null) {
            return step.getLineNumber();
        }
        // The last one is all of them where an alias or a template repeats the step.
        return candidates.size() == 1 ? candidates.element() : candidates.remove();
    }

    private void add(Node node) {
        if (!seen.add(node)) {
            return;
        }
        if (node instanceof SequenceNode sequence) {
            sequence.getValue().forEach(this::add);
        } else if (node instanceof MappingNode mapping) {
            for (NodeTuple entry : mapping.getValue()) {
                if (isNamed(entry, "steps") && entry.getValueNode() instanceof SequenceNode steps) {
                    steps.getValue().forEach(this::addStep);
                }
                add(entry.getValueNode());
            }
        }
    }

    private void addStep(Node item) {
        if (item instanceof MappingNode step) {
            for (NodeTuple entry : step.getValue()) {
                if (entry.getKeyNode() instanceof ScalarNode name) {
                    int line = line(name) + 1;
                    boolean hasProperties = entry.getValueNode() instanceof MappingNode;
                    int camels = hasProperties ? line(entry.getValueNode()) : line;
                    lines.computeIfAbsent(key(name.getValue(), camels), any -> new ArrayDeque<>())
                            .add(line);
                }
            }
        }
    }

    private static boolean isNamed(NodeTuple entry, String name) {
        return entry.getKeyNode() instanceof ScalarNode key && key.getValue().equals(name);
    }

    /** {@return the line of a node, from 0} */
    private static int line(Node node) {
        return node.getStartMark().orElseThrow().getLine();
    }

    private static String key(String name, int line) {
        return name + ":" + line;
    }
}
