package io.bactrian.model.graph;

import io.bactrian.model.graph.BatchValue.Fixed;
import io.bactrian.model.graph.BatchValue.Rows;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Rules for matrix products, in which rows must not be along a contracted axis. */
final class LinearAlgebraRules {

    private LinearAlgebraRules() {}

    static void addTo(Map<String, BatchRule> rules) {
        rules.put(
                "MatMul",
                BatchRule.of(
                        node ->
                                multiply(
                                        node, node.flag("transpose_a"), node.flag("transpose_b"))));
        for (String operation : List.of("BatchMatMul", "BatchMatMulV2", "BatchMatMulV3")) {
            rules.put(
                    operation,
                    BatchRule.of(node -> multiply(node, node.flag("adj_x"), node.flag("adj_y"))));
        }
        rules.put("Einsum", BatchRule.of(LinearAlgebraRules::einsum));
    }

    private static BatchValue multiply(NodeContext node, boolean transposeA, boolean transposeB) {
        List<SymbolicInt> a = NodeContext.dims(node.input(0));
        List<SymbolicInt> b = NodeContext.dims(node.input(1));
        if (a == null || b == null || a.size() < 2 || b.size() < 2) {
            return node.isShared(0) && node.isShared(1) ? Fixed.UNKNOWN : node.mixed();
        }
        // As in Einsum: letters stand for axes; batch axes are counted from the end.
        int rank = Math.max(a.size(), b.size());
        int[] lettersOfA = batchLetters(a.size(), rank);
        int[] lettersOfB = batchLetters(b.size(), rank);
        int row = rank;
        int inner = rank + 1;
        int column = rank + 2;
        lettersOfA[a.size() - 2] = transposeA ? inner : row;
        lettersOfA[a.size() - 1] = transposeA ? row : inner;
        lettersOfB[b.size() - 2] = transposeB ? column : inner;
        lettersOfB[b.size() - 1] = transposeB ? inner : column;
        int[] result = batchLetters(rank, rank);
        result[rank - 2] = row;
        result[rank - 1] = column;
        return contract(node, List.of(a, b), List.of(lettersOfA, lettersOfB), result);
    }

    private static int[] batchLetters(int size, int rank) {
        int[] letters = new int[size];
        for (int i = 0; i < size; i++) {
            letters[i] = rank - size + i;
        }
        return letters;
    }

    /**
     * A product that is summed over the letters that the result lacks.
     *
     * @param dims the sizes of each input
     * @param letters the letters of each input, one per axis
     */
    private static BatchValue contract(
            NodeContext node, List<List<SymbolicInt>> dims, List<int[]> letters, int[] result) {
        Rows rows = null;
        int rowLetter = -1;
        for (int i = 0; i < letters.size(); i++) {
            if (node.input(i) instanceof Rows its) {
                int letter = letters.get(i)[its.axis()];
                if ((rows != null && (letter != rowLetter || !its.hasLayoutOf(rows)))
                        || count(letters.get(i), letter) != 1) {
                    return node.mixed();
                }
                rows = its;
                rowLetter = letter;
            } else if (!node.isShared(i)) {
                return node.mixed();
            }
        }
        if (rows != null && count(result, rowLetter) != 1) {
            return node.mixed();
        }
        List<SymbolicInt> sizes = new ArrayList<>();
        int rowsAt = -1;
        for (int at = 0; at < result.length; at++) {
            SymbolicInt size = null;
            for (int i = 0; i < letters.size(); i++) {
                List<SymbolicInt> its = dims.get(i);
                for (int axis = 0; axis < letters.get(i).length; axis++) {
                    if (letters.get(i)[axis] != result[at]) {
                        continue;
                    }
                    boolean isRows = rows != null && result[at] == rowLetter;
                    if (isRows && !(node.input(i) instanceof Rows) && !its.get(axis).is(1)) {
                        return node.mixed();
                    }
                    boolean better = size == null || size.is(1);
                    size = better ? its.get(axis) : size;
                }
            }
            if (size == null) {
                return node.mixed();
            }
            if (rows != null && result[at] == rowLetter) {
                rowsAt = at;
                size = rows.dims().get(rows.axis());
            }
            sizes.add(size);
        }
        return rows == null ? Fixed.of(sizes) : rows.with(sizes, rowsAt);
    }

    private static int count(int[] letters, int letter) {
        int count = 0;
        for (int each : letters) {
            count += each == letter ? 1 : 0;
        }
        return count;
    }

    private static BatchValue einsum(NodeContext node) {
        String[] sides = node.text("equation", "").replace(" ", "").split("->", -1);
        String[] operands = sides[0].split(",", -1);
        if (sides.length != 2 || operands.length != node.inputCount()) {
            return node.mixed();
        }
        List<List<SymbolicInt>> sizes = new ArrayList<>();
        int ellipsis = 0;
        for (int i = 0; i < operands.length; i++) {
            List<SymbolicInt> dims = NodeContext.dims(node.input(i));
            if (dims == null) {
                return node.mixed();
            }
            sizes.add(dims);
            if (operands[i].contains("...")) {
                ellipsis = Math.max(ellipsis, dims.size() - operands[i].length() + 3);
            }
        }
        List<int[]> letters = new ArrayList<>();
        for (int i = 0; i < operands.length; i++) {
            int[] its = letters(operands[i], sizes.get(i).size(), ellipsis);
            if (its == null) {
                return node.mixed();
            }
            letters.add(its);
        }
        int[] result = letters(sides[1], -1, ellipsis);
        return result == null ? node.mixed() : contract(node, sizes, letters, result);
    }

    /**
     * {@return a number per axis: the letter's code, or for axes of an ellipsis a negative number
     * counted from the end; null if the operand has another number of axes}
     *
     * @param rank the operand's rank; -1 for the result, which has all axes of the ellipsis
     */
    private static int @Nullable [] letters(String labels, int rank, int ellipsis) {
        int named = labels.contains("...") ? labels.length() - 3 : labels.length();
        int free = !labels.contains("...") ? 0 : rank < 0 ? ellipsis : rank - named;
        if (free < 0 || (rank >= 0 && named + free != rank)) {
            return null;
        }
        int[] letters = new int[named + free];
        int at = 0;
        for (int i = 0; i < labels.length(); i++) {
            if (labels.charAt(i) == '.') {
                for (int axis = free; axis > 0; axis--) {
                    letters[at++] = -axis;
                }
                i += 2;
            } else {
                letters[at++] = labels.charAt(i);
            }
        }
        return letters;
    }
}
