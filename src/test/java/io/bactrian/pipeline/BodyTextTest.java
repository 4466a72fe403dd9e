package io.bactrian.pipeline;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.TypeConversionException;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BodyTextTest {

    private final CamelContext context = new DefaultCamelContext();
    private final Exchange exchange = new DefaultExchange(context);

    @BeforeEach
    void start() {
        context.start();
    }

    @AfterEach
    void stop() {
        context.stop();
    }

    @Test
    void bufferIsReadFromItsPositionWithoutChangingIt() {
        ByteBuffer body = ByteBuffer.wrap(new byte[] {1, 2, 3, 4}, 1, 2);
        assertArrayEquals(new byte[] {2, 3}, BodyText.bytes(exchange, body));
        assertArrayEquals(new byte[] {2, 3}, BodyText.bytes(exchange, body));
    }

    @Test
    void missingBodyIsReadAsEmpty() {
        assertEquals(0, BodyText.bytes(exchange, null).length);
    }

    @Test
    void bodyWithoutAConverterIsAPipelineFault() {
        assertNull(BodyText.bytesOrNull(exchange, new AtomicInteger()));
        PipelineFaultException error =
                assertThrows(
                        PipelineFaultException.class,
                        () -> BodyText.bytes(exchange, new AtomicInteger()));
        assertEquals(
                "expected bytes or text as the message body, got AtomicInteger",
                error.getMessage());
    }

    @Test
    void failureToReadAStreamIsKeptAsTheCause() {
        InputStream broken =
                new InputStream() {
                    @Override
                    public int read() throws IOException {
                        throw new IOException("connection reset");
                    }
                };
        TypeConversionException error =
                assertThrows(TypeConversionException.class, () -> BodyText.bytes(exchange, broken));
        Throwable root = error;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        assertInstanceOf(IOException.class, root);
        assertEquals("connection reset", root.getMessage());
    }
}
