package io.bactrian.preprocess.table;

import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The category of a field's value, or the categories of the values in its list.
 *
 * @param kind how categories become elements
 * @param unknown what becomes of a value that is no category
 * @param unknownIndex the element of a value that is no category, for {@link Kind#INDEX}
 * @param offset what is added to a category's index, for {@link Kind#INDEX}
 * @param drop the category without an element, for {@link Kind#ONE_HOT}; -1 if all have one
 * @param count whether a category that is there several times counts as often, for {@link
 *     Kind#MULTI_HOT}
 * @param defaultValue the value where the field is missing, null if it is required
 */
record CategoryFeature(
        int field,
        Kind kind,
        Categories categories,
        Unknown unknown,
        int unknownIndex,
        int offset,
        int drop,
        boolean count,
        @Nullable Object defaultValue)
        implements Feature {

    /** How categories become elements. */
    enum Kind {
        /** One element for each category: 1 for the value's, 0 for the others. */
        ONE_HOT,
        /** One element for each category: 1 for those in the field's list. */
        MULTI_HOT,
        /** One element: the category's index. */
        INDEX
    }

    /** What becomes of a value that is no category. */
    enum Unknown {
        ERROR,
        /** All elements are 0. */
        IGNORE,
        /** The element is a given index. */
        INDEX
    }

    @Override
    public int width() {
        return kind == Kind.INDEX ? 1 : categories.size() - (drop >= 0 ? 1 : 0);
    }

    @Override
    public boolean isWhole() {
        return true;
    }

    @Override
    public boolean isMultiHot() {
        return kind == Kind.MULTI_HOT;
    }

    @Override
    public void put(Rows rows, double[] vector, int at) {
        Object value;
        if (rows.has(field)) {
            value = rows.value(field);
        } else if (defaultValue == null) {
            throw rows.missing(field);
        } else {
            value = defaultValue;
        }
        if (kind != Kind.MULTI_HOT) {
            set(rows, value, vector, at);
            return;
        }
        Object list =
                value instanceof String text ? TextValues.parse(text, DType.STRING, false) : value;
        if (list instanceof List<?> values) {
            for (Object each : values) {
                set(rows, each, vector, at);
            }
        } else if (value instanceof String) {
            // A single value in CSV, where a list is JSON.
            set(rows, value, vector, at);
        } else {
            throw rows.wrong(field, value, "a list");
        }
    }

    private void set(Rows rows, @Nullable Object value, double[] vector, int at) {
        if (value == null) {
            throw new BadInputException(rows.path(field) + " has a null in its list");
        }
        Integer index = categories.index(value);
        if (index == null) {
            throw rows.wrong(field, value, "a text or number");
        }
        if (index < 0) {
            switch (unknown) {
                case ERROR ->
                        throw new BadInputException(
                                rows.path(field)
                                        + ": "
                                        + Rows.describe(value)
                                        + " is none of the "
                                        + categories.size()
                                        + " categories");
                case INDEX -> vector[at] = unknownIndex;
                case IGNORE -> {
                    // The elements stay 0.
                }
            }
            return;
        }
        switch (kind) {
            case INDEX -> vector[at] = index + offset;
            case ONE_HOT -> {
                if (index != drop) {
                    vector[at + index - (drop >= 0 && index > drop ? 1 : 0)] = 1;
                }
            }
            case MULTI_HOT -> vector[at + index] = count ? vector[at + index] + 1 : 1;
        }
    }
}
