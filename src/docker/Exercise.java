import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Waits until a server is ready and sends it requests.
 *
 * <pre>java Exercise.java URL [PIPELINE CONTENT_TYPE FILE]...</pre>
 *
 * <p>Each answer is printed; it exits with 1 if the server isn't ready within two minutes or an
 * answer's status isn't 200. One file on the JDK alone, since it runs in images that have neither
 * curl nor our jars.
 */
public final class Exercise {

    private static final Duration READY = Duration.ofMinutes(2);
    private static final long POLL_MILLIS = 100;

    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private Exercise() {}

    public static void main(String[] args) throws Exception {
        String server = args[0];
        long start = System.nanoTime();
        while (ping(server) != 200) {
            if (System.nanoTime() - start > READY.toNanos()) {
                System.out.println("GET /ping: not ready after " + READY);
                System.exit(1);
            }
            Thread.sleep(POLL_MILLIS);
        }
        System.out.println("GET /ping: 200");
        for (int i = 1; i < args.length; i += 3) {
            HttpResponse<String> answer =
                    CLIENT.send(
                            HttpRequest.newBuilder(
                                            URI.create(server + "/models/" + args[i] + "/invoke"))
                                    .header("Content-Type", args[i + 1])
                                    .POST(BodyPublishers.ofFile(Path.of(args[i + 2])))
                                    .build(),
                            BodyHandlers.ofString());
            System.out.println(
                    args[i] + ": " + answer.statusCode() + " " + answer.body().strip());
            if (answer.statusCode() != 200) {
                System.exit(1);
            }
        }
    }

    private static int ping(String server) throws InterruptedException {
        try {
            return CLIENT.send(
                            HttpRequest.newBuilder(URI.create(server + "/ping")).build(),
                            BodyHandlers.discarding())
                    .statusCode();
        } catch (java.io.IOException e) {
            return 0;
        }
    }
}
