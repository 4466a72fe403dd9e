package io.bactrian.model.graph;

import java.util.List;

/**
 * What an operation does to rows: from what is known of its inputs to what is known of its outputs.
 */
@FunctionalInterface
interface BatchRule {

    /** {@return of each output; if only {@link BatchValue.Mixed}, it holds for all} */
    List<BatchValue> apply(NodeContext node);

    /**
     * {@return a rule for an operation of one output, of which nothing is known if an input is
     * mixed}
     */
    static BatchRule of(Single rule) {
        return node -> {
            BatchValue.Mixed mixed = node.mixedInput();
            return List.of(mixed != null ? mixed.asScalar(false) : rule.apply(node));
        };
    }

    /** {@return a rule for an operation of several outputs, likewise} */
    static BatchRule ofAll(BatchRule rule) {
        return node -> {
            BatchValue.Mixed mixed = node.mixedInput();
            return mixed != null ? List.of(mixed.asScalar(false)) : rule.apply(node);
        };
    }

    /** A rule for an operation of one output. */
    @FunctionalInterface
    interface Single {
        BatchValue apply(NodeContext node);
    }
}
