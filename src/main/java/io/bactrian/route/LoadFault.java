package io.bactrian.route;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Something that keeps a model, a route file or a route from being served.
 *
 * @param file the route file that it is in, or null
 * @param route which of the file's routes it is in, from 0; -1 if it is in no single one
 * @param isPipeline whether that route is a pipeline
 * @param reason what is wrong, without where it is
 * @param message what is wrong and where, in a sentence
 */
public record LoadFault(
        @Nullable Path file, int route, boolean isPipeline, String reason, String message) {

    static LoadFault of(String message) {
        return new LoadFault(null, -1, false, message, message);
    }

    /** {@return a fault of a whole file, whose path the message begins with} */
    static LoadFault of(RouteFile file, String message) {
        String prefix = file + ": ";
        String reason = message.startsWith(prefix) ? message.substring(prefix.length()) : message;
        return new LoadFault(file.path(), -1, false, reason, message);
    }

    /** {@return the fault of a route that can't be started} */
    static LoadFault of(FileRoute route) {
        String problem = String.valueOf(route.problem());
        String subject =
                route.pipeline() == null
                        ? "route \"" + route.shortName() + '"'
                        : "pipeline \"" + route.pipeline() + '"';
        return new LoadFault(
                route.file().path(),
                route.file().routes().indexOf(route.definition()),
                route.pipeline() != null,
                problem,
                subject + " of " + route.file() + ": " + problem);
    }

    /** {@return whether it is in a route that is no pipeline} */
    public boolean isOfOtherRoute() {
        return route >= 0 && !isPipeline;
    }

    /** {@return the message} */
    @Override
    public String toString() {
        return message;
    }
}
