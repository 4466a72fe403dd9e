package io.bactrian.fuzz.http;

import java.util.List;
import java.util.Map;

/**
 * A request that the server understands, to be mutated.
 *
 * @param name for findings
 * @param method such as POST
 * @param path from the slash on
 * @param headers in order, without those that frame the body
 * @param body may be empty
 * @param kind of the body, which says how it is mutated
 */
record SeedRequest(
        String name,
        String method,
        String path,
        List<Map.Entry<String, String>> headers,
        byte[] body,
        BodyKind kind) {}
