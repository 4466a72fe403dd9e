package io.bactrian.model.graph;

import java.util.List;

/**
 * The transfer function of an operation: from the abstract values of its inputs to those of its
 * outputs.
 */
@FunctionalInterface
interface BatchRule {

    /**
     * {@return the values of the outputs; a single {@link BatchValue.Mixed} holds for all outputs}
     */
    List<BatchValue> apply(NodeContext node);

    /** {@return a rule for an operation with one output, which is mixed if an input is} */
    static BatchRule of(Single rule) {
        return node -> {
            BatchValue.Mixed mixed = node.mixedInput();
            return List.of(mixed != null ? mixed.asScalar(false) : rule.apply(node));
        };
    }

    /** {@return a rule for an operation with several outputs, which are mixed if an input is} */
    static BatchRule ofAll(BatchRule rule) {
        return node -> {
            BatchValue.Mixed mixed = node.mixedInput();
            return mixed != null ? List.of(mixed.asScalar(false)) : rule.apply(node);
        };
    }

    /** A rule for an operation with one output. */
    @FunctionalInterface
    interface Single {
        BatchValue apply(NodeContext node);
    }
}
