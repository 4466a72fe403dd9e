package io.bactrian.bench.load;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Load from one thread with a selector, so that it takes little of the processor that it shares
 * with the server.
 *
 * <p>A closed loop sends on each connection as soon as the last answer is there: it measures
 * throughput, and a latency that a slow server makes look good by receiving less. An open loop
 * sends at a constant rate whatever the server does, and counts each latency from the time the
 * request was meant to be sent, even when no connection was free or this thread was late: nothing
 * is omitted.
 */
final class HttpLoad {

    private static final int BUFFER_BYTES = 64 * 1024;
    private static final long MILLI = 1_000_000;
    private static final long PATIENCE_NANOS = 70_000 * MILLI;

    private final InetSocketAddress address;
    private final Call[] calls;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private final ArrayDeque<Connection> free = new ArrayDeque<>();
    private final List<Connection> all = new ArrayList<>();
    private Selector selector;
    private LoadResult result;
    private long next;
    private int underWay;

    HttpLoad(int port, List<Call> calls) {
        this.address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        this.calls = calls.toArray(Call[]::new);
    }

    /** As many requests at a time as {@code connections}, each sent when the last is answered. */
    LoadResult closed(int connections, Duration duration) throws IOException {
        return run(duration, 0, connections);
    }

    /**
     * @param rate requests a second
     * @param connections at most; a new one is opened when none is free
     */
    LoadResult open(double rate, Duration duration, int connections) throws IOException {
        return run(duration, MILLI * 1000 / rate, connections);
    }

    private LoadResult run(Duration duration, double intervalNanos, int connections)
            throws IOException {
        result = new LoadResult();
        next = 0;
        underWay = 0;
        free.clear();
        all.clear();
        try (Selector opened = Selector.open()) {
            selector = opened;
            long start = System.nanoTime();
            long end = start + duration.toNanos();
            boolean closedLoop = intervalNanos == 0;
            while (true) {
                long now = System.nanoTime();
                if (now - end >= 0) {
                    break;
                }
                long due = start + (long) (next * intervalNanos);
                while (now - due >= 0 && now - end < 0) {
                    Connection connection = take(connections);
                    if (connection == null) {
                        break;
                    }
                    connection.send(calls[(int) (next % calls.length)], closedLoop ? now : due);
                    next++;
                    due = start + (long) (next * intervalNanos);
                    now = System.nanoTime();
                }
                await(closedLoop || free.isEmpty() && all.size() >= connections ? end : due, now);
            }
            if (!closedLoop) {
                result.unsent = Math.max(0, (long) Math.ceil((end - start) / intervalNanos) - next);
            }
            result.seconds = (System.nanoTime() - start) / 1e9;
            result.goodInTime = result.count(200);
            long patience = System.nanoTime() + PATIENCE_NANOS;
            while (underWay > 0 && System.nanoTime() - patience < 0) {
                await(patience, System.nanoTime());
            }
            result.unanswered = underWay;
            for (Connection connection : all) {
                connection.close();
            }
            return result;
        }
    }

    /** A free connection, a new one, or null if there may be no more. */
    private Connection take(int connections) {
        Connection connection = free.pollLast();
        if (connection == null && all.size() < connections) {
            connection = new Connection();
            all.add(connection);
        }
        return connection;
    }

    /** Works on what the connections bring, for a while that does not last beyond {@code until}. */
    private void await(long until, long now) throws IOException {
        long nanos = until - now;
        if (nanos >= MILLI) {
            selector.select(nanos / MILLI);
        } else {
            // The selector knows only milliseconds.
            if (nanos > 0 && selector.selectNow() == 0) {
                LockSupport.parkNanos(nanos);
            }
            selector.selectNow();
        }
        Iterator<SelectionKey> keys = selector.selectedKeys().iterator();
        while (keys.hasNext()) {
            SelectionKey key = keys.next();
            keys.remove();
            ((Connection) key.attachment()).ready(key);
        }
    }

    /** A connection, open or not, and its request if one is under way. */
    private final class Connection {

        private final Reply reply = new Reply();
        private SocketChannel channel;
        private SelectionKey key;
        private Call call;
        private ByteBuffer unsent;
        private long intended;
        private long sent;
        private boolean everAnswered;

        void send(Call request, long due) {
            call = request;
            unsent = request.bytes().duplicate();
            intended = due;
            sent = System.nanoTime();
            reply.clear();
            underWay++;
            try {
                if (channel == null) {
                    everAnswered = false;
                    channel = SocketChannel.open();
                    channel.configureBlocking(false);
                    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                    boolean connected = channel.connect(address);
                    key =
                            channel.register(
                                    selector,
                                    connected ? SelectionKey.OP_READ : SelectionKey.OP_CONNECT,
                                    this);
                    if (!connected) {
                        return;
                    }
                }
                write();
            } catch (IOException e) {
                failed();
            }
        }

        private void write() throws IOException {
            result.bytesSent += channel.write(unsent);
            int wanted =
                    unsent.hasRemaining()
                            ? SelectionKey.OP_READ | SelectionKey.OP_WRITE
                            : SelectionKey.OP_READ;
            if (key.interestOps() != wanted) {
                key.interestOps(wanted);
            }
        }

        void ready(SelectionKey ready) {
            try {
                if (ready.isConnectable()) {
                    if (!channel.finishConnect()) {
                        return;
                    }
                    write();
                } else {
                    if (ready.isWritable() && unsent.hasRemaining()) {
                        write();
                    }
                    if (ready.isReadable()) {
                        read();
                    }
                }
            } catch (IOException e) {
                failed();
            }
        }

        private void read() throws IOException {
            boolean ended = false;
            while (true) {
                buffer.clear();
                int count = channel.read(buffer);
                if (count < 0) {
                    ended = true;
                    break;
                }
                result.bytesReceived += count;
                reply.append(buffer.flip());
                if (count < BUFFER_BYTES) {
                    break;
                }
            }
            if (call == null) {
                // Closed by the server while nothing was asked.
                close();
            } else if (!reply.isEmpty() && reply.complete(ended)) {
                answered(ended);
            } else if (ended) {
                failed();
            }
        }

        private void answered(boolean ended) {
            long now = System.nanoTime();
            int status = reply.status();
            everAnswered = true;
            result.statuses.merge(status, 1L, Long::sum);
            if (status == 200) {
                LoadResult.record(result.answered, now - intended);
                if (call.expected() != null && !reply.bodyIs(call.expected())) {
                    result.wrong++;
                }
            } else {
                LoadResult.record(result.refused, now - intended);
                LoadResult.record(result.refusedSinceSent, now - sent);
            }
            if (ended || reply.closing() || unsent.hasRemaining()) {
                close();
            }
            release();
        }

        private void failed() {
            if (call != null) {
                if (channel == null || !channel.isConnected()) {
                    result.notConnected++;
                    // A server that is gone refuses at once: don't ask a million times a second.
                    LockSupport.parkNanos(MILLI);
                } else if (reply.isEmpty() && !everAnswered) {
                    result.notAccepted++;
                } else if (reply.isEmpty()) {
                    result.lost++;
                } else {
                    result.cutShort++;
                }
                close();
                release();
            } else {
                close();
            }
        }

        private void release() {
            call = null;
            underWay--;
            free.addLast(this);
        }

        void close() {
            if (channel != null) {
                try {
                    channel.close();
                } catch (IOException e) {
                    // It is of no more use anyway.
                }
                channel = null;
            }
        }
    }
}
