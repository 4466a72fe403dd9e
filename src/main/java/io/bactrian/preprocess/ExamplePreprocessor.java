package io.bactrian.preprocess;

import io.bactrian.format.JsonMemory;
import io.bactrian.pipeline.ModelTensor;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.SignatureTensors;
import io.bactrian.preprocess.table.ExampleFeature;
import io.bactrian.preprocess.table.ExampleReader;
import io.bactrian.preprocess.table.ExampleRows;
import io.bactrian.preprocess.table.RowFields;
import io.bactrian.preprocess.table.RowReader;
import io.bactrian.preprocess.table.Rows;
import io.bactrian.preprocess.table.RowsFormat;
import io.bactrian.preprocess.table.TableLayout;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.TensorBuffer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.spi.Metadata;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;

/**
 * The preprocessor of rows for a model that parses serialized {@code tf.train.Example}s: each row
 * becomes one, in a tensor of strings. A body that is a serialized Example already, or TFRecords of
 * them, is passed on.
 *
 * <p>In YAML: {@code properties: {features: "age=float, country=bytes"}}.
 */
@Metadata(
        label = "bean",
        description =
                "Makes a serialized tf.train.Example of each row, for a model that parses them: of a"
                        + " JSON object, a list of objects, an object of lists, or CSV with a header; or"
                        + " passes on a body that is one, or TFRecords of them. A list is answered by a"
                        + " list.",
        annotations = {"interfaceName=org.apache.camel.Processor"})
public final class ExamplePreprocessor extends TablePreprocessor {

    @Metadata(
            description =
                    "The features and what their lists hold, as pairs with commas between, such as"
                            + " age=float, country=bytes, ids=int64, or as a JSON object; each is made of"
                            + " the field of its name. Not set: the body is a serialized Example, or"
                            + " TFRecords of them, which are passed on")
    private @Nullable String features;

    @Metadata(
            description =
                    "Whether a row must have all fields; false leaves features out whose fields are"
                            + " missing, null or empty, for which the model has a default")
    private boolean required = true;

    @Metadata(
            description =
                    "Whether a JSON table consists of rows, of columns, or of values, as for"
                            + " FeatureVectorPreprocessor")
    private TableLayout layout = TableLayout.ROWS;

    @Metadata(
            description =
                    "The model's input that takes the tensor. Not needed if the model has one input")
    private String input = NamedTensors.UNNAMED;

    private volatile @Nullable Plan plan;

    private record Plan(
            RowFields fields, RowsFormat format, List<ExampleFeature> features, boolean scalar)
            implements RowPlan {

        @Override
        public long bytesPerRow() {
            // A feature's message, and its name in each Example.
            return fields.names().stream().mapToLong(name -> 64L + name.length()).sum();
        }

        @Override
        public long bytesOfText(ByteBuffer text) {
            // As objects, serialized, and in the tensor.
            return 3
                    * JsonMemory.bytesAsTensor(
                            text.array(),
                            text.arrayOffset() + text.position(),
                            text.remaining(),
                            DType.STRING);
        }
    }

    /** {@return the features and what their lists hold, or null} */
    public @Nullable String getFeatures() {
        return features;
    }

    /**
     * Sets the features and what their lists hold, bytes, float or int64, as pairs such as {@code
     * age=float} with commas between or as a JSON object; null, as by default, to pass on a
     * serialized Example.
     *
     * @param features the features and what their lists hold, or null
     * @throws PipelineFaultException if it is neither
     */
    public void setFeatures(@Nullable String features) {
        Pairs.parse("features", features);
        this.features = features;
    }

    /** {@return whether a row must have all fields} */
    public boolean isRequired() {
        return required;
    }

    /**
     * Sets whether a row must have all fields, true by default.
     *
     * @param required whether a row must have all fields
     */
    public void setRequired(boolean required) {
        this.required = required;
    }

    /** {@return what a JSON table consists of} */
    public TableLayout getLayout() {
        return layout;
    }

    /**
     * Sets what a JSON table consists of, {@link TableLayout#ROWS} by default.
     *
     * @param layout what a JSON table consists of
     */
    public void setLayout(TableLayout layout) {
        this.layout = layout;
    }

    /** {@return the model's input that takes the tensor} */
    public String getInput() {
        return input;
    }

    /**
     * Sets the model's input that takes the tensor; not needed if the model has one input.
     *
     * @param input the model's input that takes the tensor
     */
    public void setInput(String input) {
        this.input = input;
    }

    @Override
    protected void configureAll(List<SignatureTensors> inputs) {
        List<ExampleFeature> made = new ArrayList<>();
        for (Map.Entry<String, String> each : Pairs.parse("features", features).entrySet()) {
            made.add(
                    new ExampleFeature(
                            each.getKey(),
                            made.size(),
                            ExampleFeature.Kind.named(each.getKey(), each.getValue())));
        }
        boolean scalar = false;
        for (SignatureTensors each : inputs) {
            ModelTensor taken = each.only(input);
            boolean unknown = taken.shape().isUnknown();
            if (taken.dataType() != DType.STRING.dataType()
                    || !(unknown || taken.shape().numDimensions() <= 1)) {
                throw new PipelineFaultException("makes strings [rows], but " + taken);
            }
            scalar |= !unknown && taken.shape().numDimensions() == 0;
        }
        plan =
                new Plan(
                        RowFields.named(made.stream().map(ExampleFeature::name).toList()),
                        new RowsFormat(
                                getWrapper(),
                                layout,
                                false,
                                false,
                                true,
                                getMaxRows(),
                                getItemErrors()),
                        List.copyOf(made),
                        scalar);
    }

    /**
     * {@inheritDoc}
     *
     * @throws BadInputException if the body is no table or serialized Example, or a row lacks a
     *     field or has a wrong value; it names the row and the field
     */
    @Override
    protected NamedTensors tensors(Exchange exchange) {
        Plan current = plan;
        if (current == null) {
            throw new PipelineFaultException("not started");
        }
        return current.features().isEmpty()
                ? readExamples(exchange, current, rows -> serialized(rows, current))
                : read(exchange, current, rows -> tensor(rows, current));
    }

    private NamedTensors serialized(ExampleRows rows, Plan current) {
        TensorBuffer strings = new TensorBuffer(DType.STRING);
        int count =
                rows.readAll(
                        new RowReader() {
                            @Override
                            public void read(Rows row) {
                                strings.addString(rows.serialized());
                            }

                            /** Does nothing: nothing is read of a row that is wrong. */
                            @Override
                            public void undo() {}
                        });
        return tensor(strings, count, current);
    }

    private NamedTensors tensor(Rows rows, Plan current) {
        ExampleReader reader = new ExampleReader(current.features(), required);
        int count = rows.readAll(reader);
        return tensor(reader.strings(), count, current);
    }

    private NamedTensors tensor(TensorBuffer strings, int count, Plan current) {
        if (current.scalar() && count != 1) {
            throw new BadInputException(count + " rows, but the model takes one");
        }
        return NamedTensors.of(
                input, strings.build(current.scalar() ? Shape.scalar() : Shape.of(count)));
    }
}
