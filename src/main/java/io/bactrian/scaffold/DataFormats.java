package io.bactrian.scaffold;

/** The data formats of scaffolded routes, as YAML has them. */
final class DataFormats {

    /** Plain JSON values. */
    static final String JSON = "json: {}";

    /** TensorFlow Serving's JSON. */
    static final String TENSORFLOW_JSON = "custom: {ref: tensorflow-json}";

    private DataFormats() {}
}
