package io.bactrian.container.http;

import io.bactrian.inference.InferencePath;
import io.bactrian.tfserving.ModelPath;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.VertxException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Set;
import java.util.TreeSet;

/** The routing table: the server's paths and methods, and their handlers. */
final class Endpoints {

    private static final int BAD_REQUEST = 400;
    private static final int NOT_FOUND = 404;
    private static final int INTERNAL_ERROR = 500;

    private Endpoints() {}

    /** {@return the router of all endpoints} */
    static Router router(
            Vertx vertx,
            PingHandler ping,
            InvocationHandler invocations,
            ModelHandler models,
            InferenceHandler inference) {
        Router router = Router.router(vertx);
        // Regular expressions, since plain paths would also match with a trailing slash.
        add(router, "/ping", ping, HttpMethod.GET, HttpMethod.HEAD);
        add(router, InvocationRoutes.INVOCATIONS, invocations, HttpMethod.POST);
        add(router, "/models/[^/]+/invoke", invocations, HttpMethod.POST);
        addInference(router, inference);
        add(
                router,
                ModelPath.ROOT + ".*",
                context -> {
                    if (context.request().method().equals(HttpMethod.POST)) {
                        models.handle(context);
                    } else {
                        models.describe(context);
                    }
                },
                HttpMethod.GET,
                HttpMethod.HEAD,
                HttpMethod.POST);
        router.errorHandler(
                NOT_FOUND,
                context ->
                        HttpAnswers.refuse(
                                context.request(),
                                NOT_FOUND,
                                "nothing is here: there are GET /ping, POST /invocations, POST"
                                        + " /models/<name>/invoke, /v1/models/<name> with"
                                        + " :predict, :classify, :regress and /metadata, GET"
                                        + " /v2, and /v2/models/<name> with /infer and"
                                        + " /ready"));
        router.errorHandler(BAD_REQUEST, Endpoints::badRequest);
        router.errorHandler(
                INTERNAL_ERROR,
                context ->
                        HttpAnswers.refuse(
                                context.request(),
                                invocations.services().errors().of(context.failure())));
        return router;
    }

    private static void addInference(Router router, InferenceHandler inference) {
        String root = InferencePath.ROOT;
        add(router, root, inference::server, HttpMethod.GET, HttpMethod.HEAD);
        add(router, root + "/health/live", inference::live, HttpMethod.GET, HttpMethod.HEAD);
        add(router, root + "/health/ready", inference::ready, HttpMethod.GET, HttpMethod.HEAD);
        String model = InferencePath.MODEL;
        add(router, model + "(?:/ready)?", inference::describe, HttpMethod.GET, HttpMethod.HEAD);
        add(router, model + "/infer", inference, HttpMethod.POST);
    }

    private static void badRequest(RoutingContext context) {
        // From Vert.x: the Host header is missing or malformed.
        String message =
                context.failure() instanceof VertxException failure
                        ? failure.getMessage()
                        : "not a well-formed request";
        HttpAnswers.refuse(context.request(), BAD_REQUEST, String.valueOf(message));
    }

    private static void add(
            Router router, String path, Handler<RoutingContext> handler, HttpMethod... methods) {
        Set<HttpMethod> methodSet = Set.of(methods);
        Set<String> names = new TreeSet<>();
        methodSet.forEach(method -> names.add(method.name()));
        String allowed = String.join(", ", names);
        router.routeWithRegex(path)
                .handler(
                        context -> {
                            HttpMethod method = context.request().method();
                            if (methodSet.contains(method)) {
                                handler.handle(context);
                            } else {
                                refuseMethod(context, method, allowed);
                            }
                        });
    }

    private static void refuseMethod(RoutingContext context, HttpMethod method, String allowed) {
        context.response().putHeader(HttpHeaders.ALLOW, allowed);
        if (method.equals(HttpMethod.OPTIONS)) {
            context.response().setStatusCode(204).end();
        } else {
            HttpAnswers.refuse(context.request(), 405, "this path takes " + allowed);
        }
    }
}
