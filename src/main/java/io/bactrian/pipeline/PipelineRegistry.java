package io.bactrian.pipeline;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The started pipelines by name. The {@code pipeline} component of a Camel context has one of its
 * own, unless the context's registry holds one, which several contexts may share: each then calls
 * the pipelines of the others by name.
 */
public final class PipelineRegistry {

    private final Map<String, PipelineConsumer> consumers = new ConcurrentHashMap<>();
    private final Map<String, String> broken = new ConcurrentHashMap<>();

    /**
     * Notes that a pipeline can't be served: whoever calls it is told why.
     *
     * @param name the pipeline's name
     * @param reason a sentence
     */
    public void setBroken(String name, String reason) {
        broken.put(name, reason);
    }

    /**
     * {@return why the pipeline of that name can't be served, or null if nothing is known of it}
     *
     * @param name the pipeline's name
     */
    public @Nullable String brokenReason(String name) {
        return broken.get(name);
    }

    /**
     * {@return the pipeline of that name, or null if none is started}
     *
     * @param name the pipeline's name
     */
    public @Nullable PipelineConsumer pipeline(String name) {
        return consumers.get(name);
    }

    /** {@return the started pipelines, by name} */
    public Collection<PipelineConsumer> pipelines() {
        return List.copyOf(new TreeMap<>(consumers).values());
    }

    /** {@return the names of the started pipelines, in order, with commas between them} */
    public String names() {
        return String.join(", ", new TreeSet<>(consumers.keySet()));
    }

    void add(PipelineConsumer consumer) {
        String name = consumer.getEndpoint().getName();
        if (consumers.putIfAbsent(name, consumer) != null) {
            throw new IllegalArgumentException("two routes from pipeline:" + name);
        }
    }

    void remove(PipelineConsumer consumer) {
        consumers.remove(consumer.getEndpoint().getName(), consumer);
    }
}
