package io.bactrian.model.graph;

import io.bactrian.model.graph.BatchValue.Fixed;
import io.bactrian.model.graph.BatchValue.RowIds;
import io.bactrian.model.graph.BatchValue.RowPositions;
import io.bactrian.model.graph.BatchValue.Rows;
import io.bactrian.model.graph.BatchValue.Splits;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.TensorShapeProto;

/**
 * Rules for rows of different lengths: split strings, n-grams, counts, and padding to one width.
 */
final class RaggedRules {

    private static final String[] SEGMENT_REDUCTIONS = {
        "UnsortedSegmentMax", "UnsortedSegmentMin", "UnsortedSegmentProd", "UnsortedSegmentSum"
    };

    private RaggedRules() {}

    static void addTo(Map<String, BatchRule> rules) {
        rules.put("StringSplit", BatchRule.ofAll(RaggedRules::splitStrings));
        rules.put("StringSplitV2", BatchRule.ofAll(RaggedRules::splitStrings));
        rules.put("UnicodeDecode", BatchRule.ofAll(RaggedRules::decode));
        rules.put("UnicodeDecodeWithOffsets", BatchRule.ofAll(RaggedRules::decode));
        rules.put("StringNGrams", BatchRule.ofAll(RaggedRules::nGrams));
        rules.put("DenseBincount", BatchRule.of(RaggedRules::denseCounts));
        rules.put("RaggedBincount", BatchRule.of(RaggedRules::raggedCounts));
        rules.put("RaggedTensorToTensor", BatchRule.of(RaggedRules::pad));
        for (String operation : SEGMENT_REDUCTIONS) {
            rules.put(operation, BatchRule.of(RaggedRules::reduceSegments));
        }
        rules.put("ParseExample", BatchRule.ofAll(node -> parse(node, "Nsparse")));
        rules.put("ParseExampleV2", BatchRule.ofAll(node -> parse(node, "num_sparse")));
    }

    private static boolean isVectorOfBatch(BatchValue value) {
        return value instanceof Rows rows
                && rows.isPlain()
                && rows.rank() == 1
                && rows.group().equals(Symbol.BATCH);
    }

    private static List<BatchValue> splitStrings(NodeContext node) {
        if (!isVectorOfBatch(node.input(0)) || !node.isShared(1)) {
            return List.of(node.mixed());
        }
        Symbol group = node.group("values");
        return List.of(
                new RowPositions(group),
                vector(group),
                Fixed.vector(List.of(SymbolicInt.BATCH, node.dataSize("longest"))));
    }

    private static Rows vector(Symbol group) {
        return Rows.plain(List.of(SymbolicInt.of(group)), 0, group);
    }

    private static List<BatchValue> decode(NodeContext node) {
        if (!isVectorOfBatch(node.input(0))) {
            return List.of(node.mixed());
        }
        Symbol group = node.group("values");
        return List.of(new Splits(group, Splits.Part.ALL), vector(group), vector(group));
    }

    private static List<BatchValue> nGrams(NodeContext node) {
        if (!isOfGroup(node.input(0), node.input(1))) {
            return List.of(node.mixed());
        }
        Symbol group = node.group("ngrams");
        return List.of(vector(group), new Splits(group, Splits.Part.ALL));
    }

    /** {@return whether these are a ragged tensor's values and its row splits} */
    private static boolean isOfGroup(BatchValue values, BatchValue splits) {
        return splits instanceof Splits limits
                && limits.part() == Splits.Part.ALL
                && values instanceof Rows rows
                && rows.isPlain()
                && rows.group().equals(limits.group());
    }

    /** The counts of row ids are the lengths of the rows. */
    private static BatchValue denseCounts(NodeContext node) {
        List<SymbolicInt> size = node.content(1);
        boolean unweighted = isEmpty(node.input(2));
        if (node.input(0) instanceof RowIds ids) {
            boolean countsAll =
                    unweighted
                            && !node.flag("binary_output")
                            && size != null
                            && size.equals(List.of(SymbolicInt.BATCH));
            return countsAll ? ElementwiseRules.lengths(ids.group()) : node.mixed();
        }
        if (node.input(0) instanceof Rows rows
                && rows.rank() == 2
                && rows.axis() == 0
                && unweighted
                && node.isShared(1)) {
            return rows.withTrailing(
                    1, List.of(size == null ? node.sharedSize("size") : size.get(0)));
        }
        return node.isShared(0) && node.isShared(1) && node.isShared(2)
                ? Fixed.UNKNOWN
                : node.mixed();
    }

    private static boolean isEmpty(BatchValue weights) {
        return weights instanceof Fixed fixed
                && fixed.dims() != null
                && fixed.dims().size() == 1
                && fixed.dims().get(0).is(0);
    }

    private static BatchValue raggedCounts(NodeContext node) {
        List<SymbolicInt> size = node.content(2);
        if (!(node.input(1) instanceof Rows values)
                || !isOfGroup(values, node.input(0))
                || values.rank() != 1
                || !isEmpty(node.input(3))
                || !node.isShared(2)) {
            return node.mixed();
        }
        return Rows.plain(
                List.of(SymbolicInt.BATCH, size == null ? node.sharedSize("size") : size.get(0)),
                0,
                Symbol.BATCH);
    }

    /**
     * Only to a given width: the width of the longest row depends on the other rows of the batch.
     */
    private static BatchValue pad(NodeContext node) {
        List<SymbolicInt> shape = node.content(0);
        if (!(node.input(1) instanceof Rows values)
                || shape == null
                || shape.size() != values.rank() + 1
                || !node.isShared(2)
                || !isPartition(node, values)) {
            return node.mixed();
        }
        SymbolicInt rows = shape.get(0);
        SymbolicInt width = shape.get(1);
        boolean openWidth = !width.isShared() || (width.isConstant() && width.factor() < 0);
        if (openWidth || (!rows.is(-1) && !rows.equals(SymbolicInt.BATCH))) {
            return node.mixed();
        }
        List<SymbolicInt> sizes = new ArrayList<>(List.of(SymbolicInt.BATCH, width));
        for (int axis = 1; axis < values.rank(); axis++) {
            SymbolicInt size = shape.get(axis + 1);
            if (!size.is(-1) && !size.equals(values.dims().get(axis))) {
                return node.mixed();
            }
            sizes.add(values.dims().get(axis));
        }
        return Rows.plain(sizes, 0, Symbol.BATCH);
    }

    private static boolean isPartition(NodeContext node, Rows values) {
        List<String> types = node.texts("row_partition_types");
        if (types.equals(List.of("ROW_SPLITS"))) {
            return isOfGroup(values, node.input(3));
        }
        return types.equals(List.of("FIRST_DIM_SIZE", "VALUE_ROWIDS"))
                && List.of(SymbolicInt.BATCH).equals(node.content(3))
                && values.isPlain()
                && node.input(4) instanceof RowIds ids
                && ids.group().equals(values.group());
    }

    private static BatchValue reduceSegments(NodeContext node) {
        boolean byRow =
                node.input(0) instanceof Rows data
                        && data.isPlain()
                        && node.input(1) instanceof RowIds ids
                        && ids.group().equals(data.group())
                        && List.of(SymbolicInt.BATCH).equals(node.content(2));
        if (!byRow) {
            return node.isShared(0) && node.isShared(1) && node.isShared(2)
                    ? Fixed.UNKNOWN
                    : node.mixed();
        }
        Rows data = (Rows) node.input(0);
        List<SymbolicInt> sizes = new ArrayList<>(data.dims());
        sizes.set(0, SymbolicInt.BATCH);
        return Rows.plain(sizes, 0, Symbol.BATCH);
    }

    /** Dense features of a fixed shape are independent; sparse and ragged ones are not analyzed. */
    private static List<BatchValue> parse(NodeContext node, String sparseCount) {
        boolean apart = isVectorOfBatch(node.input(0));
        for (int i = 1; i < node.inputCount(); i++) {
            apart &= node.isShared(i);
        }
        if (!apart) {
            return List.of(node.mixed());
        }
        List<BatchValue> outputs =
                new ArrayList<>(
                        Collections.nCopies(3 * (int) node.integer(sparseCount, 0), node.mixed()));
        AttrValue shapes =
                node.node().getAttrOrDefault("dense_shapes", AttrValue.getDefaultInstance());
        for (TensorShapeProto shape : shapes.getList().getShapeList()) {
            List<SymbolicInt> sizes = new ArrayList<>(List.of(SymbolicInt.BATCH));
            boolean known = !shape.getUnknownRank();
            for (TensorShapeProto.Dim dim : shape.getDimList()) {
                known &= dim.getSize() >= 0;
                sizes.add(SymbolicInt.of(dim.getSize()));
            }
            outputs.add(known ? Rows.plain(sizes, 0, Symbol.BATCH) : node.mixed());
        }
        return outputs;
    }
}
