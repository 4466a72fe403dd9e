package io.bactrian.fuzz.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.StringJoiner;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;

/** Makes requests out of seeds: changes their bodies, heads and framing. */
final class RequestMutator {

    /** Zeros that a gzip body inflates to: beyond the server's limit of 25 MB. */
    private static final int BOMB_BYTES = 30_000_000;

    private static final String[] MEDIA_TYPES = {
        "application/json",
        "application/json; charset=utf-8",
        "application/json;charset=iso-8859-1",
        "application/json; charset=bogus",
        "application/json; charset=\"utf-8",
        "application/jsonlines",
        "application/x-npy",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "multipart/form-data",
        "application/octet-stream",
        "image/jpeg",
        "image/*",
        "text/plain; charset=utf-16",
        "text/csv",
        "*/*",
        "*/*;q=0",
        "text/html;q=0.5, application/json;q=0.1",
        "application/json;q=2",
        "application/json;q=-1",
        "application/json;q=",
        ",,,",
        ";",
        "/",
        "application/",
        "a/b;c=\"d\\\"e\"",
        "\"",
        "application/json, application/json"
    };

    private static final String[] PATHS = {
        "/",
        "//",
        "/ping",
        "/ping/",
        "/ping%",
        "/%70ing",
        "/invocations",
        "/invocations/",
        "/invocations?a=b&c=%zz",
        "/invocations#x",
        "/models",
        "/models/",
        "/models//invoke",
        "/models/%/invoke",
        "/models/%zz/invoke",
        "/models/%2e%2e/invoke",
        "/models/../ping",
        "/models/%2Fetc%2Fpasswd/invoke",
        "/models/%00/invoke",
        "/models/a+b/invoke",
        "/models/%c3%28/invoke",
        "/%u0041",
        "/models/text-classification/invoke/x",
        "/models/${body}/invoke",
        "/models/{{x}}/invoke",
        "http://127.0.0.1/ping",
        "http:///ping",
        "*",
        "ping",
        "/\u00e9",
        "/models/text-classification/invoke?CamelHttpPath=/x"
    };

    private static final String[] METHODS = {
        "GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "CONNECT", "post", "X", "BREW"
    };

    private static final String[] HEADERS = {
        "X-Amzn-SageMaker-Target-Model",
        "X-Amzn-SageMaker-Custom-Attributes",
        "X-Amzn-SageMaker-Inference-Id",
        "CamelHttpUri",
        "CamelFileName",
        "CamelTensorFlowSignatureName",
        "breadcrumbId",
        "Expect",
        "Upgrade",
        "Connection",
        "Cookie",
        "Range",
        "If-None-Match",
        "Content-Encoding",
        "Content-Disposition",
        "Accept-Encoding",
        "Accept-Charset",
        "Authorization",
        "Origin",
        "X-Forwarded-For",
        "Content-MD5",
        "Host",
        "Transfer-Encoding",
        "Content-Length",
        "Trailer",
        "TE"
    };

    private static final String[] VALUES = {
        "",
        "text-classification",
        "../x",
        "${body}",
        "100-continue",
        "h2c",
        "websocket",
        "keep-alive",
        "close",
        "Upgrade, HTTP2-Settings",
        "gzip",
        "chunked",
        "identity",
        "chunked, chunked",
        "0",
        "-1",
        "5",
        "99999999999999999999",
        "bytes=0-",
        "a=b; c",
        "x".repeat(5000),
        "\u00e9\u0000\u0001",
        "a\tb"
    };

    private final List<SeedRequest> seeds;

    RequestMutator(List<SeedRequest> seeds) {
        this.seeds = seeds;
    }

    /** {@return the request of that number, always the same one} */
    MutatedRequest request(long number) {
        Random random = new Random(number);
        // The first numbers of near seeds are alike.
        random.nextLong();
        return new Draft(random).request();
    }

    private final class Draft {

        private final Random random;
        private final StringJoiner description = new StringJoiner(", ");
        private boolean framed = true;

        Draft(Random random) {
            this.random = random;
        }

        MutatedRequest request() {
            SeedRequest seed = seeds.get(random.nextInt(seeds.size()));
            description.add(seed.name());
            byte[] body = oneIn(8) ? seed.body() : body(seed);
            List<String> lines = new ArrayList<>();
            seed.headers().forEach(header -> lines.add(header.getKey() + ": " + header.getValue()));
            lines.add("Host: 127.0.0.1");
            if (oneIn(6)) {
                body = encoded(body, lines);
            }
            String method = seed.method();
            String path = seed.path();
            if (oneIn(4)) {
                if (oneIn(2)) {
                    path = note("path", pick(PATHS));
                }
                if (oneIn(4)) {
                    method = note("method", pick(METHODS));
                }
                headers(lines);
            }
            return message(method, path, lines, body);
        }

        private byte[] body(SeedRequest seed) {
            if (oneIn(20)) {
                SeedRequest other = seeds.get(random.nextInt(seeds.size()));
                description.add("body of " + other.name());
                return other.body();
            }
            if (seed.kind() == BodyKind.JSON && !oneIn(3)) {
                description.add("tokens");
                return new JsonMutator(random).mutate(seed.body());
            }
            description.add("bytes");
            return new ByteMutator(random).mutate(seed.body());
        }

        private byte[] encoded(byte[] body, List<String> lines) {
            String coding = pick("gzip", "deflate", "br", "identity", "GZIP", "gzip, gzip", "x");
            lines.add("Content-Encoding: " + note("coding", coding));
            byte[] coded = body;
            if (oneIn(60)) {
                coded = gzip(new byte[note("bomb", BOMB_BYTES)]);
            } else if (coding.equalsIgnoreCase("gzip")) {
                coded = gzip(body);
            } else if (coding.equals("deflate")) {
                coded = deflate(body);
            }
            if (oneIn(3)) {
                description.add("coded bytes");
                coded = new ByteMutator(random).mutate(coded);
            }
            return coded;
        }

        private void headers(List<String> lines) {
            if (oneIn(2)) {
                replace(lines, "Content-Type", pick(MEDIA_TYPES));
            }
            if (oneIn(2)) {
                replace(lines, "Accept", pick(MEDIA_TYPES));
            }
            if (oneIn(6)) {
                lines.add(note("header", "Accept: " + pick(MEDIA_TYPES)));
            }
            if (oneIn(8)) {
                replace(lines, "Content-Type", "application/" + "x".repeat(random.nextInt(9000)));
            }
            for (int more = random.nextInt(4); more > 0; more--) {
                String name = pick(HEADERS);
                String value = pick(VALUES);
                lines.add(note("header", name + ": " + value));
                // A second length, host or coding, or a control character, is for it to refuse.
                framed &= !name.matches("(?i)transfer-encoding|content-length|host|upgrade|expect");
                framed &= value.chars().noneMatch(c -> c < ' ' && c != '\t');
            }
            if (oneIn(30)) {
                for (int i = 0; i < 200; i++) {
                    lines.add("X-Filler-" + i + ": " + i);
                }
                description.add("200 headers");
            }
        }

        private void replace(List<String> lines, String name, String value) {
            String prefix = name.toLowerCase(Locale.ROOT) + ":";
            lines.removeIf(line -> line.toLowerCase(Locale.ROOT).startsWith(prefix));
            if (!oneIn(8)) {
                lines.add(note("header", name + ": " + value));
            }
        }

        private MutatedRequest message(
                String method, String path, List<String> lines, byte[] body) {
            boolean chunked = oneIn(5);
            boolean bodiless = body.length == 0 && method.matches("GET|HEAD");
            if (chunked) {
                lines.add("Transfer-Encoding: chunked");
            } else if (!bodiless) {
                lines.add("Content-Length: " + body.length);
            }
            String version = oneIn(40) ? note("version", pick("HTTP/1.0", "HTTP/2.0", "X")) : "";
            framed &= version.isEmpty() && path.chars().allMatch(c -> c > ' ' && c < 0x7f);
            StringBuilder head = new StringBuilder();
            head.append(method).append(' ').append(path).append(' ');
            head.append(version.isEmpty() ? "HTTP/1.1" : version).append("\r\n");
            lines.forEach(line -> head.append(line).append("\r\n"));
            head.append("\r\n");
            byte[] headBytes = head.toString().getBytes(StandardCharsets.UTF_8);
            if (oneIn(12)) {
                description.add("bytes of the head");
                framed = false;
                headBytes = new ByteMutator(random).mutate(headBytes);
            }
            byte[] framedBody = chunked ? chunks(body) : body;
            if (oneIn(30)) {
                description.add("truncated");
                framed = false;
                framedBody = Arrays.copyOf(framedBody, random.nextInt(framedBody.length + 1));
            }
            framed &= !method.equals("CONNECT");
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            all.writeBytes(headBytes);
            all.writeBytes(framedBody);
            return new MutatedRequest(
                    description.toString(), all.toByteArray(), framed, method.equals("HEAD"));
        }

        private byte[] chunks(byte[] body) {
            description.add("chunked");
            ByteArrayOutputStream chunks = new ByteArrayOutputStream();
            int max = 1 << random.nextInt(18);
            for (int at = 0; at < body.length; ) {
                int size = Math.min(body.length - at, 1 + random.nextInt(max));
                // Not thousands of tiny ones.
                size = Math.min(body.length - at, Math.max(size, body.length / 500));
                chunks.writeBytes(line(Integer.toHexString(size) + extension()));
                chunks.write(body, at, size);
                chunks.writeBytes(line(""));
                at += size;
            }
            chunks.writeBytes(line("0" + extension()));
            if (oneIn(6)) {
                chunks.writeBytes(line(note("trailer", pick(HEADERS) + ": " + pick(VALUES))));
                framed = false;
            }
            chunks.writeBytes(line(""));
            byte[] bytes = chunks.toByteArray();
            if (oneIn(6)) {
                description.add("chunk bytes");
                framed = false;
                bytes = new ByteMutator(random).mutate(bytes);
            }
            return bytes;
        }

        private String extension() {
            if (!oneIn(12)) {
                return "";
            }
            String extension =
                    pick(
                            ";a=b",
                            ";a",
                            ";a=\"b\"",
                            ";a=\"b\nc\"",
                            ";a=\"\r\n\"",
                            ";\n",
                            ";a=\"",
                            ";" + "x".repeat(20_000));
            framed &= extension.equals(";a=b") || extension.equals(";a");
            return note("extension", extension);
        }

        private byte[] line(String text) {
            return (text + "\r\n").getBytes(StandardCharsets.UTF_8);
        }

        private boolean oneIn(int n) {
            return random.nextInt(n) == 0;
        }

        private String pick(String... choices) {
            return choices[random.nextInt(choices.length)];
        }

        private <T> T note(String what, T value) {
            String text = String.valueOf(value);
            String start = text.substring(0, Math.min(60, text.length()));
            description.add(what + " " + start.replaceAll("\\p{Cntrl}", "?"));
            return value;
        }
    }

    private static byte[] gzip(byte[] bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static byte[] deflate(byte[] bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (DeflaterOutputStream deflate = new DeflaterOutputStream(out)) {
            deflate.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** {@return a POST with a body of that type} */
    static SeedRequest post(String name, String path, String type, byte[] body, BodyKind kind) {
        return new SeedRequest(
                name,
                "POST",
                path,
                List.of(Map.entry("Content-Type", type), Map.entry("Accept", "application/json")),
                body,
                kind);
    }
}
