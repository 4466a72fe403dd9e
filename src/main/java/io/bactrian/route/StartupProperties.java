package io.bactrian.route;

import org.apache.camel.CamelContext;
import org.apache.camel.component.properties.PropertiesComponent;

/**
 * Property placeholders that are resolved in route files only. Once routes are started, resolution
 * is disabled: Camel also resolves placeholders in endpoint URIs that a route computes, as for
 * {@code toD}, which would let a request read the process's environment.
 */
final class StartupProperties extends PropertiesComponent {

    private volatile boolean sealed;

    /** Disables the resolution of placeholders in a context whose routes are started. */
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
