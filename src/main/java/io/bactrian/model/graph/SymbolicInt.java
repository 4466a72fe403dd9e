package io.bactrian.model.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An integer constant times a product of {@linkplain Symbol symbols}, such as {@code 4·batch·t}: a
 * dimension's size, or an element of a shape.
 *
 * @param factor the constant
 * @param symbols sorted, with repetitions; none if the factor is 0
 */
record SymbolicInt(long factor, List<Symbol> symbols) {

    static final SymbolicInt ONE = of(1);
    static final SymbolicInt BATCH = of(Symbol.BATCH);

    static SymbolicInt of(long constant) {
        return new SymbolicInt(constant, List.of());
    }

    static SymbolicInt of(Symbol symbol) {
        return new SymbolicInt(1, List.of(symbol));
    }

    boolean isConstant() {
        return symbols.isEmpty();
    }

    boolean is(long constant) {
        return symbols.isEmpty() && factor == constant;
    }

    /** {@return whether its value is the same for a request alone and in a batch} */
    boolean isShared() {
        return symbols.stream().allMatch(symbol -> symbol.kind() == Symbol.Kind.SHARED);
    }

    boolean contains(Symbol symbol) {
        return symbols.contains(symbol);
    }

    boolean isIn(String loop) {
        return symbols.stream().anyMatch(symbol -> symbol.isIn(loop));
    }

    SymbolicInt times(SymbolicInt other) {
        long product = Math.multiplyExact(factor, other.factor);
        if (product == 0) {
            return of(0);
        }
        List<Symbol> all = new ArrayList<>(symbols);
        all.addAll(other.symbols);
        Collections.sort(all);
        return new SymbolicInt(product, List.copyOf(all));
    }

    /** {@return the quotient, or null if it is not known to be an integer} */
    @Nullable SymbolicInt dividedBy(SymbolicInt divisor) {
        if (divisor.factor == 0 || factor % divisor.factor != 0) {
            return null;
        }
        List<Symbol> left = new ArrayList<>(symbols);
        for (Symbol symbol : divisor.symbols) {
            if (!left.remove(symbol)) {
                return null;
            }
        }
        return new SymbolicInt(factor / divisor.factor, List.copyOf(left));
    }

    static SymbolicInt product(List<SymbolicInt> factors) {
        SymbolicInt product = ONE;
        for (SymbolicInt factor : factors) {
            product = product.times(factor);
        }
        return product;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        text.append(factor);
        symbols.forEach(symbol -> text.append('*').append(symbol));
        return text.toString();
    }
}
