package io.bactrian.preprocess;

import io.bactrian.limit.MemoryBudget;
import io.bactrian.pipeline.BodyText;
import io.bactrian.pipeline.ExchangeMemory;
import io.bactrian.pipeline.ItemErrors;
import io.bactrian.pipeline.MediaType;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.RequestItems;
import io.bactrian.preprocess.table.ExampleMemory;
import io.bactrian.preprocess.table.ExampleRows;
import io.bactrian.preprocess.table.RowFields;
import io.bactrian.preprocess.table.RowSource;
import io.bactrian.preprocess.table.Rows;
import io.bactrian.preprocess.table.RowsFormat;
import io.bactrian.preprocess.table.TableFormat;
import io.bactrian.preprocess.table.TableLayout;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.NamedTensors;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.camel.Exchange;
import org.apache.camel.spi.Metadata;
import org.jspecify.annotations.Nullable;
import org.tensorflow.types.family.TType;

/**
 * The base class of preprocessors of tables: JSON objects, lists of them or of values, CSV, and
 * serialized {@code tf.train.Example}s.
 *
 * <p>A body of bytes or text is read row by row, straight into tensors. Maps and lists, as after
 * {@code unmarshal: json}, are taken as well. Of a request that is a list, and of CSV and
 * TFRecords, the answer is a list.
 */
abstract class TablePreprocessor extends TensorsPreprocessor {

    private static final int DEFAULT_MAX_ROWS = 100_000;
    private static final String CSV_SUBTYPE = "/csv";

    /** A character takes two bytes as text, once in the body and once in a record. */
    private static final int CSV_CHARACTER = 4;

    /** A buffer that grows is copied to a larger one. */
    private static final int GROWTH = 3;

    @Metadata(
            description =
                    "The field of the body's JSON object that holds the table, such as instances. Not"
                            + " set: the body itself does")
    private String wrapper = "";

    @Metadata(
            description =
                    "The format of the body. Not set: CSV if its Content-Type is text/csv, Examples if"
                            + " it is application/x-tfexample or application/x-tfrecord, else JSON")
    private @Nullable TableFormat format;

    @Metadata(description = "The maximum number of rows in a request")
    private int maxRows = DEFAULT_MAX_ROWS;

    @Metadata(
            description =
                    "What a row that is wrong does to a request that is a list: FAIL it, or ANSWER it"
                            + " by {\"error\": \"…\"} in its place, and the other rows as ever")
    private ItemErrors itemErrors = ItemErrors.FAIL;

    public String getWrapper() {
        return wrapper;
    }

    /**
     * Sets the field of the body's JSON object that holds the table; empty, as by default, if the
     * body itself does.
     */
    public void setWrapper(String wrapper) {
        this.wrapper = wrapper;
    }

    public @Nullable TableFormat getFormat() {
        return format;
    }

    /**
     * Sets the format of the body; null, as by default, for CSV if its {@code Content-Type} is
     * {@code text/csv}, Examples if it is {@code application/x-tfexample} or {@code
     * application/x-tfrecord}, else JSON.
     */
    public void setFormat(@Nullable TableFormat format) {
        this.format = format;
    }

    public int getMaxRows() {
        return maxRows;
    }

    /**
     * Sets the maximum number of rows in a request, 100,000 by default.
     *
     * @throws PipelineFaultException below 1
     */
    public void setMaxRows(int maxRows) {
        if (maxRows < 1) {
            throw PipelineFaultException.property("maxRows", "1 or more", maxRows);
        }
        this.maxRows = maxRows;
    }

    public ItemErrors getItemErrors() {
        return itemErrors;
    }

    /**
     * Sets what a row that is wrong does to a request that is a list, {@link ItemErrors#FAIL} by
     * default.
     */
    public void setItemErrors(ItemErrors itemErrors) {
        this.itemErrors = itemErrors;
    }

    /** What is read of each row, and made of it. */
    interface RowPlan {

        /** {@return the fields to read} */
        RowFields fields();

        /** {@return how bodies are read} */
        RowsFormat format();

        /**
         * {@return the most bytes in native memory of a row's elements that are not in the body}
         */
        long bytesPerRow();

        /**
         * {@return the most bytes in native memory of the elements that are in a text}
         *
         * @param text the text's bytes
         */
        long bytesOfText(ByteBuffer text);

        /**
         * {@return the bytes that stay in use beside the tensors}
         *
         * @param tensorBytes the bytes of the tensors
         */
        default long bytesKept(long tensorBytes) {
            return 0;
        }
    }

    /**
     * Makes tensors of a message's rows, in memory that is reserved first.
     *
     * @param maker reads all rows
     * @throws io.bactrian.limit.InsufficientMemoryException if it is more than the whole budget
     * @throws io.bactrian.limit.OverloadedException if other requests hold too much of it now
     */
    final NamedTensors read(Exchange exchange, RowPlan plan, Function<Rows, NamedTensors> maker) {
        Object body = exchange.getMessage().getBody();
        if (body instanceof Map || body instanceof List) {
            long rows = body instanceof List<?> list ? Math.min(list.size(), maxRows) : 1;
            return reserving(
                    exchange,
                    plan,
                    rows * plan.bytesPerRow() * GROWTH / 2,
                    () -> RowSource.objects(body, plan.fields(), plan.format()),
                    maker);
        }
        if (body instanceof Number || body instanceof Boolean) {
            throw new BadInputException("the body must be a table, got " + Rows.describe(body));
        }
        TableFormat given = format(exchange);
        if (given == TableFormat.EXAMPLES) {
            return readExamples(exchange, plan, maker::apply);
        }
        ByteBuffer text = utf8(exchange, body);
        boolean csv = given == TableFormat.CSV;
        if (!text.hasRemaining()) {
            throw new BadInputException("the body is empty: expected " + (csv ? "CSV" : "JSON"));
        }
        long bytes =
                plan.bytesOfText(text)
                        + rowsIn(text, csv, plan.format()) * plan.bytesPerRow() * GROWTH / 2;
        if (csv) {
            return reserving(
                    exchange,
                    plan,
                    bytes + (long) CSV_CHARACTER * text.remaining(),
                    () -> RowSource.csv(BodyText.of(exchange, body), plan.fields(), plan.format()),
                    maker);
        }
        if (given == TableFormat.LINES) {
            return reserving(
                    exchange,
                    plan,
                    bytes + 2L * text.remaining(),
                    () ->
                            RowSource.lines(
                                    text.array(),
                                    text.arrayOffset() + text.position(),
                                    text.remaining(),
                                    plan.fields(),
                                    plan.format()),
                    maker);
        }
        return reserving(
                exchange,
                plan,
                bytes,
                () ->
                        RowSource.json(
                                text.array(),
                                text.arrayOffset() + text.position(),
                                text.remaining(),
                                plan.fields(),
                                plan.format()),
                maker);
    }

    /**
     * Makes tensors of a serialized {@code tf.train.Example}, or of TFRecords of them, in memory
     * that is reserved first.
     *
     * @param maker reads all rows
     * @throws io.bactrian.limit.InsufficientMemoryException if it is more than the whole budget
     * @throws io.bactrian.limit.OverloadedException if other requests hold too much of it now
     */
    final NamedTensors readExamples(
            Exchange exchange, RowPlan plan, Function<ExampleRows, NamedTensors> maker) {
        byte[] bytes = BodyText.bytes(exchange, exchange.getMessage().getBody());
        if (bytes.length == 0) {
            throw new BadInputException(
                    "the body is empty: expected a serialized tf.train.Example, or TFRecords");
        }
        return reserving(
                exchange,
                plan,
                ExampleMemory.bytes(bytes),
                () -> RowSource.examples(bytes, plan.fields(), plan.format()),
                maker);
    }

    private TableFormat format(Exchange exchange) {
        if (format != null) {
            return format;
        }
        String type = exchange.getMessage().getHeader(Exchange.CONTENT_TYPE, String.class);
        MediaType mediaType = MediaType.of(type == null ? "" : type);
        if (TableFormat.isExamples(mediaType)) {
            return TableFormat.EXAMPLES;
        }
        return mediaType.name().endsWith(CSV_SUBTYPE) ? TableFormat.CSV : TableFormat.JSON;
    }

    /** {@return no fewer rows than the text has, if it does not have too many} */
    private long rowsIn(ByteBuffer text, boolean csv, RowsFormat rowsFormat) {
        // Rows in JSON are lists or objects, or single values.
        boolean values = rowsFormat.series() || rowsFormat.layout() == TableLayout.COLUMNS;
        long rows = 1;
        for (int i = text.position(); i < text.limit() && rows < maxRows; i++) {
            byte b = text.get(i);
            boolean end =
                    csv ? b == '\n' || b == '\r' : b == '}' || b == ']' || (values && b == ',');
            rows += end ? 1 : 0;
        }
        return rows;
    }

    private static <R extends Rows> NamedTensors reserving(
            Exchange exchange,
            RowPlan plan,
            long bytes,
            Supplier<R> opener,
            Function<R, NamedTensors> maker) {
        MemoryBudget.Reservation reservation =
                ExchangeMemory.reserve(exchange, "reading the rows", bytes);
        try {
            R rows = opener.get();
            NamedTensors tensors = maker.apply(rows);
            // A series is one item.
            RequestItems.setList(exchange, rows.isList() && !plan.format().series());
            rows.keepRejected(exchange);
            long tensorBytes = tensors.asMap().values().stream().mapToLong(TType::numBytes).sum();
            reservation.shrinkTo(Math.min(bytes, tensorBytes + plan.bytesKept(tensorBytes)));
            return tensors;
        } catch (RuntimeException | Error e) {
            reservation.close();
            throw e;
        }
    }
}
