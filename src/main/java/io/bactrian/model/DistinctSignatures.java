package io.bactrian.model;

import io.bactrian.model.graph.EquivalentSignatures;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.tensorflow.proto.MetaGraphDef;

/**
 * The runnable signatures of a model without duplicates: of signatures that compute the same, one
 * runs for all, so that TensorFlow prepares one graph and keeps one copy of its constants.
 *
 * @param distinct the signatures that run
 * @param representatives by signature name, the name of the signature that runs for it
 */
record DistinctSignatures(List<Signature> distinct, Map<String, String> representatives) {

    /**
     * @param metaGraph declares the signatures
     * @param signatures the signatures that can be run
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
                        .filter(each -> each.name().equals(representatives.get(each.name())))
                        .toList(),
                representatives);
    }
}
