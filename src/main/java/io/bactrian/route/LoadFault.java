package io.bactrian.route;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * An error that prevents a model, a route file or a route from being served.
 *
 * @param file the route file with the error, or null
 * @param route the index of the route in the file; -1 if the error is not in a single route
 * @param isPipeline whether that route is a pipeline
 * @param reason the error, without its location
 * @param message a sentence with the error and its location
 */
public record LoadFault(
        @Nullable Path file, int route, boolean isPipeline, String reason, String message) {

    static LoadFault of(String message) {
        return new LoadFault(null, -1, false, message, message);
    }

    /** {@return the fault of a whole file, with whose path the message may begin} */
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

    /** {@return whether the fault is in a route that is not a pipeline} */
    public boolean isOfOtherRoute() {
        return route >= 0 && !isPipeline;
    }

    /** {@return whether it is in a route} */
    boolean isOf(FileRoute other) {
        return other.file().path().equals(file)
                && other.file().routes().indexOf(other.definition()) == route;
    }

    /** {@return the message} */
    @Override
    public String toString() {
        return message;
    }
}
