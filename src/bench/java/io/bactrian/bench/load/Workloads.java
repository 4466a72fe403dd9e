package io.bactrian.bench.load;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/** The kinds of request that are measured, with models from the project, beside it, or made. */
final class Workloads {

    private static final Path EXAMPLES = Path.of("src/examples");
    private static final String JSON = "application/json";
    private static final String BYTES = "application/octet-stream";
    private static final String IMAGE = "image-classification";
    private static final String TEXT = "text-classification";
    private static final String DETECTION = "object-detection";
    private static final int SIDE = 224;

    private final Settings settings;

    Workloads(Settings settings) {
        this.settings = settings;
    }

    /** {@return the workload, or null if there is no such one on this machine} */
    Workload of(String name) throws IOException, InterruptedException {
        return switch (name) {
            case "half" -> half();
            case "image" -> image();
            case "keras-image" -> kerasImage();
            case "small-image" ->
                    image(
                            "small-image",
                            example(IMAGE),
                            EXAMPLES.resolve("cases/image-classification/three.request.jpg"),
                            "inference_image");
            case "text" -> text();
            case "detection" ->
                    json(
                            "detection",
                            example(DETECTION),
                            Files.readAllBytes(
                                    EXAMPLES.resolve("cases/object-detection/scene.request.json")));
            case "detection-224" -> detection224();
            default -> throw new IllegalArgumentException("no scenario " + name);
        };
    }

    private Workload half() throws IOException {
        Path fixture = settings.fixtures().resolve("half-plus-two/1");
        Path models = settings.work().resolve("models/half");
        Path model = models.resolve("half-plus-two/1");
        if (!Files.exists(model)) {
            if (Files.exists(fixture)) {
                copy(fixture, model);
            } else {
                Files.createDirectories(model.getParent());
                BenchModels.halfPlusTwo(model);
            }
        }
        String row = Files.exists(fixture) ? "[[1.0],[2.0],[5.0]]" : "[1.0,2.0,5.0]";
        byte[] body = ("{\"instances\":" + row + "}").getBytes(StandardCharsets.UTF_8);
        return new Workload(
                "half-plus-two",
                models,
                model,
                Map.of(),
                "/invocations",
                Call.post("/invocations", JSON, body),
                JSON,
                "",
                null,
                null);
    }

    private Workload image() throws IOException {
        Path fixture = settings.fixtures().resolve("imagenet-mobilenet-v2/1");
        Path photograph = settings.fixtures().resolve("images/plain/chelsea.jpg");
        if (!Files.exists(fixture)) {
            return null;
        }
        Path model = settings.work().resolve("models/image").resolve(IMAGE).resolve("1");
        if (!Files.exists(model)) {
            copy(fixture, model);
        }
        return image("image", model, photograph, null);
    }

    /** MobileNetV2 as Keras writes it, with variables and batch normalization. */
    private Workload kerasImage() throws IOException, InterruptedException {
        Path model = settings.work().resolve("models/keras-image").resolve(IMAGE).resolve("1");
        if (!Files.exists(model)) {
            if (settings.python().isEmpty()) {
                return null;
            }
            Files.createDirectories(model.getParent());
            int exit =
                    new ProcessBuilder(
                                    settings.python(),
                                    "src/bench/python/make_mobilenet.py",
                                    "--out",
                                    model.toString())
                            .inheritIO()
                            .start()
                            .waitFor();
            if (exit != 0) {
                throw new IOException("make_mobilenet.py ended with " + exit);
            }
        }
        Path photograph = settings.fixtures().resolve("images/plain/chelsea.jpg");
        return image(
                "keras-image",
                model,
                Files.exists(photograph)
                        ? photograph
                        : Path.of("src/test/resources/oracle/jpeg-large.jpg"),
                "inference_image");
    }

    private Workload text() throws IOException {
        return new Workload(
                "text",
                example(TEXT).getParent().getParent(),
                example(TEXT),
                Map.of(),
                "/invocations",
                Call.post(
                        "/invocations",
                        JSON,
                        Files.readAllBytes(
                                EXAMPLES.resolve("cases/text-classification/spam.request.json"))),
                JSON,
                "urgent! you have won a prize. call now to claim",
                null,
                "inference_text");
    }

    private Workload detection224() throws IOException {
        Path model = settings.work().resolve("models/detection-224").resolve(DETECTION);
        model = model.resolve("1");
        if (!Files.exists(model)) {
            Files.createDirectories(model.getParent());
            BenchModels.detection224(model);
        }
        Random random = new Random(1);
        StringBuilder body = new StringBuilder("{\"image_data\": [");
        for (int row = 0; row < SIDE; row++) {
            body.append(row == 0 ? "[" : ", [");
            for (int column = 0; column < SIDE; column++) {
                body.append(column == 0 ? "[" : ", [");
                for (int channel = 0; channel < 3; channel++) {
                    // Pixels over 255, as numpy's tolist() and json.dumps write float32 values.
                    double value = (float) (random.nextInt(256) / 255.0);
                    body.append(channel == 0 ? "" : ", ").append(value);
                }
                body.append(']');
            }
            body.append(']');
        }
        body.append("]}");
        return json("detection-224", model, body.toString().getBytes(StandardCharsets.UTF_8));
    }

    private Workload json(String name, Path model, byte[] body) {
        return new Workload(
                name,
                model.getParent().getParent(),
                model,
                Map.of(),
                "/invocations",
                Call.post("/invocations", JSON, body),
                JSON,
                "",
                null,
                "inference_detection");
    }

    private Workload image(String name, Path model, Path file, String script) throws IOException {
        return new Workload(
                name,
                model.getParent().getParent(),
                model,
                Map.of("BACTRIAN_PIPELINE", IMAGE),
                "/invocations",
                Call.post("/invocations", BYTES, Files.readAllBytes(file)),
                BYTES,
                "",
                file,
                script);
    }

    /** One of the bundled models, in a folder where it is alone. */
    private Path example(String name) throws IOException {
        Path folder = settings.work().resolve("models/" + name.toLowerCase(Locale.ROOT));
        Path model = folder.resolve(name).resolve("1");
        if (!Files.exists(model)) {
            copy(EXAMPLES.resolve("models").resolve(name).resolve("1"), model);
        }
        return model;
    }

    private static void copy(Path from, Path to) throws IOException {
        List<Path> files;
        try (Stream<Path> tree = Files.walk(from)) {
            files = tree.toList();
        }
        for (Path file : files) {
            Path target = to.resolve(from.relativize(file).toString());
            if (Files.isDirectory(file)) {
                Files.createDirectories(target);
            } else {
                // A copy of its own: the fixtures can't be written.
                Files.write(target, Files.readAllBytes(file));
            }
        }
    }
}
