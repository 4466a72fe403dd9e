package io.bactrian.session;

import java.util.regex.Pattern;

/** TensorFlow's error messages, reduced to what a user can act on. */
public final class TensorFlowErrorMessage {

    /** Such as {@code {{node model/dense/MatMul}}} and {@code [[model/dense/MatMul]]}. */
    private static final Pattern NODE_NAMES =
            Pattern.compile("\\s*(\\{\\{.*?\\}\\}|\\[\\[.*?\\]\\])");

    private TensorFlowErrorMessage() {}

    /**
     * {@return the first line of the exception's message, without node names}
     *
     * @param exception what TensorFlow threw
     */
    public static String summaryOf(Exception exception) {
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
        return NODE_NAMES
                .matcher(first)
                .replaceAll("")
                .replaceFirst("^\\(\\d+\\) [A-Z_]+: ", "")
                .strip();
    }
}
