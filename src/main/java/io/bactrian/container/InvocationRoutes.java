package io.bactrian.container;

import org.apache.camel.builder.RouteBuilder;

/** The container's fixed contract: where predictions are posted to. */
final class InvocationRoutes extends RouteBuilder {

    private final InvocationProcessor invocation;

    InvocationRoutes(InvocationProcessor invocation) {
        this.invocation = invocation;
    }

    @Override
    public void configure() {
        errorHandler(noErrorHandler());
        from("platform-http:" + RequestTarget.INVOCATIONS + "?httpMethodRestrict=POST")
                .routeId("bactrian.invocations")
                .process(invocation);
        from("platform-http:/models/{model}/invoke?httpMethodRestrict=POST")
                .routeId("bactrian.models-invoke")
                .process(invocation);
    }
}
