package io.bactrian.format;

/** The two layouts of TensorFlow Serving's predict requests; an answer has its request's. */
public enum PredictLayout {
    /** {@code {"instances": […]}} and {@code {"predictions": […]}}: a list of examples. */
    ROW,
    /** {@code {"inputs": …}} and {@code {"outputs": …}}: a tensor by name, or the only one. */
    COLUMN
}
