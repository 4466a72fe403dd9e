package io.bactrian.preprocess.table;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.pipeline.PipelineFaultException;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The elements of a vector made of a time series' row: its numbers and its time's features. */
public final class TimeVector {

    /**
     * An element.
     *
     * @param column the index of the number in the row, where the element is one
     * @param time the feature of the time, where the element is that
     */
    private record Element(String name, int column, @Nullable TimeFeature time) {}

    private final List<Element> elements = new ArrayList<>();
    private final Scaling[] scalings;

    /**
     * Creates a vector without scaling.
     *
     * @param columns the names of a row's numbers
     * @param names the names of the elements: columns, or features of the time
     * @throws PipelineFaultException if there is no such feature
     */
    public TimeVector(List<String> columns, List<String> names) {
        for (String name : names) {
            int column = columns.indexOf(name);
            TimeFeature time = column < 0 ? TimeFeature.named(name) : null;
            if (column < 0 && time == null) {
                throw new PipelineFaultException(
                        "features has \""
                                + name
                                + "\", which is none of the columns "
                                + columns
                                + " and no "
                                + String.join(", ", TimeFeature.names()));
            }
            elements.add(new Element(name, column, time));
        }
        scalings = new Scaling[elements.size()];
        Arrays.fill(scalings, Scaling.NONE);
    }

    /** {@return the number of elements} */
    public int width() {
        return elements.size();
    }

    /**
     * Sets the scaling of all elements.
     *
     * @param source the property and the file, for messages
     * @param json the content of a file with a fitted scaler's attributes
     * @throws PipelineFaultException if it is no scaler of as many columns
     */
    public void scale(String source, JsonNode json) {
        FittedScaler scaler = FittedScaler.of(source, json);
        List<String> names = elements.stream().map(Element::name).toList();
        if (scaler.columns() != width()
                || !(scaler.names().isEmpty() || scaler.names().equals(names))) {
            throw new PipelineFaultException(
                    source + " has " + scaler.describe() + ", but the elements are " + names);
        }
        for (int i = 0; i < scalings.length; i++) {
            scalings[i] = scaler.scaling(i);
        }
    }

    /**
     * Sets the scaling of one element.
     *
     * @param element its name
     * @param source the property and the file, for messages
     * @param json the content of a file with a fitted scaler's attributes
     * @throws PipelineFaultException if there is no such element, or it is no scaler of one column
     */
    public void scale(String element, String source, JsonNode json) {
        int index = elements.stream().map(Element::name).toList().indexOf(element);
        if (index < 0) {
            throw new PipelineFaultException(
                    "scalerFiles has \""
                            + element
                            + "\", but the elements are "
                            + elements.stream().map(Element::name).toList());
        }
        FittedScaler scaler = FittedScaler.of(source, json);
        if (scaler.columns() != 1) {
            throw new PipelineFaultException(
                    source + " has " + scaler.describe() + ", expected one for " + element);
        }
        scalings[index] = scaler.scaling(0);
    }

    /**
     * Makes the vector of a row.
     *
     * @param time the row's time as a {@link TimestampFormat} reads it
     * @param numbers the row's numbers, one for each column
     * @param vector the elements are put here
     */
    public void put(long time, double[] numbers, double[] vector) {
        LocalDateTime local = TimestampFormat.dateTime(time);
        for (int i = 0; i < scalings.length; i++) {
            Element element = elements.get(i);
            double value = element.time == null ? numbers[element.column] : element.time.of(local);
            vector[i] = scalings[i].apply(value);
        }
    }
}
