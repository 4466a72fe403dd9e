package io.bactrian.container.http;

import java.util.Set;
import org.apache.camel.builder.RouteBuilder;

/** The Camel routes of the HTTP endpoints for predictions. */
public final class InvocationRoutes extends RouteBuilder {

    static final String INVOCATIONS = "/invocations";
    static final String MODEL_INVOKE = "/models/{model}/invoke";
    static final String TENSORFLOW_SERVING = "/v1/models";
    static final String OPEN_INFERENCE = "/v2/models";
    static final Set<String> PATHS =
            Set.of(INVOCATIONS, MODEL_INVOKE, TENSORFLOW_SERVING, OPEN_INFERENCE);

    @Override
    public void configure() {
        errorHandler(noErrorHandler());
        from("platform-http:" + INVOCATIONS + "?httpMethodRestrict=POST")
                .routeId("bactrian.invocations")
                .process(new InvocationProcessor());
        from("platform-http:" + MODEL_INVOKE + "?httpMethodRestrict=POST")
                .routeId("bactrian.models-invoke")
                .process(new InvocationProcessor());
        from("platform-http:"
                        + TENSORFLOW_SERVING
                        + "?httpMethodRestrict=POST&matchOnUriPrefix=true")
                .routeId("bactrian.tensorflow-serving")
                .process(new InvocationProcessor());
        from("platform-http:" + OPEN_INFERENCE + "?httpMethodRestrict=POST&matchOnUriPrefix=true")
                .routeId("bactrian.open-inference")
                .process(new InvocationProcessor());
    }
}
