package io.bactrian.preprocess;

import io.bactrian.pipeline.ItemErrors;
import io.bactrian.pipeline.ModelTensor;
import io.bactrian.pipeline.PipelineConstants;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.ProcessorFile;
import io.bactrian.pipeline.SignatureTensors;
import io.bactrian.preprocess.table.RowFields;
import io.bactrian.preprocess.table.Rows;
import io.bactrian.preprocess.table.RowsFormat;
import io.bactrian.preprocess.table.SeriesReader;
import io.bactrian.preprocess.table.TableLayout;
import io.bactrian.preprocess.table.TimeSeries;
import io.bactrian.preprocess.table.TimeVector;
import io.bactrian.preprocess.table.TimestampFormat;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.TensorBuffer;
import io.bactrian.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;
import org.apache.camel.spi.Metadata;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;

/**
 * The preprocessor of rows with timestamps for a model with one input [-1, steps, features]: it
 * sorts them, resamples them to equal intervals, adds features such as the hour, scales, and takes
 * the last. The timestamp of the last row is kept in {@link PipelineConstants#TIMESTAMP}.
 *
 * <p>In YAML: {@code properties: {columns: load, interval: 5m, features: "load, hour"}}.
 */
@Metadata(
        label = "bean",
        description =
                "Makes a tensor of the last rows of a time series, as many as the model's input takes:"
                        + " rows with timestamps of a JSON list of objects, an object of lists, or CSV,"
                        + " sorted, resampled to equal intervals as pandas does it, with features of"
                        + " the time, and scaled. A request is one series.",
        excludeProperties = "itemErrors",
        annotations = {"interfaceName=org.apache.camel.Processor"})
public final class TimeSeriesPreprocessor extends TablePreprocessor {

    private static final Pattern TIME = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");

    private static final Map<String, Long> UNITS =
            Map.of("ms", 1L, "s", 1000L, "m", 60_000L, "h", 3_600_000L, "d", 86_400_000L);

    /** An object for each row or bin, with its time and numbers. */
    private static final int ROW_BYTES = 64;

    /** What becomes of a row that has no timestamp or number where it must. */
    public enum InvalidRows {
        /** The request fails. */
        FAIL,
        /** The row is left out. */
        DROP
    }

    @Metadata(description = "The name of the field with the timestamp")
    private String timestamp = "timestamp";

    @Metadata(
            description =
                    "How timestamps are written: iso (2024-01-31T13:05:00, or with a space; with or"
                            + " without an offset, seconds or time), day-first (31/01/2024 13:05, or"
                            + " iso), month-first, epoch-seconds, epoch-millis, or a pattern of Java's"
                            + " DateTimeFormatter, such as dd-MMM-yyyy HH:mm")
    private String timestampFormat = "iso";

    @Metadata(
            description =
                    "The time zone of hours and days, such as Europe/Berlin. Timestamps without an"
                            + " offset are in it, others are converted to it")
    private String zone = "UTC";

    @Metadata(description = "The names of the fields with numbers, with commas between")
    private String columns = "value";

    @Metadata(
            description =
                    "The length of the bins that rows are resampled to, such as 30s, 5m, 1h or 1d:"
                            + " the mean of the rows in each, and linear interpolation between them."
                            + " Not set: rows are only sorted")
    private @Nullable String interval;

    @Metadata(
            description =
                    "The greatest distance of rows between which bins are interpolated, such as 1h."
                            + " Not set: any")
    private @Nullable String maxGap;

    @Metadata(
            description =
                    "The elements of the vector in their order, with commas between: columns, and"
                            + " minute, hour, dayofweek (0 is Monday), day, dayofyear, month and year,"
                            + " and all but the year as hour_sin and hour_cos. Not set: the columns")
    private @Nullable String features;

    @Metadata(
            description =
                    "JSON files with the attributes of fitted scalers of one column, by the element"
                            + " that they scale, such as load=load.json, hour=hour.json. Found as"
                            + " labelsFile is. Not set: none")
    private @Nullable String scalerFiles;

    @Metadata(
            description =
                    "A JSON file with the attributes of a scaler that was fitted on all elements."
                            + " Found as labelsFile is. Not set: none")
    private @Nullable String scalerFile;

    @Metadata(
            description =
                    "What a row does that lacks a timestamp or number or has a wrong one: FAIL the"
                            + " request, or be left out (DROP), as by pandas with errors=\"coerce\"")
    private InvalidRows invalidRows = InvalidRows.FAIL;

    @Metadata(
            description =
                    "The number of rows or bins in the window; a shorter series is an error. Not set:"
                            + " as many as the model's input takes, all if that is open")
    private @Nullable Integer length;

    @Metadata(
            description =
                    "The model's input that takes the tensor. Not needed if the model has one input")
    private String input = NamedTensors.UNNAMED;

    private volatile @Nullable Plan plan;

    private record Plan(
            RowFields fields,
            RowsFormat format,
            TimestampFormat timestamps,
            TimeVector vector,
            DType dtype,
            Shape shape)
            implements RowPlan {

        @Override
        public long bytesPerRow() {
            // Rows as they are read, and bins.
            return 2L * (ROW_BYTES + (long) fields.size() * Double.BYTES)
                    + (shape.get(0) == Shape.UNKNOWN_SIZE ? vector.width() * dtype.byteSize() : 0);
        }

        @Override
        public long bytesOfText(ByteBuffer text) {
            return Math.max(0, shape.get(0)) * vector.width() * dtype.byteSize();
        }
    }

    /** {@return the name of the field with the timestamp} */
    public String getTimestamp() {
        return timestamp;
    }

    /**
     * Sets the name of the field with the timestamp.
     *
     * @param timestamp {@code timestamp} by default
     */
    public void setTimestamp(String timestamp) {
        this.timestamp = timestamp;
    }

    /** {@return how timestamps are written} */
    public String getTimestampFormat() {
        return timestampFormat;
    }

    /**
     * Sets how timestamps are written.
     *
     * @param timestampFormat {@code iso} by default
     * @throws PipelineFaultException if it is neither a name nor a pattern
     */
    public void setTimestampFormat(String timestampFormat) {
        try {
            TimestampFormat.of(timestampFormat, ZoneOffset.UTC);
        } catch (IllegalArgumentException e) {
            throw PipelineFaultException.property(
                    "timestampFormat",
                    "iso, day-first, month-first, epoch-seconds, epoch-millis or a pattern",
                    timestampFormat);
        }
        this.timestampFormat = timestampFormat;
    }

    /** {@return the time zone of hours and days} */
    public String getZone() {
        return zone;
    }

    /**
     * Sets the time zone of hours and days.
     *
     * @param zone {@code UTC} by default
     * @throws PipelineFaultException if there is none of that name
     */
    public void setZone(String zone) {
        try {
            ZoneId.of(zone);
        } catch (DateTimeException e) {
            throw PipelineFaultException.property(
                    "zone", "a time zone such as Europe/Berlin or UTC", zone);
        }
        this.zone = zone;
    }

    /** {@return the names of the fields with numbers} */
    public String getColumns() {
        return columns;
    }

    /**
     * Sets the names of the fields with numbers.
     *
     * @param columns {@code value} by default
     */
    public void setColumns(String columns) {
        this.columns = columns;
    }

    /** {@return the length of the bins that rows are resampled to; null to only sort them} */
    public @Nullable String getInterval() {
        return interval;
    }

    /**
     * Sets the length of the bins that rows are resampled to.
     *
     * @param interval null, as by default, to only sort them
     * @throws PipelineFaultException if it is no time of a millisecond or more
     */
    public void setInterval(@Nullable String interval) {
        if (interval != null) {
            millis("interval", interval);
        }
        this.interval = interval;
    }

    /** {@return the greatest distance of rows between which bins are interpolated; null for any} */
    public @Nullable String getMaxGap() {
        return maxGap;
    }

    /**
     * Sets the greatest distance of rows between which bins are interpolated.
     *
     * @param maxGap null for any, as by default
     * @throws PipelineFaultException if it is no time of a millisecond or more
     */
    public void setMaxGap(@Nullable String maxGap) {
        if (maxGap != null) {
            millis("maxGap", maxGap);
        }
        this.maxGap = maxGap;
    }

    private static long millis(String property, String time) {
        Matcher parts = TIME.matcher(time.strip());
        long millis =
                parts.matches()
                        ? Long.parseLong(parts.group(1)) * UNITS.getOrDefault(parts.group(2), 0L)
                        : 0;
        if (millis < 1) {
            throw PipelineFaultException.property(property, "a time such as 30s, 5m or 1h", time);
        }
        return millis;
    }

    /** {@return the elements of the vector with commas between; null for the columns} */
    public @Nullable String getFeatures() {
        return features;
    }

    /**
     * Sets the elements of the vector with commas between.
     *
     * @param features null, as by default, for the columns
     */
    public void setFeatures(@Nullable String features) {
        this.features = features;
    }

    /**
     * {@return the files of scalers of one column by the element that they scale, as pairs such as
     * {@code load=load.json} with commas between}
     */
    public @Nullable String getScalerFiles() {
        return scalerFiles;
    }

    /**
     * Sets the files of scalers of one column by the element that they scale, as pairs such as
     * {@code load=load.json} with commas between.
     *
     * @param scalerFiles null for none
     * @throws PipelineFaultException if they are no pairs
     */
    public void setScalerFiles(@Nullable String scalerFiles) {
        Pairs.parse("scalerFiles", scalerFiles);
        this.scalerFiles = scalerFiles;
    }

    /** {@return the file of a scaler that was fitted on all elements; null for none} */
    public @Nullable String getScalerFile() {
        return scalerFile;
    }

    /**
     * Sets the file of a scaler that was fitted on all elements.
     *
     * @param scalerFile null for none, as by default
     */
    public void setScalerFile(@Nullable String scalerFile) {
        this.scalerFile = scalerFile;
    }

    /** {@return what an invalid row does} */
    public InvalidRows getInvalidRows() {
        return invalidRows;
    }

    /**
     * Sets what an invalid row does.
     *
     * @param invalidRows {@link InvalidRows#FAIL} by default
     */
    public void setInvalidRows(InvalidRows invalidRows) {
        this.invalidRows = invalidRows;
    }

    /**
     * {@return the number of rows or bins in the window; null for as many as the model's input
     * takes}
     */
    public @Nullable Integer getLength() {
        return length;
    }

    /**
     * Sets the number of rows or bins in the window.
     *
     * @param length null for as many as the model's input takes, as by default
     * @throws PipelineFaultException below 1
     */
    public void setLength(@Nullable Integer length) {
        if (length != null && length < 1) {
            throw PipelineFaultException.property("length", "1 or more", length);
        }
        this.length = length;
    }

    /** {@return the model's input that takes the tensor; null if the model has one input} */
    public String getInput() {
        return input;
    }

    /**
     * Sets the model's input that takes the tensor.
     *
     * @param input its name; null, as by default, if the model has one input
     */
    public void setInput(String input) {
        this.input = input;
    }

    /** Rejects a policy for wrong items: a series is one item. */
    @Override
    public void setItemErrors(ItemErrors itemErrors) {
        throw new PipelineFaultException(
                "itemErrors can't be set: a request is one series; set invalidRows");
    }

    @Override
    protected void configureAll(List<SignatureTensors> inputs) {
        if (scalerFile != null && scalerFiles != null) {
            throw new PipelineFaultException(
                    "scalerFile and scalerFiles are both set: keep one of them");
        }
        if (interval == null && maxGap != null) {
            throw new PipelineFaultException("maxGap is for resampling: set interval");
        }
        boolean file = scalerFile != null || scalerFiles != null;
        if (inputs.isEmpty() && file) {
            return;
        }
        plan = plan(inputs);
    }

    @Override
    protected void doStart() throws Exception {
        if (!isBound() && plan == null) {
            try {
                plan = plan(List.of());
            } catch (PipelineFaultException e) {
                throw named(e);
            }
        }
    }

    private Plan plan(List<SignatureTensors> signatures) {
        List<ModelTensor> inputs = signatures.stream().map(each -> each.only(input)).toList();
        DType dtype =
                Preprocessor.dtype(
                        null,
                        inputs,
                        each -> each == DType.FLOAT32 || each == DType.FLOAT64,
                        DType.FLOAT32);
        List<String> names = names("columns", columns);
        if (names.contains(timestamp)) {
            throw new PipelineFaultException("columns has the timestamp, \"" + timestamp + "\"");
        }
        List<String> elements = features == null ? names : names("features", features);
        TimeVector vector = vector(names, elements, signatures);
        Shape shape =
                WindowShape.of(length, elements.size(), inputs.isEmpty() ? null : inputs.get(0));
        for (ModelTensor each : inputs) {
            if (!TensorSpec.equalShapes(WindowShape.of(length, elements.size(), each), shape)) {
                throw new PipelineFaultException(
                        inputs.get(0) + ", but " + each + ": use a bean for each model");
            }
        }
        List<String> fields = new ArrayList<>(List.of(timestamp));
        fields.addAll(names);
        return new Plan(
                RowFields.named(fields),
                new RowsFormat(
                        getWrapper(),
                        TableLayout.ROWS,
                        true,
                        true,
                        true,
                        getMaxRows(),
                        ItemErrors.FAIL),
                TimestampFormat.of(timestampFormat, ZoneId.of(zone)),
                vector,
                dtype,
                shape);
    }

    private static List<String> names(String property, String list) {
        List<String> names = Arrays.stream(list.split(",", -1)).map(String::strip).toList();
        if (names.contains("") || new HashSet<>(names).size() < names.size()) {
            throw PipelineFaultException.property(
                    property, "different names with commas between", list);
        }
        return names;
    }

    private TimeVector vector(
            List<String> names, List<String> elements, List<SignatureTensors> signatures) {
        TimeVector vector = new TimeVector(names, elements);
        if (scalerFile != null) {
            ProcessorFile file = new ProcessorFile(getCamelContext(), "scalerFile", scalerFile);
            vector.scale(file.toString(), file.json(read(file, signatures)));
        }
        Map<String, String> files = new HashMap<>(Pairs.parse("scalerFiles", scalerFiles));
        files.forEach(
                (element, name) -> {
                    ProcessorFile file = new ProcessorFile(getCamelContext(), "scalerFiles", name);
                    vector.scale(element, file.toString(), file.json(read(file, signatures)));
                });
        return vector;
    }

    @Override
    public Shape fixedShape() {
        Plan current = plan;
        return current == null || current.shape().hasUnknownDimension()
                ? Shape.unknown()
                : current.shape().prepend(1);
    }

    /**
     * {@inheritDoc}
     *
     * @throws BadInputException if the body is no table, a row is invalid and that fails the
     *     request, or the series is too short or has too great a gap
     */
    @Override
    protected NamedTensors tensors(Exchange exchange) {
        Plan current = plan;
        if (current == null) {
            throw new PipelineFaultException("not started");
        }
        return read(exchange, current, rows -> window(exchange, rows, current));
    }

    private NamedTensors window(Exchange exchange, Rows rows, Plan current) {
        SeriesReader reader =
                new SeriesReader(current.timestamps(), invalidRows == InvalidRows.DROP);
        rows.readAll(reader);
        String bins = interval;
        TimeSeries series =
                bins == null
                        ? reader.series().sorted()
                        : reader.series().resampled(millis("interval", bins));
        long steps = current.shape().get(0);
        long count = steps == Shape.UNKNOWN_SIZE ? series.size() : steps;
        if (series.size() < count || count > Math.max(steps, getMaxRows())) {
            throw new BadInputException(
                    "the series has "
                            + series.size()
                            + (bins == null ? " rows" : " bins of " + bins)
                            + ", expected "
                            + (series.size() < count ? "at least " + count : "at most maxRows"));
        }
        double[] vector = new double[current.vector().width()];
        TensorBuffer elements = new TensorBuffer(current.dtype());
        series.readLast(
                Math.toIntExact(count),
                maxGap == null ? Long.MAX_VALUE : millis("maxGap", maxGap),
                (time, numbers) -> {
                    current.vector().put(time, numbers, vector);
                    for (double element : vector) {
                        if (current.dtype() == DType.FLOAT32) {
                            elements.addFloat((float) element);
                        } else {
                            elements.addDouble(element);
                        }
                    }
                });
        exchange.setProperty(
                PipelineConstants.TIMESTAMP, current.timestamps().instant(series.lastTime()));
        long[] shape = current.shape().asArray();
        shape[0] = count;
        return NamedTensors.of(input, elements.build(Shape.of(shape).prepend(1)));
    }
}
