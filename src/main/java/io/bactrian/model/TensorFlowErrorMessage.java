package io.bactrian.model;

import java.util.regex.Pattern;

/** TensorFlow's error message without node names of the graph and stack traces. */
final class TensorFlowErrorMessage {

    /** Such as {@code {{node model/dense/MatMul}}} and {@code [[model/dense/MatMul]]}. */
    private static final Pattern INNER = Pattern.compile("\\s*(\\{\\{.*?\\}\\}|\\[\\[.*?\\]\\])");

    private TensorFlowErrorMessage() {}

    /** {@return the first line of the exception's message, in one sentence} */
    static String of(Exception exception) {
        String message = exception.getMessage();
        if (message == null || message.isBlank()) {
            return exception.getClass().getSimpleName();
        }
        String first =
                message.strip()
                        .lines()
                        .filter(line -> !line.contains("error(s) found"))
                        .findFirst()
                        .orElse("");
        return INNER.matcher(first)
                .replaceAll("")
                .replaceFirst("^\\(\\d+\\) [A-Z_]+: ", "")
                .strip();
    }
}
