package io.bactrian.route;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.PropertyBindingException;
import org.apache.camel.Route;
import org.apache.camel.TypeConversionException;

/** Says in one line why something failed, where Camel wraps the reason several times over. */
public final class FailureReason {

    /** The lines of a YAML file that its parser shows with a mark beneath. */
    private static final Pattern EXCERPT = Pattern.compile(":\\n.*\\n\\s*\\^\\n?");

    private static final Pattern WHITE_SPACE = Pattern.compile("\\s+");

    /** What Camel gives to a bean, and no route file can. */
    private static final Set<Class<?>> CAMELS_OWN = Set.of(CamelContext.class, Route.class);

    private FailureReason() {}

    /** {@return the messages of the failure and its causes, so far as each adds something} */
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

    /** {@return the message of the innermost cause} */
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
        if (failure instanceof NoClassDefFoundError && failure.getMessage() != null) {
            String name = failure.getMessage().replace('/', '.');
            return name.contains(" ") ? name : "there is no class " + name;
        }
        if (failure instanceof UnsupportedClassVersionError) {
            return failure.getMessage().replace('/', '.');
        }
        if (failure instanceof PropertyBindingException binding) {
            SortedSet<String> known = properties(binding.getTarget());
            if (binding.getCause() == null && !known.contains(binding.getPropertyName())) {
                return binding.getTarget().getClass().getSimpleName()
                        + " has no property "
                        + binding.getPropertyName()
                        + ", it has "
                        + String.join(", ", known);
            }
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

    /** {@return the names of the properties that a bean's setters take from a route file} */
    private static SortedSet<String> properties(Object bean) {
        SortedSet<String> names = new TreeSet<>();
        for (Method method : bean.getClass().getMethods()) {
            if (method.getName().matches("set[A-Z].*")
                    && method.getParameterCount() == 1
                    && !CAMELS_OWN.contains(method.getParameterTypes()[0])) {
                names.add(
                        method.getName().substring(3, 4).toLowerCase(Locale.ROOT)
                                + method.getName().substring(4));
            }
        }
        return names;
    }
}
