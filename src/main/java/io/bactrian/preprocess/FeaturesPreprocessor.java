package io.bactrian.preprocess;

import io.bactrian.pipeline.ModelTensor;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.ProcessorFile;
import io.bactrian.pipeline.SignatureTensors;
import io.bactrian.preprocess.table.FeatureVectors;
import io.bactrian.preprocess.table.Features;
import io.bactrian.preprocess.table.RowFields;
import io.bactrian.preprocess.table.Rows;
import io.bactrian.preprocess.table.RowsFormat;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.TensorBuffer;
import io.bactrian.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.camel.Exchange;
import org.apache.camel.spi.Metadata;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TType;

/**
 * The base class of preprocessors that make one tensor of rows, each of which becomes a feature
 * vector: numbers in the order of {@code columns}, scaled by a {@code scalerFile}, or what a {@code
 * featuresFile} declares.
 *
 * <p>Files are read when the route starts: they may be in the folder of the model that the step is
 * bound to, which is not known before.
 */
abstract class FeaturesPreprocessor extends TablePreprocessor {

    @Metadata(
            description =
                    "The names of the fields in the order of the vector, with commas between. Not"
                            + " set: those of featuresFile, or of scalerFile; else rows have no names"
                            + " and are lists of as many numbers as the model's input takes")
    private @Nullable String columns;

    @Metadata(
            description =
                    "The numbers of fields that are missing, null or empty, as pairs with commas"
                            + " between, such as age=0, income=1.5, or as a JSON object. Not set: all"
                            + " columns are required, as are those that are not named")
    private @Nullable String defaults;

    @Metadata(
            description =
                    "A JSON file with the attributes of a fitted scaler of scikit-learn under their"
                            + " names: mean_ and scale_, center_ and scale_, or min_ and scale_, with"
                            + " feature_names_in_ if it has them. Found as labelsFile is. Not set:"
                            + " numbers are not scaled")
    private @Nullable String scalerFile;

    @Metadata(
            description =
                    "A JSON file that declares the vector: the fields, their scaling, categories and"
                            + " defaults. Found as labelsFile is. Not set: numbers by columns and"
                            + " scalerFile")
    private @Nullable String featuresFile;

    @Metadata(
            description =
                    "Whether the first record of CSV has the names of the fields; false if records"
                            + " have the values of all fields in their order")
    private boolean header = true;

    @Metadata(
            description =
                    "The model's input that takes the tensor. Not needed if the model has one input")
    private String input = NamedTensors.UNNAMED;

    @Metadata(
            description =
                    "Whether the vectors are kept for steps after the model that compare them with"
                            + " its outputs, or leave out what a row has: ReconstructionErrorPostprocessor"
                            + " and TopItemsPostprocessor")
    private boolean keepRows;

    private volatile @Nullable Plan plan;

    /**
     * The tensor to make.
     *
     * @param shape its shape without the batch dimension, or, of a window, with -1 for all rows
     * @param rows the number of rows that it has whatever the request has; 0 if it has all
     * @param keepRows whether the vectors are kept for later steps
     */
    record Plan(
            Features features,
            RowsFormat format,
            DType dtype,
            Shape shape,
            long rows,
            boolean keepRows)
            implements RowPlan {

        @Override
        public RowFields fields() {
            return features.fields();
        }

        @Override
        public long bytesPerRow() {
            return rows > 0 ? 0 : rowBytes();
        }

        @Override
        public long bytesOfText(ByteBuffer text) {
            // Rows are kept in float64 until it is known which are the last.
            return rows * (rowBytes() + (long) features.width() * Double.BYTES);
        }

        private long rowBytes() {
            return (long) features.width() * (dtype.byteSize() + keptBytes());
        }

        @Override
        public long bytesKept(long tensorBytes) {
            return tensorBytes / dtype.byteSize() * keptBytes();
        }

        private int keptBytes() {
            return keepRows ? Double.BYTES : 0;
        }

        /** {@return where the vectors are kept; null if they are not} */
        @Nullable FeatureVectors vectors() {
            return keepRows ? new FeatureVectors(features, dtype) : null;
        }
    }

    public @Nullable String getColumns() {
        return columns;
    }

    /** Sets the names of the fields in the order of the vector, with commas between. */
    public void setColumns(@Nullable String columns) {
        this.columns = columns;
    }

    public @Nullable String getDefaults() {
        return defaults;
    }

    /**
     * Sets the numbers of missing fields, as pairs such as {@code age=0} with commas between or as
     * a JSON object.
     *
     * @throws PipelineFaultException if it is neither
     */
    public void setDefaults(@Nullable String defaults) {
        Pairs.parse("defaults", defaults);
        this.defaults = defaults;
    }

    public @Nullable String getScalerFile() {
        return scalerFile;
    }

    /** Sets a JSON file with the attributes of a fitted scaler; null for none, as by default. */
    public void setScalerFile(@Nullable String scalerFile) {
        this.scalerFile = scalerFile;
    }

    public @Nullable String getFeaturesFile() {
        return featuresFile;
    }

    /** Sets a JSON file that declares the vector; null for none, as by default. */
    public void setFeaturesFile(@Nullable String featuresFile) {
        this.featuresFile = featuresFile;
    }

    public boolean isHeader() {
        return header;
    }

    /** Sets whether the first record of CSV has the names of the fields; true by default. */
    public void setHeader(boolean header) {
        this.header = header;
    }

    public String getInput() {
        return input;
    }

    /** Sets the model's input that takes the tensor; not needed if the model has one input. */
    public void setInput(String input) {
        this.input = input;
    }

    public boolean isKeepRows() {
        return keepRows;
    }

    /** Sets whether the vectors are kept for steps after the model; false by default. */
    public void setKeepRows(boolean keepRows) {
        this.keepRows = keepRows;
    }

    /**
     * {@return the number of elements that an input takes of a row; -1 if that is open}
     *
     * @throws PipelineFaultException if it takes no rows
     */
    abstract long width(ModelTensor input);

    /**
     * {@return the shape of the tensor without the batch dimension}
     *
     * @param features what becomes of a row
     * @param input the input that takes the tensor; null if none is known
     * @throws PipelineFaultException if the input takes no such tensor
     */
    abstract Shape shape(Features features, @Nullable ModelTensor input);

    /** {@return the number of rows of a tensor of that shape; 0 if it has those of the request} */
    abstract long rows(Shape shape);

    /** {@return how bodies are read} */
    abstract RowsFormat rowsFormat();

    /**
     * {@return the tensor of all rows}
     *
     * @param vectors where the tensor's vectors are added; null if they are not kept
     */
    abstract TType tensor(Rows rows, Plan current, @Nullable FeatureVectors vectors);

    @Override
    protected final void configureAll(List<SignatureTensors> inputs) {
        if (featuresFile != null && (columns != null || scalerFile != null || defaults != null)) {
            throw new PipelineFaultException(
                    "featuresFile declares all of the vector: columns, scalerFile and defaults can't"
                            + " be set beside it");
        }
        boolean file = featuresFile != null || scalerFile != null;
        if (inputs.isEmpty() && (file || columns == null)) {
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
                        each -> each != DType.STRING && each != DType.BOOL,
                        DType.FLOAT32);
        Features features = features(inputs, signatures);
        String scaled = features.scaled();
        boolean integer = dtype.isInteger();
        if (scaled != null && integer) {
            throw new PipelineFaultException("\"" + scaled + "\" is scaled, but " + inputs.get(0));
        }
        Shape shape = shape(features, inputs.isEmpty() ? null : inputs.get(0));
        for (ModelTensor each : inputs) {
            if (!TensorSpec.equalShapes(shape(features, each), shape)) {
                throw new PipelineFaultException(
                        inputs.get(0) + ", but " + each + ": use a bean for each model");
            }
        }
        return new Plan(features, rowsFormat(), dtype, shape, rows(shape), keepRows);
    }

    private Features features(List<ModelTensor> inputs, List<SignatureTensors> signatures) {
        if (featuresFile != null) {
            ProcessorFile file = new ProcessorFile(getCamelContext(), "featuresFile", featuresFile);
            return Features.declared(
                    file.toString(),
                    file.json(read(file, signatures)),
                    name -> {
                        ProcessorFile named =
                                new ProcessorFile(
                                        getCamelContext(), file + ", categoriesFile", name);
                        return named.json(read(named, signatures));
                    });
        }
        List<String> names = new ArrayList<>();
        Set<String> distinct = new HashSet<>();
        String list = columns;
        for (String name : list == null ? new String[0] : list.split(",", -1)) {
            if (name.isBlank() || !distinct.add(name.strip())) {
                throw PipelineFaultException.property(
                        "columns", "different names with commas between", String.valueOf(list));
            }
            names.add(name.strip());
        }
        ProcessorFile scaler =
                scalerFile == null
                        ? null
                        : new ProcessorFile(getCamelContext(), "scalerFile", scalerFile);
        Map<String, Double> numbers = new HashMap<>();
        Pairs.parse("defaults", defaults)
                .forEach((name, number) -> numbers.put(name, defaultNumber(name, number)));
        Features features =
                Features.numbers(
                        names,
                        inputs.isEmpty() ? -1 : Math.toIntExact(width(inputs.get(0))),
                        String.valueOf(scaler),
                        scaler == null ? null : scaler.json(read(scaler, signatures)),
                        numbers);
        for (String name : numbers.keySet()) {
            if (!features.fields().isNamed() || !features.fields().names().contains(name)) {
                throw new PipelineFaultException(
                        "defaults has \"" + name + "\", which is no column");
            }
        }
        return features;
    }

    private static double defaultNumber(String name, String number) {
        try {
            return Double.parseDouble(number);
        } catch (NumberFormatException e) {
            throw new PipelineFaultException(
                    "defaults, " + name + ": \"" + number + "\" is not a number");
        }
    }

    /**
     * {@inheritDoc}
     *
     * @throws BadInputException if the body is no table, or a row lacks a field or has a wrong
     *     value; it names the row and the field
     */
    @Override
    protected final NamedTensors tensors(Exchange exchange) {
        Plan current = plan;
        if (current == null) {
            throw new PipelineFaultException("not started");
        }
        return read(
                exchange,
                current,
                rows -> {
                    FeatureVectors vectors = current.vectors();
                    NamedTensors tensors = NamedTensors.of(input, tensor(rows, current, vectors));
                    if (vectors != null) {
                        vectors.keep(exchange);
                    }
                    return tensors;
                });
    }

    final @Nullable Plan plan() {
        return plan;
    }

    /**
     * Adds the elements of a row's vector to a tensor.
     *
     * @throws BadInputException if the tensor takes whole numbers, and an element is none or out of
     *     its range
     */
    static void add(Rows rows, double[] vector, Plan plan, TensorBuffer elements) {
        for (int i = 0; i < vector.length; i++) {
            double element = vector[i];
            switch (plan.dtype()) {
                case FLOAT32 -> elements.addFloat((float) element);
                case FLOAT16, BFLOAT16, FLOAT64 -> elements.addDouble(element);
                default -> {
                    if (element != Math.rint(element) || !elements.addInteger((long) element)) {
                        throw rows.wrong(
                                plan.features().field(i), element, "of dtype " + plan.dtype());
                    }
                }
            }
        }
    }
}
