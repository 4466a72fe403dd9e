package io.bactrian.route;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The result of loading the pipelines.
 *
 * @param defined the pipelines that route files define, including broken ones
 * @param builtIn the models without a pipeline of their name, which the {@code predict} pipeline
 *     serves, including broken ones
 * @param broken the reason why a pipeline or model can't be served, by its name in requests
 * @param skipped the reason why a pipeline is not served although nothing is wrong, by pipeline
 * @param faults all errors
 * @param warnings probable mistakes, one sentence each, which says what to do
 * @param scopes the scopes of the route files
 */
public record LoadedPipelines(
        List<String> defined,
        List<String> builtIn,
        Map<String, String> broken,
        Map<String, String> skipped,
        List<LoadFault> faults,
        List<String> warnings,
        List<RouteScope> scopes) {

    /** {@return the route files that were read} */
    public List<Path> files() {
        return scopes.stream()
                .flatMap(scope -> scope.files().stream())
                .map(RouteFile::path)
                .toList();
    }

    /** {@return the pipelines that may be the default, for requests that name none} */
    List<String> candidates() {
        return defined.isEmpty() ? builtIn : defined;
    }
}
