package io.bactrian.preprocess;

import static java.util.Objects.requireNonNull;

import io.bactrian.format.JsonMemory;
import io.bactrian.pipeline.ModelTensor;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.SignatureTensors;
import io.bactrian.preprocess.table.RowFields;
import io.bactrian.preprocess.table.RowReader;
import io.bactrian.preprocess.table.Rows;
import io.bactrian.preprocess.table.RowsFormat;
import io.bactrian.preprocess.table.TableLayout;
import io.bactrian.preprocess.table.TextValues;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.TensorBuffer;
import io.bactrian.tensor.TensorSpec;
import io.bactrian.tensor.TensorValues;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.camel.Exchange;
import org.apache.camel.spi.Metadata;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;

/**
 * The preprocessor of records, for a model with an input for each of their fields: {@code {"age":
 * 41, "country": "DE"}} becomes the tensors {@code age} and {@code country}, each in the dtype and
 * rank that the signature declares. Other fields are ignored.
 *
 * <p>A body is a JSON object, a list of them, CSV with a header, or, in the layout {@link
 * TableLayout#COLUMNS}, a JSON object of lists.
 *
 * <p>In YAML: {@code properties: {fields: age=customer_age, defaults: customer_age=0}}.
 */
@Metadata(
        label = "bean",
        description =
                "Makes a tensor for each of the model's inputs of the field of that name: of a JSON"
                        + " object, a list of objects, an object of lists, or CSV with a header. Other"
                        + " fields are ignored. A list is answered by a list.",
        annotations = {"interfaceName=org.apache.camel.Processor"})
public final class RecordPreprocessor extends TablePreprocessor {

    @Metadata(
            description =
                    "The fields that inputs are read from, as pairs with commas between, such as"
                            + " age=customer_age, or as a JSON object. Not set: each input is read"
                            + " from the field of its own name, as are those that are not named")
    private @Nullable String fields;

    @Metadata(
            description =
                    "The values of fields that are missing, null or empty, as pairs with commas"
                            + " between, such as age=0, country=DE, or as a JSON object. Not set: all"
                            + " fields are required, as are those that are not named")
    private @Nullable String defaults;

    @Metadata(
            description =
                    "The dtypes of the inputs, as pairs with commas between, such as age=int64,"
                            + " country=string. Not needed if the model is known, whose dtypes they"
                            + " are; only where a mock stands for it")
    private @Nullable String dtypes;

    @Metadata(
            description =
                    "Whether a JSON table consists of rows, an object or a list of objects, of"
                            + " columns, an object with a list for each field, or of values: {\"fields\":"
                            + " […], \"values\": [[…], …]}, or a list of one such object")
    private TableLayout layout = TableLayout.ROWS;

    private volatile @Nullable Plan plan;

    /**
     * An input and the field it is read from, which has the same index.
     *
     * @param shape the shape of a row's elements, with -1 for any size; unknown for any
     * @param batch the number of rows that the input takes; -1 for any, 0 for one row without a
     *     dimension
     * @param defaultValue the value where the field is missing, or null
     */
    private record Column(
            String input,
            DType dtype,
            Shape shape,
            long batch,
            @Nullable Object defaultValue,
            String description) {

        /** Whether a row has one element. */
        boolean single() {
            return !shape.isUnknown() && isOnes(shape);
        }
    }

    private record Plan(RowFields fields, List<Column> columns, RowsFormat format, long bytesPerRow)
            implements RowPlan {

        @Override
        public long bytesOfText(ByteBuffer text) {
            int start = text.arrayOffset() + text.position();
            // All elements share the text: the widest ones, and strings.
            return columns.stream()
                    .map(Column::dtype)
                    .distinct()
                    .mapToLong(
                            dtype ->
                                    JsonMemory.bytesAsTensor(
                                            text.array(), start, text.remaining(), dtype))
                    .sum();
        }
    }

    /**
     * {@return from which field each input is read, as pairs such as {@code age=customer_age} with
     * commas between or as a JSON object; others are read from the field of their own name}
     */
    public @Nullable String getFields() {
        return fields;
    }

    /**
     * Sets from which field each input is read, as pairs such as {@code age=customer_age} with
     * commas between or as a JSON object.
     *
     * @param fields others are read from the field of their own name
     * @throws PipelineFaultException if it is neither
     */
    public void setFields(@Nullable String fields) {
        Pairs.parse("fields", fields);
        this.fields = fields;
    }

    /**
     * {@return the values of missing fields, as pairs such as {@code age=0} with commas between or
     * as a JSON object; a field without a default is required}
     */
    public @Nullable String getDefaults() {
        return defaults;
    }

    /**
     * Sets the values of missing fields, as pairs such as {@code age=0} with commas between or as a
     * JSON object.
     *
     * @param defaults a field without a default is required
     * @throws PipelineFaultException if it is neither
     */
    public void setDefaults(@Nullable String defaults) {
        Pairs.parse("defaults", defaults);
        this.defaults = defaults;
    }

    /**
     * {@return the dtypes by input, where no model is known, as pairs such as {@code age=int64}
     * with commas between; with a model they must be its own}
     */
    public @Nullable String getDtypes() {
        return dtypes;
    }

    /**
     * Sets the dtypes by input, where no model is known, as pairs such as {@code age=int64} with
     * commas between.
     *
     * @param dtypes with a model they must be its own
     * @throws PipelineFaultException if it is neither
     */
    public void setDtypes(@Nullable String dtypes) {
        Pairs.parse("dtypes", dtypes);
        this.dtypes = dtypes;
    }

    /** {@return what a JSON table consists of} */
    public TableLayout getLayout() {
        return layout;
    }

    /**
     * Sets what a JSON table consists of.
     *
     * @param layout {@link TableLayout#ROWS} by default
     */
    public void setLayout(TableLayout layout) {
        this.layout = layout;
    }

    @Override
    protected void configureAll(List<SignatureTensors> inputs) {
        SortedMap<String, DType> declared = new TreeMap<>();
        Pairs.parse("dtypes", dtypes)
                .forEach((input, dtype) -> declared.put(input, dtype(input, dtype)));
        if (inputs.isEmpty()) {
            List<Column> columns = new ArrayList<>();
            declared.forEach(
                    (input, dtype) ->
                            columns.add(column(input, dtype, Shape.unknown(), -1, "its dtype")));
            plan = columns.isEmpty() ? null : plan(columns, "dtypes has no input");
            return;
        }
        SignatureTensors first = inputs.get(0);
        for (SignatureTensors other : inputs) {
            if (!other.isInterchangeableWith(first)) {
                throw new PipelineFaultException(
                        "makes the inputs of one signature, but "
                                + first.list()
                                + ", and "
                                + other.list()
                                + ": use a bean for each model");
            }
        }
        List<Column> columns = new ArrayList<>();
        for (TensorSpec spec : first.specs().values()) {
            columns.add(column(new ModelTensor(first, spec), declared));
        }
        for (String input : declared.keySet()) {
            if (!first.specs().containsKey(input)) {
                throw new PipelineFaultException(
                        "dtypes has \"" + input + "\", but " + first.list());
            }
        }
        plan = plan(columns, first.list() + ", none is");
    }

    private static DType dtype(String input, String dtype) {
        try {
            return DType.named(dtype);
        } catch (IllegalArgumentException e) {
            throw new PipelineFaultException("dtypes, " + input + ": " + e.getMessage());
        }
    }

    private Column column(ModelTensor input, Map<String, DType> declared) {
        if (!DType.isSupported(input.dataType())) {
            throw new PipelineFaultException("makes no tensor of this dtype, but " + input);
        }
        DType dtype = input.spec().dtype();
        DType set = declared.getOrDefault(input.spec().name(), dtype);
        if (set != dtype) {
            throw new PipelineFaultException(
                    "dtypes has " + set + " for \"" + input.spec().name() + "\", but " + input);
        }
        Shape shape = input.shape();
        boolean known = !shape.isUnknown();
        boolean scalar = known && shape.numDimensions() == 0;
        return column(
                input.spec().name(),
                dtype,
                known && !scalar ? shape.tail() : shape,
                scalar ? 0 : known ? shape.get(0) : -1,
                input.toString());
    }

    private Column column(String input, DType dtype, Shape shape, long batch, String description) {
        String field = Pairs.parse("fields", fields).getOrDefault(input, input);
        String text = Pairs.parse("defaults", defaults).get(field);
        boolean single = !shape.isUnknown() && isOnes(shape);
        Object value = text == null ? null : TextValues.parse(text, dtype, single);
        Column column = new Column(input, dtype, shape, batch, value, description);
        if (value != null) {
            TensorBuffer elements = new TensorBuffer(dtype);
            Shape given;
            try {
                given = TensorValues.read(value, elements, field);
            } catch (BadInputException e) {
                throw new PipelineFaultException("defaults, " + e.getMessage());
            }
            if (!fits(given, shape)) {
                throw new PipelineFaultException(
                        "defaults, "
                                + field
                                + ": "
                                + text
                                + " has the shape "
                                + TensorSpec.format(given)
                                + ", but "
                                + description);
            }
        }
        return column;
    }

    private Plan plan(List<Column> columns, String others) {
        List<String> names = new ArrayList<>();
        long bytes = 0;
        for (Column column : columns) {
            String field =
                    Pairs.parse("fields", fields).getOrDefault(column.input(), column.input());
            if (names.contains(field)) {
                throw new PipelineFaultException(
                        "fields: two inputs are read from \"" + field + "\"");
            }
            names.add(field);
            if (column.defaultValue() != null) {
                TensorBuffer elements = new TensorBuffer(column.dtype());
                TensorValues.read(column.defaultValue(), elements, field);
                bytes += (long) elements.size() * Math.max(Long.BYTES, column.dtype().byteSize());
            }
        }
        requireKnown(
                "fields",
                Pairs.parse("fields", fields).keySet(),
                columns.stream().map(Column::input).toList(),
                others);
        requireKnown("defaults", Pairs.parse("defaults", defaults).keySet(), names, others);
        return new Plan(
                RowFields.named(names),
                List.copyOf(columns),
                new RowsFormat(
                        getWrapper(), layout, false, false, true, getMaxRows(), getItemErrors()),
                bytes);
    }

    private static void requireKnown(
            String property, Iterable<String> given, List<String> known, String others) {
        for (String name : given) {
            if (!known.contains(name)) {
                throw new PipelineFaultException(
                        property + " has \"" + name + "\", but of " + known + " " + others);
            }
        }
    }

    private static boolean isOnes(Shape shape) {
        return Arrays.stream(shape.asArray()).allMatch(size -> size == 1 || size == -1);
    }

    private static boolean fits(Shape given, Shape wanted) {
        if (wanted.isUnknown()) {
            return true;
        }
        if (given.numDimensions() == 0) {
            return isOnes(wanted);
        }
        boolean fits = given.numDimensions() == wanted.numDimensions();
        for (int i = 0; fits && i < wanted.numDimensions(); i++) {
            fits = wanted.get(i) == Shape.UNKNOWN_SIZE || wanted.get(i) == given.get(i);
        }
        return fits;
    }

    /**
     * {@inheritDoc}
     *
     * @throws BadInputException if the body is no table, or a row lacks a field, or a value does
     *     not fit its input; it names the row and the field
     */
    @Override
    protected NamedTensors tensors(Exchange exchange) {
        Plan current = plan;
        if (current == null) {
            throw new PipelineFaultException(
                    "the model is not known here: set dtypes, from each input's name to its dtype");
        }
        return read(exchange, current, rows -> tensors(rows, current.columns()));
    }

    private static NamedTensors tensors(Rows rows, List<Column> columns) {
        RecordReader reader = new RecordReader(columns);
        return reader.tensors(rows.readAll(reader));
    }

    /** A reader of rows into a tensor for each column. */
    private static final class RecordReader implements RowReader {

        private final List<Column> columns;
        private final List<TensorBuffer> buffers = new ArrayList<>();

        /** The shape of a row's elements by column, null before the first row. */
        private final @Nullable Shape[] shapes;

        private int rows;

        RecordReader(List<Column> columns) {
            this.columns = columns;
            this.shapes = new Shape[columns.size()];
            columns.forEach(column -> buffers.add(new TensorBuffer(column.dtype())));
        }

        @Override
        public void read(Rows row) {
            for (int field = 0; field < shapes.length; field++) {
                Column column = columns.get(field);
                Shape given = RecordPreprocessor.read(row, field, column, buffers.get(field));
                Shape shape = given.numDimensions() == 0 ? ones(column.shape()) : given;
                Shape before = rows == 0 ? null : shapes[field];
                if (before == null) {
                    shapes[field] = shape;
                } else if (!before.equals(shape)) {
                    throw new BadInputException(
                            row.path(field)
                                    + " has the shape "
                                    + TensorSpec.format(shape)
                                    + " where the rows before have "
                                    + TensorSpec.format(before));
                }
            }
            rows++;
        }

        @Override
        public void undo() {
            for (int field = 0; field < shapes.length; field++) {
                Shape shape = shapes[field];
                buffers.get(field)
                        .truncate(
                                rows == 0 || shape == null
                                        ? 0
                                        : rows * Math.toIntExact(shape.size()));
            }
        }

        NamedTensors tensors(int count) {
            try (NamedTensors.Builder tensors = NamedTensors.builder()) {
                for (int field = 0; field < shapes.length; field++) {
                    Column column = columns.get(field);
                    tensors.put(
                            column.input(),
                            buffers.get(field)
                                    .build(whole(count, requireNonNull(shapes[field]), column)));
                }
                return tensors.build();
            }
        }
    }

    private static Shape read(Rows rows, int field, Column column, TensorBuffer elements) {
        Object defaultValue = column.defaultValue();
        boolean text = column.dtype() == DType.STRING && rows.isEmptyText(field);
        if (!rows.has(field) && (defaultValue != null || !text)) {
            if (defaultValue == null) {
                throw rows.missing(field);
            }
            return TensorValues.read(defaultValue, elements, "defaults");
        }
        Shape given = rows.read(field, elements, column.single());
        if (!fits(given, column.shape())) {
            throw new BadInputException(
                    rows.path(field)
                            + " has the shape "
                            + TensorSpec.format(given)
                            + ", expected "
                            + TensorSpec.format(column.shape()));
        }
        return given;
    }

    private static Shape ones(Shape shape) {
        long[] sizes = new long[shape.isUnknown() ? 0 : shape.numDimensions()];
        Arrays.fill(sizes, 1);
        return Shape.of(sizes);
    }

    private static Shape whole(int rows, Shape row, Column column) {
        if (column.batch() >= 0 && rows != Math.max(1, column.batch())) {
            throw new BadInputException(
                    rows + (rows == 1 ? " row" : " rows") + ", but " + column.description());
        }
        return column.batch() == 0 ? Shape.scalar() : row.prepend(rows);
    }
}
