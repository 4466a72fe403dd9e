package io.bactrian.validation;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.route.LoadFault;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds where in a route file a fault is that was found as the file was loaded. Camel's messages
 * tell no position, but they name what is wrong: it is at the first place in the route, or bean,
 * that has the name.
 */
final class FaultLocator {

    /** A bean that can't be made, or one that a route does not go with. */
    private static final Pattern BEAN =
            Pattern.compile("^can't create bean \"([^\"]+)\"|^(\\S+) \\(\\w+\\): ");

    private static final Pattern PROPERTY =
            Pattern.compile("\\bproperty (\\w+)|^(\\w+) (?:is |\")");
    private static final Pattern TYPE = Pattern.compile("\\bclass ([\\w.$]+)");
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{[^{}]+}}");
    private static final Pattern QUOTED = Pattern.compile("\"([^\"]+)\"|'([^']+)'");

    private final YamlDocument document;

    FaultLocator(YamlDocument document) {
        this.document = document;
    }

    /** {@return the position of a fault; the beginning of the file if nothing better is known} */
    Position locate(LoadFault fault) {
        JsonPointer within = fault.route() < 0 ? JsonPointer.empty() : route(fault.route());
        String reason = fault.reason();
        Matcher bean = BEAN.matcher(reason);
        if (bean.find()) {
            String name = lastGroup(bean.toMatchResult());
            JsonPointer definition = bean(name);
            if (definition != null) {
                within = definition;
                reason = reason.substring(bean.end());
            }
        }
        JsonPointer named = named(reason, within);
        return document.position(named == null ? within : named);
    }

    /** {@return the n-th route, from 0; the whole file if a template made it} */
    private JsonPointer route(int n) {
        int seen = 0;
        for (int i = 0; i < document.root().size(); i++) {
            JsonNode entry = document.root().path(i);
            if ((entry.has("from") || entry.has("route")) && seen++ == n) {
                return JsonPointer.empty().appendIndex(i);
            }
        }
        return JsonPointer.empty();
    }

    private @Nullable JsonPointer bean(String name) {
        for (int i = 0; i < document.root().size(); i++) {
            JsonNode beans = document.root().path(i).path("beans");
            for (int j = 0; j < beans.size(); j++) {
                if (beans.get(j).path("name").asText().equals(name)) {
                    return JsonPointer.empty()
                            .appendIndex(i)
                            .appendProperty("beans")
                            .appendIndex(j);
                }
            }
        }
        return null;
    }

    /** {@return the first value within another whose name or text the reason has, or null} */
    private @Nullable JsonPointer named(String reason, JsonPointer within) {
        for (Pattern pattern : new Pattern[] {PLACEHOLDER, PROPERTY, TYPE, QUOTED}) {
            for (MatchResult match : pattern.matcher(reason).results().toList()) {
                String name = lastGroup(match);
                JsonPointer pointer = holder(name, within);
                if (pointer != null) {
                    return pointer;
                }
            }
        }
        return null;
    }

    private static String lastGroup(MatchResult match) {
        for (int i = match.groupCount(); i > 0; i--) {
            if (match.group(i) != null) {
                return match.group(i);
            }
        }
        return match.group();
    }

    private @Nullable JsonPointer holder(String name, JsonPointer within) {
        for (JsonPointer pointer : document.positions().keySet()) {
            if (!isWithin(pointer, within)) {
                continue;
            }
            String text = document.root().at(pointer).asText();
            if (Objects.equals(pointer.last().getMatchingProperty(), name)
                    || text.equals(name)
                    || text.startsWith(name + ":")
                    || text.matches("(?s)\\w+:(//)?" + Pattern.quote(name) + "([?].*)?")
                    || (name.startsWith("{{") && text.contains(name))) {
                return pointer;
            }
        }
        return null;
    }

    private static boolean isWithin(JsonPointer pointer, JsonPointer around) {
        return !pointer.equals(around)
                && (around.matches() || pointer.toString().startsWith(around + "/"));
    }
}
