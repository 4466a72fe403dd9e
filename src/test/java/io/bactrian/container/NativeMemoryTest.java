package io.bactrian.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.tensor.NamedTensors;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The native memory of tensors is freed, whether requests succeed or fail, by our own count of open
 * tensors and by JavaCPP's count of native objects.
 */
class NativeMemoryTest {

    private static final int REQUESTS = 10_000;
    private static final Path REQUEST_FILES = Path.of("src", "examples", "cases");

    @RegisterExtension final TestServer server = TestServer.notStarted();

    /** A request and its expected status. */
    private record Request(String path, String contentType, byte[] body, int status) {}

    @Test
    void tenThousandRequestsLeaveNoTensorOpen() throws Exception {
        byte[] scene =
                Files.readAllBytes(REQUEST_FILES.resolve("object-detection/scene.request.json"));
        byte[] image =
                Files.readAllBytes(REQUEST_FILES.resolve("image-classification/three.request.jpg"));
        List<Request> requests =
                List.of(
                        json("text-classification", "{\"text\": \"Hello\"}", 200),
                        json("text-classification", "{\"text\": 1}", 400),
                        json("text-classification", "{\"text\": \"again\"}", 200),
                        new Request("object-detection", "application/json", scene, 200),
                        // The model takes 64x64: fails in TensorFlow, after creating the tensor.
                        json("object-detection", "{\"image_data\": [[[1]]]}", 400),
                        json("object-detection", "{\"image_data\": [[[1], [1, 2]]]}", 400),
                        new Request("image-classification", "image/jpeg", image, 200),
                        new Request("image-classification", "image/jpeg", new byte[] {1, 2}, 400),
                        json("text-classification", "{\"text\": \"more\"}", 200));
        // Tensors of earlier tests.
        long left = NamedTensors.open();
        server.unset("BACTRIAN_ROUTES_DIR").start("BACTRIAN_MODEL_DIR", "src/examples/models");
        send(requests, 10 * requests.size());
        quiet(left);
        long pointers = Pointer.totalCount();

        send(requests, REQUESTS);

        quiet(left);
        // Pointers of earlier tests may be garbage-collected meanwhile.
        assertTrue(Pointer.totalCount() <= pointers, Pointer.totalCount() + " > " + pointers);
    }

    private static Request json(String pipeline, String body, int status) {
        return new Request(pipeline, "application/json", body.getBytes(), status);
    }

    private void send(List<Request> requests, int count) {
        IntStream.range(0, count)
                .parallel()
                .forEach(
                        i -> {
                            Request request = requests.get(i % requests.size());
                            HttpResponse<String> response =
                                    server.http()
                                            .post(
                                                    "/models/" + request.path() + "/invoke",
                                                    request.body(),
                                                    "Content-Type",
                                                    request.contentType());
                            assertEquals(request.status(), response.statusCode(), response.body());
                        });
    }

    /** Waits for exchanges, which may be done shortly after their answers have been read. */
    private void quiet(long left) {
        assertTimeoutPreemptively(
                Duration.ofSeconds(30),
                () -> {
                    while (server.container().openRequests() > 0 || NamedTensors.open() > left) {
                        Thread.onSpinWait();
                    }
                });
    }
}
