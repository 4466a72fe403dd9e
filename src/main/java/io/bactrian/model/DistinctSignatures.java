package io.bactrian.model;

import io.bactrian.model.graph.EquivalentSignatures;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.tensorflow.proto.MetaGraphDef;

/**
 * The signatures of a model that can be run, and which of them run as another that computes the
 * same: TensorFlow then prepares one graph and keeps one copy of its constants for all of them.
 *
 * @param distinct those that run
 * @param representatives by signature, which one runs for it, often itself
 */
record DistinctSignatures(List<Signature> distinct, Map<String, String> representatives) {

    /**
     * @param metaGraph what declares them
     * @param signatures those that can be run
     */
    static DistinctSignatures of(MetaGraphDef metaGraph, Collection<Signature> signatures) {
        List<Signature> ordered = new ArrayList<>(signatures);
        ordered.sort(
                Comparator.comparing((Signature each) -> !each.name().equals(Signature.DEFAULT))
                        .thenComparing(Signature::name));
        Map<String, String> representatives =
                EquivalentSignatures.of(metaGraph, ordered.stream().map(Signature::name).toList());
        return new DistinctSignatures(
                ordered.stream()
                        .filter(each -> representatives.get(each.name()).equals(each.name()))
                        .toList(),
                representatives);
    }
}
