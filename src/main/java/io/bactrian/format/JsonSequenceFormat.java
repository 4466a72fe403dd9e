package io.bactrian.format;

/**
 * The data format {@code json-sequence}: {@link JsonLinesFormat} by the other media type that
 * SageMaker's TensorFlow container has for it, {@code application/jsons}.
 */
public final class JsonSequenceFormat extends JsonLinesFormat {

    /** Creates a data format, as Camel does for each step that uses it. */
    public JsonSequenceFormat() {
        super("json-sequence", "application/jsons");
    }
}
