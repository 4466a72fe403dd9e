package io.bactrian.route;

import java.util.List;
import java.util.Map;

/**
 * What came of loading the pipelines.
 *
 * @param written the pipelines that route files define, broken ones included
 * @param builtIn the models for which no pipeline of their name is written, broken ones included
 * @param broken why a pipeline or model can't be served, by the name that requests give
 * @param leftOut why pipelines are not served that nobody misses, by pipeline
 * @param faults everything that is wrong, each in a sentence
 * @param warnings what looks like a mistake, each with its cure
 * @param scopes where the routes are that somebody wrote
 */
public record LoadedPipelines(
        List<String> written,
        List<String> builtIn,
        Map<String, String> broken,
        Map<String, String> leftOut,
        List<String> faults,
        List<String> warnings,
        List<RouteScope> scopes) {

    /** {@return the pipelines that requests may mean which name none} */
    List<String> candidates() {
        return written.isEmpty() ? builtIn : written;
    }
}
