package io.bactrian.fuzz.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The requests that mutations start from, and the models and routes that answer them. */
final class SeedCorpus {

    private static final long MAX_BODY = 400_000;

    private static final String JSON = "application/json";
    private static final String NPY = "application/x-npy";

    private static final Path EXAMPLES = Path.of("src/examples/models");
    private static final Path REQUESTS = Path.of("src/examples/cases");
    private static final Path ROUTES = Path.of("src/fuzz/routes");
    private static final List<Path> IMAGES =
            List.of(REQUESTS.resolve("image-classification"), Path.of("src/test/resources/oracle"));

    /** Of the fixtures, those whose every run ends soon. */
    private static final List<String> FIXTURE_MODELS =
            List.of(
                    "half-plus-two",
                    "half-plus-three",
                    "sms-spam",
                    "imagenet-mobilenet-v1-025-128",
                    "model-kinds/file-reader",
                    "model-kinds/gunzip",
                    "model-kinds/resettable",
                    "model-kinds/rows-sorted",
                    "model-kinds/rows-min-max",
                    "model-kinds/rows-free-lstm",
                    "model-kinds/keras3-saved");

    private static final List<String> FIXTURE_IMAGES =
            List.of("images/plain", "images/odd", "hostile");

    private final Path fixtures;
    private final List<SeedRequest> seeds = new ArrayList<>();

    SeedCorpus(Path fixtures) {
        this.fixtures = fixtures;
    }

    /**
     * Makes a folder of models: the examples under their own names, again under names that no
     * pipeline has, so that they are asked in TensorFlow Serving's JSON, and those of the fixtures.
     */
    void linkModels(Path directory) throws IOException {
        Files.createDirectories(directory);
        try (Stream<Path> earlier = Files.list(directory)) {
            for (Path link : earlier.toList()) {
                Files.delete(link);
            }
        }
        try (Stream<Path> examples = Files.list(EXAMPLES)) {
            for (Path example : examples.toList()) {
                String name = example.getFileName().toString();
                link(directory.resolve(name), example);
                link(directory.resolve("predict-" + name), example);
            }
        }
        for (String model : FIXTURE_MODELS) {
            Path source = fixtures.resolve(model);
            if (Files.isDirectory(source)) {
                link(directory.resolve(source.getFileName()), source);
            }
        }
    }

    private static void link(Path link, Path target) throws IOException {
        Files.createSymbolicLink(link, target.toAbsolutePath().normalize());
    }

    /** Makes a folder of routes: those shipped, and those of the fuzzer's. */
    void copyRoutes(Path directory) throws IOException {
        Files.createDirectories(directory);
        for (Path source : List.of(Path.of("routes"), ROUTES)) {
            try (Stream<Path> files = Files.list(source)) {
                for (Path file : files.toList()) {
                    Files.write(directory.resolve(file.getFileName()), Files.readAllBytes(file));
                }
            }
        }
    }

    List<SeedRequest> seeds() throws IOException {
        seeds.clear();
        seeds.add(new SeedRequest("ping", "GET", "/ping", List.of(), new byte[0], BodyKind.TEXT));
        examples();
        predict();
        arrays();
        for (Path folder : IMAGES) {
            images(folder);
        }
        for (String folder : FIXTURE_IMAGES) {
            images(fixtures.resolve(folder));
        }
        return List.copyOf(seeds);
    }

    private void examples() throws IOException {
        for (String text : List.of("spam", "ham")) {
            byte[] body =
                    Files.readAllBytes(
                            REQUESTS.resolve("text-classification")
                                    .resolve(text + ".request.json"));
            json("text-classification", body);
            json("text-classification", body);
            json("texts", body);
        }
        json(
                "object-detection",
                Files.readAllBytes(REQUESTS.resolve("object-detection/scene.request.json")));
        json("text-classification", "{\"text\": \"caf\u00e9 \\ud83d\\ude00 \\\"x\\\"\"}");
        json("texts", "\"a text\"");
        seeds.add(
                RequestMutator.post(
                        "plain-text",
                        "/models/plain-text/invoke",
                        "text/plain; charset=iso-8859-1",
                        "un caf\u00e9, s'il vous pla\u00eet".getBytes(StandardCharsets.ISO_8859_1),
                        BodyKind.TEXT));
    }

    private void predict() {
        String texts = "predict-text-classification";
        json(texts, "{\"instances\": [\"a prize\", \"a friend\"]}");
        json(texts, "{\"instances\": [{\"text\": \"a prize\"}, {\"text\": {\"b64\": \"YQ==\"}}]}");
        json(texts, "{\"inputs\": [\"a prize\"], \"signature_name\": \"serve\"}");
        json(texts, "{\"inputs\": {\"text\": [\"a\", \"b\", \"c\"]}}");
        for (String model : List.of("half-plus-two", "half-plus-three", "resettable")) {
            json(model, "{\"instances\": [1.0, 2.5e0, -3]}");
            json(model, "{\"inputs\": {\"x\": [[1.0], [2]]}}");
        }
        String row = "[" + "0.5, ".repeat(7) + "1]";
        json("rows-sorted", "{\"instances\": [{\"document\": \"a\", \"features\": " + row + "}]}");
        String line = "[" + "0.5, ".repeat(27) + "1]";
        json("rows-min-max", "{\"instances\": [[" + (line + ",").repeat(27) + line + "]]}");
        json("rows-free-lstm", "{\"instances\": [[1, 2, 3], [4, 5, 6]]}");
        json("sms-spam", "{\"instances\": [\"a prize\"]}");
        String five = "[1.0, 2.0, 3.0, 4.0, 5.0]";
        json(
                "keras3-saved",
                "{\"inputs\": {\"inputs\": [%s], \"inputs_1\": [%s]}}".formatted(five, five));
        json("gunzip", "{\"instances\": [{\"b64\": \"H4sIAAAAAAAA/8tIzcnJBwCGphA2BQAAAA==\"}]}");
        json("file-reader", "{\"instances\": [\"/tmp/nothing\"]}");
        npy("half-plus-two", npy("<f4", "(3,)", floats(3)));
        npy("half-plus-two", npy("<f8", "(1, 1)", new byte[8]));
        npy("half-plus-two", npy("<i8", "()", new byte[8]));
        npy("half-plus-two", npy("|b1", "(2,)", new byte[2]));
        npy("predict-object-detection", npy("<f4", "(1, 64, 64, 1)", floats(4096)));
        npy("predict-object-detection", npy(">f2", "(1, 64, 64, 1)", new byte[8192]));
        npy("predict-text-classification", npy("|S4", "(2,)", new byte[8]));
        npy("predict-text-classification", npy("<U4", "(1,)", new byte[16]));
    }

    private void arrays() {
        for (String pipeline : List.of("array-int", "array-half", "array-text", "array-bool")) {
            json(pipeline, "{\"data\": [[1, 2], [3, 4]]}");
            json(pipeline, "{\"data\": [true, false]}");
            json(pipeline, "{\"data\": [\"a\", \"\\u00e9\"]}");
        }
    }

    private void images(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.sorted().toList()) {
                String name = file.getFileName().toString();
                boolean answer = name.contains("expected") || name.matches(".*\\.(md|json|csv)");
                if (answer || !Files.isRegularFile(file) || Files.size(file) > MAX_BODY) {
                    continue;
                }
                byte[] body = Files.readAllBytes(file);
                image("image-classification", name, body);
                image(seeds.size() % 2 == 0 ? "image-upright" : "image-gray", name, body);
            }
        }
    }

    private void json(String pipeline, String body) {
        json(pipeline, body.getBytes(StandardCharsets.UTF_8));
    }

    private void json(String pipeline, byte[] body) {
        seeds.add(
                RequestMutator.post(
                        pipeline, "/models/" + pipeline + "/invoke", JSON, body, BodyKind.JSON));
    }

    private void npy(String pipeline, byte[] body) {
        seeds.add(
                RequestMutator.post(
                        pipeline + " npy",
                        "/models/" + pipeline + "/invoke",
                        NPY,
                        body,
                        BodyKind.BINARY));
    }

    private void image(String pipeline, String name, byte[] body) {
        seeds.add(
                RequestMutator.post(
                        pipeline + " " + name,
                        "/models/" + pipeline + "/invoke",
                        "application/octet-stream",
                        body,
                        BodyKind.BINARY));
    }

    private static byte[] npy(String type, String shape, byte[] data) {
        String header =
                "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }";
        header += " ".repeat(63 - (header.length() + 10) % 64) + "\n";
        ByteArrayOutputStream npy = new ByteArrayOutputStream();
        npy.writeBytes(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
        npy.write(header.length() & 0xff);
        npy.write(header.length() >>> 8);
        npy.writeBytes(header.getBytes(StandardCharsets.US_ASCII));
        npy.writeBytes(data);
        return npy.toByteArray();
    }

    private static byte[] floats(int count) {
        ByteBuffer floats = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            floats.putFloat(i / 7f);
        }
        return floats.array();
    }
}
