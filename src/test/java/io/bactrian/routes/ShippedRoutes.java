package io.bactrian.routes;

import java.nio.file.Path;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;

/** The pipelines of the project's own {@code routes} folder, loaded as shipped. */
final class ShippedRoutes {

    private ShippedRoutes() {}

    /** Adds the pipeline, and {@code direct:<name>}, which calls it and sends on to mock:answer. */
    static void add(CamelContext context, String name) throws Exception {
        Path file = Path.of("routes", name + ".camel.yaml").toAbsolutePath();
        PluginHelper.getRoutesLoader(context)
                .loadRoutes(ResourceHelper.resolveMandatoryResource(context, "file:" + file));
        context.addRoutes(
                new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("direct:" + name).to("pipeline:" + name).to("mock:answer");
                    }
                });
    }
}
