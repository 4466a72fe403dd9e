package io.bactrian.fuzz.http;

import java.nio.charset.StandardCharsets;

/** What must hold for a response to any request, however broken. */
final class ResponseCheck {

    private ResponseCheck() {}

    /** {@return what is wrong with the response; null if nothing is} */
    static String problem(MutatedRequest request, RawResponse response) {
        int status = response.status();
        if (status == 500) {
            return "status 500";
        }
        if (status > 500 && status != 503 && status != 504 && status != 507 && status != 505) {
            return "status " + status;
        }
        String body = new String(response.body(), StandardCharsets.UTF_8);
        if (body.contains("\tat ") || body.contains("io.bactrian.") || body.contains("java.lang")) {
            return "an answer with Java's innards";
        }
        if (status >= 400 && !request.head() && !body.startsWith("{\"error\":")) {
            return "an error of another form";
        }
        return null;
    }
}
