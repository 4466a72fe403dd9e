package io.bactrian.fuzz.http;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** A connection that sends any bytes and reads responses, each within a deadline. */
final class RawConnection implements AutoCloseable {

    private static final int MAX_LINE = 65_536;
    private static final int MAX_BODY = 256 * 1024 * 1024;

    private final Socket socket;
    private final InputStream in;
    private final Duration deadline;

    RawConnection(int port, Duration deadline) throws IOException {
        this.deadline = deadline;
        socket = new Socket();
        socket.setTcpNoDelay(true);
        socket.connect(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                (int) deadline.toMillis());
        in = new BufferedInputStream(socket.getInputStream());
    }

    void send(byte[] request) throws IOException {
        socket.getOutputStream().write(request);
        socket.getOutputStream().flush();
    }

    /** Says that nothing more will be sent, so that the server need not wait for it. */
    void endOfRequests() throws IOException {
        socket.shutdownOutput();
    }

    /**
     * Reads a final response; interim ones, such as 100, are skipped.
     *
     * @param bodiless whether the request was a HEAD, whose response has no body
     * @return null if the server closed the connection before one began
     * @throws SocketTimeoutException if it is not complete within the deadline
     * @throws MalformedResponseException if what came is no HTTP
     */
    RawResponse read(boolean bodiless) throws IOException {
        long end = System.nanoTime() + deadline.toNanos();
        while (true) {
            String statusLine = line(end, true);
            if (statusLine == null) {
                return null;
            }
            int status = status(statusLine);
            Map<String, String> headers = headers(end);
            if (status >= 200 || status == 101) {
                return new RawResponse(status, headers, body(status, headers, bodiless, end));
            }
        }
    }

    private static int status(String line) throws IOException {
        if (!line.matches("HTTP/1\\.[01] [1-9]\\d\\d( .*)?")) {
            throw new MalformedResponseException("not a status line: " + line);
        }
        return Integer.parseInt(line.substring(9, 12));
    }

    private Map<String, String> headers(long end) throws IOException {
        Map<String, String> headers = new HashMap<>();
        for (String line = line(end, false); !line.isEmpty(); line = line(end, false)) {
            int colon = line.indexOf(':');
            if (colon < 1) {
                throw new MalformedResponseException("not a header: " + line);
            }
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).trim());
        }
        return headers;
    }

    private byte[] body(int status, Map<String, String> headers, boolean bodiless, long end)
            throws IOException {
        if (bodiless || status == 204 || status == 304 || status == 101) {
            return new byte[0];
        }
        if ("chunked".equalsIgnoreCase(headers.get("transfer-encoding"))) {
            return chunks(end);
        }
        String length = headers.get("content-length");
        if (length == null) {
            throw new MalformedResponseException("a response of unknown length");
        }
        return exactly(Integer.parseInt(length), end);
    }

    private byte[] chunks(long end) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        while (true) {
            int size = Integer.parseInt(line(end, false).replaceFirst(";.*", "").trim(), 16);
            all.writeBytes(exactly(size, end));
            if (size == 0) {
                headers(end);
                return all.toByteArray();
            }
            line(end, false);
        }
    }

    private byte[] exactly(int length, long end) throws IOException {
        if (length > MAX_BODY) {
            throw new MalformedResponseException("a response of " + length + " bytes");
        }
        byte[] bytes = new byte[length];
        int read = 0;
        while (read < length) {
            await(end);
            int more = in.read(bytes, read, length - read);
            if (more < 0) {
                throw new MalformedResponseException("the response ends within its body");
            }
            read += more;
        }
        return bytes;
    }

    /** {@return a line without its end; null at the end of the stream, if that is allowed} */
    private String line(long end, boolean mayEnd) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (line.size() < MAX_LINE) {
            await(end);
            int next = in.read();
            if (next < 0) {
                if (mayEnd && line.size() == 0) {
                    return null;
                }
                throw new EOFException("the response ends within its head");
            }
            if (next == '\n') {
                return line.toString(StandardCharsets.ISO_8859_1).replaceFirst("\r$", "");
            }
            line.write(next);
        }
        throw new MalformedResponseException("a line without end");
    }

    private void await(long end) throws IOException {
        if (in.available() > 0) {
            return;
        }
        long left = (end - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
            throw new SocketTimeoutException("no complete response within " + deadline);
        }
        socket.setSoTimeout((int) Math.min(left, Integer.MAX_VALUE));
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            // There is nothing left to release.
        }
    }
}
