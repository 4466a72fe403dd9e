package io.bactrian.bench.load;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A request, ready to be written to a connection.
 *
 * @param bytes head and body, in direct memory
 * @param expected the body of the right answer; null to take any
 */
record Call(ByteBuffer bytes, byte[] expected) {

    private static final int TIMEOUT_MILLIS = 60_000;

    static Call get(String path) {
        return of("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n", new byte[0]);
    }

    static Call post(String path, String contentType, byte[] body) {
        return post(path, contentType, "Accept: application/json\r\n", body);
    }

    /**
     * @param headers further ones, each with the line break after it
     */
    static Call post(String path, String contentType, String headers, byte[] body) {
        return of(
                "POST "
                        + path
                        + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                        + contentType
                        + "\r\n"
                        + headers
                        + "Content-Length: "
                        + body.length
                        + "\r\n\r\n",
                body);
    }

    private static Call of(String head, byte[] body) {
        byte[] first = head.getBytes(StandardCharsets.ISO_8859_1);
        ByteBuffer bytes = ByteBuffer.allocateDirect(first.length + body.length);
        return new Call(bytes.put(first).put(body).flip(), null);
    }

    Call expecting(byte[] answer) {
        return new Call(bytes, answer);
    }

    /** An answer. */
    record Answer(int status, byte[] body) {}

    /** Asks once, on a connection of its own. */
    Answer ask(int port) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            byte[] request = new byte[bytes.remaining()];
            bytes.duplicate().get(request);
            OutputStream out = socket.getOutputStream();
            out.write(request);
            out.flush();
            return read(socket.getInputStream());
        }
    }

    private static Answer read(InputStream in) throws IOException {
        Reply reply = new Reply();
        reply.clear();
        byte[] buffer = new byte[8192];
        while (true) {
            int count = in.read(buffer);
            if (count > 0) {
                reply.append(ByteBuffer.wrap(buffer, 0, count));
            }
            if (reply.complete(count < 0)) {
                return new Answer(reply.status(), reply.body());
            }
            if (count < 0) {
                throw new IOException("the connection ended within the answer");
            }
        }
    }

    /** The request as bytes, for other tools. */
    byte[] body() {
        byte[] all = new byte[bytes.remaining()];
        bytes.duplicate().get(all);
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (int i = 3; i < all.length; i++) {
            if (all[i - 3] == '\r' && all[i - 2] == '\n' && all[i - 1] == '\r' && all[i] == '\n') {
                body.write(all, i + 1, all.length - i - 1);
                break;
            }
        }
        return body.toByteArray();
    }
}
