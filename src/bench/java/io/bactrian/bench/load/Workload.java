package io.bactrian.bench.load;

import java.nio.file.Path;
import java.util.Map;

/**
 * One kind of request to one model.
 *
 * @param name as the tables say it
 * @param modelDirectory for {@code BACTRIAN_MODEL_DIR}
 * @param model the SavedModel itself, a version's folder
 * @param environment further settings of the server
 * @param path that the request goes to
 * @param call the request
 * @param contentType of the request
 * @param sample what the model is fed with when it runs alone: a text, or nothing for numbers
 * @param image the encoded image in the request, or null
 * @param script the Python script that does the same, or null
 */
record Workload(
        String name,
        Path modelDirectory,
        Path model,
        Map<String, String> environment,
        String path,
        Call call,
        String contentType,
        String sample,
        Path image,
        String script) {}
