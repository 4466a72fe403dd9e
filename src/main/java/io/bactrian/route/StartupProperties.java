package io.bactrian.route;

import org.apache.camel.CamelContext;
import org.apache.camel.component.properties.PropertiesComponent;

/**
 * Camel's property placeholders, resolved in what the route files say and, once their routes are
 * started, in nothing else: Camel resolves them in each endpoint that a route names by an
 * expression, such as {@code toD}, so that a request could read the process's environment.
 */
final class StartupProperties extends PropertiesComponent {

    private volatile boolean sealed;

    /** Leaves placeholders as they are from now on, in a context whose routes are started. */
    static void seal(CamelContext context) {
        if (context.getPropertiesComponent() instanceof StartupProperties properties) {
            properties.sealed = true;
        }
    }

    @Override
    public String parseUri(String uri) {
        return sealed ? uri : super.parseUri(uri);
    }

    @Override
    public String parseUri(String uri, boolean keepUnresolvedOptional) {
        return sealed ? uri : super.parseUri(uri, keepUnresolvedOptional);
    }
}
