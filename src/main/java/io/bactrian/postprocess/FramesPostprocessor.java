package io.bactrian.postprocess;

import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.RequestItems;
import io.bactrian.pipeline.SignatureTensors;
import io.bactrian.tensor.NamedTensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.spi.Metadata;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;

/**
 * The postprocessor of a number per frame of a sound: it answers an object for each frame, with its
 * time and the numbers of the model's outputs, {@code [{"time": 0.015625, "pitch": 0.41}, …]}.
 */
@Metadata(
        label = "bean",
        description =
                "Answers a list with an object for each frame of a sound, such as [{\"time\": 0.015625,"
                        + " \"pitch\": 0.41}]: its time, and a number of each output, which may be"
                        + " multiplied and added to. Outputs have a number per frame, of shape"
                        + " [frames], or with dimensions of 1 beside that. A request that is a"
                        + " list is answered by a list of such lists, of outputs [sounds, frames].",
        annotations = {"interfaceName=org.apache.camel.Processor"})
public class FramesPostprocessor extends Postprocessor {

    @Metadata(
            description =
                    "The fields of a frame with commas between, each with the output that it takes:"
                            + " confidence=uncertainty, pitch. A field without = takes the output of"
                            + " its own name. Not set: the step does not start")
    private String fields = "";

    @Metadata(
            description =
                    "What fields are multiplied by, such as confidence=-1, semitone=63.07. Not set: 1"
                            + " for all")
    private @Nullable String scales;

    @Metadata(
            description =
                    "What is added to fields after that, such as confidence=1, semitone=25.58. Not"
                            + " set: 0 for all")
    private @Nullable String offsets;

    @Metadata(description = "The name of the field with the frame's time. Empty: it is left out")
    private String timeField = "time";

    @Metadata(
            description =
                    "The seconds from a frame to the next: the samples between them divided by the"
                            + " samples per second")
    private double frameSeconds = 1;

    @Metadata(description = "The time of the first frame, in seconds")
    private double firstSeconds;

    private volatile List<Column> columns = List.of();

    /** A field of each frame. */
    private record Column(String field, String output, double scale, double offset) {

        Number of(ModelOutput values, int frame) {
            return scale == 1 && offset == 0
                    ? values.numbers().exact(frame)
                    : (Number) (values.numbers().get(frame) * scale + offset);
        }
    }

    /** Creates a postprocessor with default properties. */
    public FramesPostprocessor() {
        super("");
    }

    /** Rejects a single output: this step reads those that its fields name. */
    @Override
    public void setOutput(@Nullable String output) {
        throw new PipelineFaultException("output can't be set: name the outputs in fields");
    }

    /** {@return the fields of a frame, each with the output that it takes} */
    public String getFields() {
        return fields;
    }

    /**
     * Sets the fields of a frame with commas between, each with {@code =} and the output that it
     * takes if that has another name.
     *
     * @param fields fields with commas between
     */
    public void setFields(String fields) {
        this.fields = fields;
    }

    /** {@return what fields are multiplied by; null for 1} */
    public @Nullable String getScales() {
        return scales;
    }

    /**
     * Sets what fields are multiplied by; null for 1, as by default.
     *
     * @param scales fields with their factors
     */
    public void setScales(@Nullable String scales) {
        this.scales = scales;
    }

    /** {@return what is added to fields after that; null for 0} */
    public @Nullable String getOffsets() {
        return offsets;
    }

    /**
     * Sets what is added to fields after that; null for 0, as by default.
     *
     * @param offsets fields with their addends
     */
    public void setOffsets(@Nullable String offsets) {
        this.offsets = offsets;
    }

    /** {@return the name of the field with the frame's time} */
    public String getTimeField() {
        return timeField;
    }

    /**
     * Sets the name of the field with the frame's time, {@code time} by default.
     *
     * @param timeField a name, or empty for no time
     */
    public void setTimeField(String timeField) {
        this.timeField = timeField;
    }

    /** {@return the seconds from a frame to the next} */
    public double getFrameSeconds() {
        return frameSeconds;
    }

    /**
     * Sets the seconds from a frame to the next, 1 by default.
     *
     * @param frameSeconds seconds
     * @throws PipelineFaultException if it is not finite
     */
    public void setFrameSeconds(double frameSeconds) {
        this.frameSeconds = Thresholds.finite("frameSeconds", frameSeconds);
    }

    /** {@return the time of the first frame in seconds} */
    public double getFirstSeconds() {
        return firstSeconds;
    }

    /**
     * Sets the time of the first frame in seconds, 0 by default.
     *
     * @param firstSeconds seconds
     * @throws PipelineFaultException if it is not finite
     */
    public void setFirstSeconds(double firstSeconds) {
        this.firstSeconds = Thresholds.finite("firstSeconds", firstSeconds);
    }

    @Override
    protected void configure(List<SignatureTensors> outputs) {
        Map<String, String> named = FieldNames.parse("fields", fields);
        if (named.containsKey(timeField)) {
            throw new PipelineFaultException("fields and timeField are both \"" + timeField + "\"");
        }
        Map<String, Double> factors = numbers("scales", scales, named);
        Map<String, Double> addends = numbers("offsets", offsets, named);
        List<Column> made = new ArrayList<>();
        named.forEach(
                (field, output) ->
                        made.add(
                                new Column(
                                        field,
                                        output,
                                        factors.getOrDefault(field, 1.0),
                                        addends.getOrDefault(field, 0.0))));
        for (SignatureTensors each : outputs) {
            made.forEach(column -> numeric(each, column.output()));
        }
        columns = List.copyOf(made);
    }

    private static Map<String, Double> numbers(
            String property, @Nullable String text, Map<String, String> fields) {
        Map<String, Double> numbers = new LinkedHashMap<>();
        FieldNames.parse(property, text)
                .forEach(
                        (field, number) -> {
                            if (!fields.containsKey(field)) {
                                throw new PipelineFaultException(
                                        property
                                                + " has \""
                                                + field
                                                + "\", but fields are "
                                                + fields.keySet());
                            }
                            numbers.put(field, number(property, number));
                        });
        return numbers;
    }

    private static double number(String property, String text) {
        try {
            return Thresholds.finite(property, Double.parseDouble(text));
        } catch (NumberFormatException e) {
            throw PipelineFaultException.property(property, "numbers", "\"" + text + "\"");
        }
    }

    @Override
    protected final Object answer(Exchange exchange, NamedTensors.Reference outputs) {
        ModelOutput first = ModelOutput.of(outputs, columns.get(0).output());
        boolean list = RequestItems.isList(exchange) && first.shape().numDimensions() > 1;
        int sounds = list ? Math.toIntExact(Math.max(1, first.shape().get(0))) : 1;
        List<List<Map<String, Object>>> answers = new ArrayList<>();
        for (int sound = 0; sound < sounds; sound++) {
            answers.add(times(frames(first, sounds)));
        }
        for (Column column : columns) {
            ModelOutput values = ModelOutput.of(outputs, column.output());
            int size = frames(values, sounds);
            if (size != answers.get(0).size()) {
                throw new PipelineFaultException(
                        "expected "
                                + answers.get(0).size()
                                + " frames as in fields before, but "
                                + values);
            }
            for (int i = 0; i < sounds * size; i++) {
                answers.get(i / size).get(i % size).put(column.field(), column.of(values, i));
            }
        }
        return perRow(exchange, sounds, sound -> inField(answers.get(sound)));
    }

    private List<Map<String, Object>> times(int count) {
        List<Map<String, Object>> frames = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            Map<String, Object> frame = new LinkedHashMap<>();
            if (!timeField.isEmpty()) {
                frame.put(timeField, i * frameSeconds + firstSeconds);
            }
            frames.add(frame);
        }
        return frames;
    }

    /** {@return how many frames an output has of each sound} */
    private static int frames(ModelOutput values, int sounds) {
        Shape shape = values.shape();
        long frames = 1;
        for (int i = sounds == 1 ? 0 : 1; i < shape.numDimensions(); i++) {
            frames = shape.get(i) == 1 ? frames : shape.get(i);
        }
        boolean ofSounds = sounds == 1 || (shape.numDimensions() > 1 && shape.get(0) == sounds);
        if (shape.numDimensions() == 0 || !ofSounds || shape.size() != sounds * frames) {
            throw new PipelineFaultException("expected a number per frame, but " + values);
        }
        return Math.toIntExact(frames);
    }
}
