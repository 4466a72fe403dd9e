package io.bactrian.model.graph;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The rules of all known operations except control flow, which {@link GraphEvaluation} handles. */
final class BatchRules {

    private static final Map<String, BatchRule> RULES = rules();

    private BatchRules() {}

    private static Map<String, BatchRule> rules() {
        Map<String, BatchRule> rules = new HashMap<>();
        ShapeRules.addTo(rules);
        ElementwiseRules.addTo(rules);
        ReductionRules.addTo(rules);
        LayoutRules.addTo(rules);
        SelectionRules.addTo(rules);
        LinearAlgebraRules.addTo(rules);
        ImageRules.addTo(rules);
        RaggedRules.addTo(rules);
        TensorListRules.addTo(rules);
        return Map.copyOf(rules);
    }

    /** {@return the operation's rule, or null if it has none} */
    static @Nullable BatchRule of(String operation) {
        return RULES.get(operation);
    }
}
