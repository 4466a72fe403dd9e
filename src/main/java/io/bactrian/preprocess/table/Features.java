package io.bactrian.preprocess.table;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.pipeline.PipelineFaultException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The elements of a feature vector in their order, and the fields they are made of. */
public final class Features {

    private final RowFields fields;
    private final List<Feature> features;
    private final int width;

    Features(RowFields fields, List<Feature> features) {
        this.fields = fields;
        this.features = List.copyOf(features);
        this.width = features.stream().mapToInt(Feature::width).reduce(0, Math::addExact);
    }

    /**
     * {@return the features that a file declares}
     *
     * @param source the property and the file, for messages
     * @param json the file's content, which docs/processors.md describes
     * @param files the content of a file that it names, by the name
     * @throws PipelineFaultException if it declares no features, naming the member that is wrong
     */
    public static Features declared(
            String source, JsonNode json, Function<String, JsonNode> files) {
        return new FeaturesReader(source, files).read(json);
    }

    /**
     * {@return a number for each column}
     *
     * @param columns the names of the columns; empty if they have none, or are those of the scaler
     * @param count the number of columns without names; -1 if it is not known
     * @param scalerSource the property and the file of the scaler, for messages
     * @param scaler the content of a file with a fitted scaler's attributes; null for no scaling
     * @param defaults the numbers of missing columns by name
     * @throws PipelineFaultException if the scaler has other columns, or columns are not known
     */
    public static Features numbers(
            List<String> columns,
            int count,
            String scalerSource,
            @Nullable JsonNode scaler,
            Map<String, Double> defaults) {
        FittedScaler fitted = scaler == null ? null : FittedScaler.of(scalerSource, scaler);
        List<String> names = columns;
        if (names.isEmpty() && fitted != null) {
            names = fitted.names();
        }
        int size = names.size();
        if (names.isEmpty()) {
            size = fitted == null ? count : fitted.columns();
        }
        if (size < 1) {
            throw new PipelineFaultException(
                    "set columns or featuresFile: neither they nor the model's input say which"
                            + " columns there are");
        }
        if (fitted != null && fitted.columns() != size) {
            throw new PipelineFaultException(
                    scalerSource
                            + " has "
                            + fitted.columns()
                            + " columns, but columns has "
                            + size);
        }
        if (fitted != null && !fitted.names().isEmpty() && !fitted.names().equals(names)) {
            throw new PipelineFaultException(
                    scalerSource + " is of " + fitted.names() + ", but columns has " + names);
        }
        RowFields fields = names.isEmpty() ? RowFields.numbered(size) : RowFields.named(names);
        List<Feature> features = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            features.add(
                    new NumberFeature(
                            i,
                            defaults.get(fields.names().get(i)),
                            false,
                            fitted == null ? Scaling.NONE : fitted.scaling(i)));
        }
        return new Features(fields, features);
    }

    /** {@return the fields that are read of each row} */
    public RowFields fields() {
        return fields;
    }

    /** {@return the number of elements in a vector} */
    public int width() {
        return width;
    }

    /** {@return the field of a feature that is scaled, so that it is no whole number; or null} */
    public @Nullable String scaled() {
        return features.stream()
                .filter(feature -> !feature.isWhole())
                .map(feature -> fields.names().get(feature.field()))
                .findFirst()
                .orElse(null);
    }

    /**
     * Makes the vector of the current row.
     *
     * @param rows the rows, with a current one
     * @param vector the elements are put here, from the beginning
     * @throws io.bactrian.tensor.BadInputException if a field is missing or has a wrong value
     */
    public void put(Rows rows, double[] vector) {
        Arrays.fill(vector, 0);
        int at = 0;
        for (Feature feature : features) {
            feature.put(rows, vector, at);
            at += feature.width();
        }
    }

    /**
     * {@return the index of the field that an element of the vector is made of}
     *
     * @param element the index of the element
     */
    public int field(int element) {
        int at = 0;
        for (Feature feature : features) {
            at += feature.width();
            if (element < at) {
                return feature.field();
            }
        }
        throw new IndexOutOfBoundsException(element);
    }

    /** A feature's elements in the vector. */
    record Part(int start, int width) {}

    /**
     * {@return the elements of a multi-hot feature}
     *
     * @param name the feature's field; null for the only one
     * @throws PipelineFaultException if there is none, or several and no field
     */
    Part multiHot(@Nullable String name) {
        Part found = null;
        int at = 0;
        for (Feature feature : features) {
            boolean named = name == null || fields.names().get(feature.field()).equals(name);
            if (named && feature.isMultiHot()) {
                if (found != null) {
                    throw new PipelineFaultException(
                            "there are several multi-hot features"
                                    + (name == null ? "" : " of \"" + name + "\"")
                                    + ", expected one");
                }
                found = new Part(at, feature.width());
            }
            at += feature.width();
        }
        if (found == null) {
            throw new PipelineFaultException(
                    "there is no multi-hot feature"
                            + (name == null ? "" : " of \"" + name + "\"")
                            + " among the fields "
                            + fields.names());
        }
        return found;
    }
}
