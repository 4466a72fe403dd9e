package io.bactrian.container;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.camel.PropertyBindingException;
import org.apache.camel.TypeConversionException;

/** Says in one line why something failed, where Camel wraps the reason several times over. */
public final class FailureReason {

    /** The lines of a YAML file that its parser shows with a mark beneath. */
    private static final Pattern EXCERPT = Pattern.compile(":\\n.*\\n\\s*\\^\\n?");

    private static final Pattern WHITE_SPACE = Pattern.compile("\\s+");

    private FailureReason() {}

    /**
     * @return the messages of the failure and its causes, so far as each adds something
     */
    public static String of(Throwable failure) {
        List<String> messages = new ArrayList<>();
        for (Throwable each = failure; each != null; each = each.getCause()) {
            String message = messageOf(each);
            if (messages.stream().noneMatch(outer -> outer.contains(message))) {
                messages.add(message);
            }
            if (each instanceof TypeConversionException) {
                break;
            }
        }
        return String.join(": ", messages);
    }

    /**
     * @return the message of the innermost cause
     */
    static String innermost(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null && !(root instanceof TypeConversionException)) {
            root = root.getCause();
        }
        return messageOf(root);
    }

    private static String messageOf(Throwable failure) {
        if (failure instanceof ClassNotFoundException) {
            return "there is no class " + failure.getMessage();
        }
        if (failure instanceof PropertyBindingException binding) {
            return "can't set property "
                    + binding.getPropertyName()
                    + " to \""
                    + binding.getValue()
                    + "\"";
        }
        if (failure instanceof TypeConversionException conversion) {
            return "it must be of type " + conversion.getToType().getSimpleName();
        }
        if (failure.getMessage() == null) {
            return failure.toString();
        }
        String withoutExcerpts = EXCERPT.matcher(failure.getMessage()).replaceAll("; ");
        String line = WHITE_SPACE.matcher(withoutExcerpts).replaceAll(" ").strip();
        return line.endsWith(";") ? line.substring(0, line.length() - 1) : line;
    }
}
