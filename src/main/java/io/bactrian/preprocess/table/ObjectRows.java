package io.bactrian.preprocess.table;

import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.TensorBuffer;
import io.bactrian.tensor.TensorValues;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;

/** Rows of Java objects, as {@code unmarshal: json} makes them. */
final class ObjectRows extends ValueRows {

    private final List<?> rows;
    private final boolean list;
    private final boolean columns;
    private final RowsFormat format;
    private final ColumnOrder order;

    ObjectRows(Object body, RowFields fields, RowsFormat format) {
        super(fields, format);
        Object found = format.wrapper().isEmpty() ? body : wrapped(body, format.wrapper());
        boolean inValues = format.layout() == TableLayout.VALUES;
        Map<?, ?> holder = inValues ? holder(found, format) : Map.of();
        String path = format.wrapper() + (found instanceof List ? "[0]" : "");
        this.order =
                inValues
                        ? ColumnOrder.of(
                                fields,
                                holder.get(ColumnOrder.FIELDS),
                                RowSource.member(path, ColumnOrder.FIELDS),
                                !format.arrays())
                        : ColumnOrder.of(fields);
        this.format = inValues ? format.inside(RowSource.member(path, ColumnOrder.VALUES)) : format;
        Object table = inValues ? Objects.requireNonNull(holder.get(ColumnOrder.VALUES)) : found;
        this.columns =
                format.layout() == TableLayout.COLUMNS || (format.series() && table instanceof Map);
        if (columns) {
            this.rows = transposed(table);
            this.list = true;
        } else {
            boolean always = inValues || format.series();
            this.list = table instanceof List<?> rowList && (always || !isRow(rowList));
            this.rows = list ? (List<?>) table : List.of(table);
        }
        if (rows.isEmpty()) {
            throw noRows();
        }
    }

    /** The object with the rows in its field {@code values}. */
    private static Map<?, ?> holder(Object table, RowsFormat format) {
        if (table instanceof List<?> list && list.size() > 1) {
            throw RowSource.severalTables(format);
        }
        Object holder = table instanceof List<?> list && !list.isEmpty() ? list.get(0) : table;
        if (!(holder instanceof Map<?, ?> map) || !(map.get(ColumnOrder.VALUES) instanceof List)) {
            throw RowSource.noValues(format.wrapper() + (table instanceof List ? "[0]" : ""));
        }
        return map;
    }

    private static Object wrapped(Object body, String wrapper) {
        if (!(body instanceof Map<?, ?> map)) {
            throw new BadInputException("expected an object with a field \"" + wrapper + "\"");
        }
        Object table = map.get(wrapper);
        if (table == null) {
            throw new BadInputException("missing field \"" + wrapper + "\"");
        }
        return table;
    }

    private static boolean isRow(List<?> list) {
        return !list.isEmpty() && !(list.get(0) instanceof Map || list.get(0) instanceof List);
    }

    private List<Map<String, @Nullable Object>> transposed(Object table) {
        if (!(table instanceof Map<?, ?> columns)) {
            throw new BadInputException(
                    (format.wrapper().isEmpty() ? "the body" : "field \"" + format.wrapper() + "\"")
                            + " must be an object with a list for each field");
        }
        List<Map<String, @Nullable Object>> transposed = new ArrayList<>();
        String first = null;
        for (String name : fields().names()) {
            Object column = columns.get(name);
            if (column == null) {
                continue;
            }
            String path = fields().path(format.wrapper(), fields().index(name));
            if (!(column instanceof List<?> list)) {
                throw new BadInputException(path + ": " + describe(column) + " is not a list");
            }
            if (first == null) {
                first = path;
                list.forEach(value -> transposed.add(new LinkedHashMap<>()));
            } else if (list.size() != transposed.size()) {
                throw new BadInputException(
                        path
                                + " has "
                                + list.size()
                                + " values where "
                                + first
                                + " has "
                                + transposed.size());
            }
            for (int i = 0; i < list.size(); i++) {
                transposed.get(i).put(name, list.get(i));
            }
        }
        return transposed;
    }

    @Override
    public boolean isList() {
        return list;
    }

    @Override
    boolean advance(int index) {
        if (index == rows.size()) {
            return false;
        }
        Object row = rows.get(index);
        if (row instanceof Map<?, ?> map && fields().isNamed()) {
            for (int field = 0; field < fields().size(); field++) {
                setValue(field, map.get(fields().names().get(field)));
            }
        } else if (row instanceof List<?> array && format.arrays()) {
            if (array.size() == order.size()) {
                clear();
                for (int position = 0; position < order.size(); position++) {
                    if (order.isRead(position)) {
                        setValue(order.field(position), array.get(position));
                    }
                }
            } else {
                setWrong(wrongLength(row(index), array.size(), order.size()));
            }
        } else if (format.series() && fields().size() == 1 && !(row instanceof Map)) {
            setValue(0, row);
        } else {
            String path = row(index);
            setWrong(
                    new BadInputException(
                            (path.isEmpty() ? "the body" : path)
                                    + " must be "
                                    + (fields().isNamed() ? "an object" : "a list of values")
                                    + (fields().isNamed() && format.arrays()
                                            ? " or a list of values"
                                            : "")));
        }
        return true;
    }

    @Override
    public Shape read(int field, TensorBuffer elements, boolean single) {
        return TensorValues.read(value(field), elements, path(field));
    }

    private String row(int index) {
        return list ? format.wrapper() + "[" + index + "]" : format.wrapper();
    }

    @Override
    String row() {
        return row(index());
    }

    @Override
    public String path(int field) {
        return columns
                ? fields().path(format.wrapper(), field) + "[" + index() + "]"
                : super.path(field);
    }
}
