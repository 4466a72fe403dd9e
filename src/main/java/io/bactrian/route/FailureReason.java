package io.bactrian.route;

import io.bactrian.route.CamelModules.Kind;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.NoSuchEndpointException;
import org.apache.camel.NoSuchLanguageException;
import org.apache.camel.PropertyBindingException;
import org.apache.camel.Route;
import org.apache.camel.TypeConversionException;
import org.apache.camel.util.StringHelper;

/** One-line descriptions of failures whose causes Camel has wrapped in several exceptions. */
public final class FailureReason {

    /** An excerpt of a YAML file in its parser's message, with a marker in the line below. */
    private static final Pattern EXCERPT = Pattern.compile(":\\n.*\\n\\s*\\^\\n?");

    /** Camel's messages about an unknown data format. */
    private static final Pattern UNKNOWN_DATA_FORMAT =
            Pattern.compile(
                    "Data format '([^']+)' could not be created"
                            + "|Cannot find data format (?:with name|in registry with ref): (\\S+)");

    private static final Pattern BEAN_CREATION =
            Pattern.compile("Error creating bean: (.*) of type: (?:#class:)*(.*)");

    private static final Pattern WHITE_SPACE = Pattern.compile("\\s+");

    /** The types of properties that Camel injects, and no route file can set. */
    private static final Set<Class<?>> INJECTED_TYPES = Set.of(CamelContext.class, Route.class);

    private FailureReason() {}

    /**
     * {@return the messages of the failure and its causes, joined, without repetitions}
     *
     * @param failure any exception or error
     */
    public static String of(Throwable failure) {
        List<String> messages = new ArrayList<>();
        for (Throwable each : chain(failure)) {
            String message = messageOf(each);
            if (messages.stream().noneMatch(outer -> outer.contains(message))) {
                messages.add(message);
            }
        }
        return String.join(": ", messages);
    }

    /** {@return the message of the innermost cause} */
    static String innermost(Throwable failure) {
        List<Throwable> chain = chain(failure);
        return messageOf(chain.get(chain.size() - 1));
    }

    /**
     * {@return the failure and its causes, each once, since a chain of causes may be cyclic; the
     * causes of a type conversion's failure add nothing and are left out}
     */
    private static List<Throwable> chain(Throwable failure) {
        Set<Throwable> chain = Collections.newSetFromMap(new IdentityHashMap<>());
        List<Throwable> ordered = new ArrayList<>();
        Throwable each = failure;
        while (each != null && chain.add(each)) {
            ordered.add(each);
            each = each instanceof TypeConversionException ? null : each.getCause();
        }
        return ordered;
    }

    private static String messageOf(Throwable failure) {
        if (failure instanceof ClassNotFoundException) {
            return unknownClass(String.valueOf(failure.getMessage()));
        }
        if (failure instanceof NoClassDefFoundError && failure.getMessage() != null) {
            String name = failure.getMessage().replace('/', '.');
            return name.contains(" ") ? name : unknownClass(name);
        }
        if (failure instanceof UnsupportedClassVersionError) {
            return String.valueOf(failure.getMessage()).replace('/', '.');
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
        if (failure instanceof NoSuchLanguageException language) {
            return CamelModules.explainMissing(Kind.LANGUAGE, language.getLanguage());
        }
        if (failure instanceof NoSuchEndpointException endpoint) {
            String scheme = StringHelper.before(endpoint.getUri(), ":", endpoint.getUri());
            return CamelModules.explainMissing(Kind.COMPONENT, scheme);
        }
        if (failure instanceof TypeConversionException conversion) {
            return "it must be of type " + conversion.getToType().getSimpleName();
        }
        if (failure.getMessage() == null) {
            return failure.toString();
        }
        Matcher dataFormat = UNKNOWN_DATA_FORMAT.matcher(failure.getMessage());
        if (dataFormat.lookingAt()) {
            String name = dataFormat.group(1) == null ? dataFormat.group(2) : dataFormat.group(1);
            return CamelModules.explainMissing(Kind.DATA_FORMAT, name);
        }
        Matcher bean = BEAN_CREATION.matcher(failure.getMessage());
        if (bean.matches()) {
            return "can't create bean \"" + bean.group(1) + "\" of type " + bean.group(2);
        }
        String withoutExcerpts = EXCERPT.matcher(failure.getMessage()).replaceAll("; ");
        String line = WHITE_SPACE.matcher(withoutExcerpts).replaceAll(" ").strip();
        return line.endsWith(";") ? line.substring(0, line.length() - 1) : line;
    }

    private static String unknownClass(String name) {
        if (name.isBlank()) {
            return "the type must be the name of a class, without #class:";
        }
        return SimilarNames.withSuggestion("there is no class " + name, KnownBeans.similarTo(name));
    }

    /** {@return the names of the bean's properties that a route file can set} */
    private static SortedSet<String> properties(Object bean) {
        SortedSet<String> names = new TreeSet<>();
        for (Method method : bean.getClass().getMethods()) {
            if (method.getName().matches("set[A-Z].*")
                    && method.getParameterCount() == 1
                    && !INJECTED_TYPES.contains(method.getParameterTypes()[0])) {
                names.add(
                        method.getName().substring(3, 4).toLowerCase(Locale.ROOT)
                                + method.getName().substring(4));
            }
        }
        return names;
    }
}
