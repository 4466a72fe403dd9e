package io.bactrian.predict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.format.PredictLayout;
import io.bactrian.format.PredictRequest;
import io.bactrian.format.ReadingMemory;
import io.bactrian.format.StreamFormat;
import io.bactrian.format.WireFormats;
import io.bactrian.limit.MemoryBudget;
import io.bactrian.pipeline.ExchangeMemory;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.TensorSpec;
import io.bactrian.tensorflow.TensorFlowComponent;
import io.bactrian.testing.Exchanges;
import io.bactrian.testing.TestModels;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.test.junit5.CamelTestSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TType;

/** Formats that read a body from a stream, in the predict pipeline and in routes. */
class StreamFormatTest extends CamelTestSupport {

    private static final int LINES = 200_000;

    @TempDir static Path models;

    private final NumberLines format = new NumberLines();
    private final MemoryBudget budget = new MemoryBudget(8 << 20);
    private long open;

    /** The lines 0 to LINES - 1, made as they are read. */
    private static final class Lines extends InputStream {

        private int line;
        private byte[] bytes = new byte[0];
        private int position;
        private boolean closed;

        @Override
        public int read() {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0];
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            if (position == bytes.length) {
                if (line == LINES) {
                    return -1;
                }
                bytes = (line++ + "\n").getBytes(StandardCharsets.UTF_8);
                position = 0;
            }
            int count = Math.min(length, bytes.length - position);
            System.arraycopy(bytes, position, into, offset, count);
            position += count;
            return count;
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    /** A number per line, for a model's only input of float32. */
    private static final class NumberLines extends StreamFormat {

        private Lines source;

        /** The line that the source was at when the first number was read. */
        private int sourceAtFirstNumber = -1;

        NumberLines() {
            super("number-lines", "text/x-numbers");
        }

        @Override
        protected boolean isText() {
            return true;
        }

        @Override
        protected PredictRequest read(
                InputStream body,
                Function<String, Map<String, TensorSpec>> inputsOf,
                ReadingMemory memory)
                throws IOException {
            String input = inputsOf.apply(null).keySet().iterator().next();
            float[] numbers = new float[16];
            int count = 0;
            BufferedReader reader =
                    new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8));
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (count == numbers.length) {
                    memory.reserve(3L * Float.BYTES * 2 * count);
                    numbers = Arrays.copyOf(numbers, 2 * count);
                }
                numbers[count++] = Float.parseFloat(line);
                if (count == 1 && source != null) {
                    sourceAtFirstNumber = source.line;
                }
            }
            TFloat32 tensor = TFloat32.vectorOf(Arrays.copyOf(numbers, count));
            return new PredictRequest(null, PredictLayout.ROW, NamedTensors.of(input, tensor));
        }

        @Override
        protected byte[] write(Map<String, TType> outputs, PredictLayout layout) {
            TFloat32 numbers = (TFloat32) outputs.values().iterator().next();
            long size = numbers.size();
            String answer = size + " numbers, the last " + numbers.getFloat(size - 1);
            return answer.getBytes(StandardCharsets.UTF_8);
        }
    }

    @BeforeAll
    static void makeModel() throws Exception {
        TestModels.halfPlusTwo(models.resolve("half/1"));
    }

    @Override
    protected CamelContext createCamelContext() throws Exception {
        CamelContext context = super.createCamelContext();
        TensorFlowComponent component = new TensorFlowComponent();
        component.setModelDirectory(models.toString());
        component.addTo(context);
        context.getRegistry().bind(ExchangeMemory.BUDGET, budget);
        return context;
    }

    @BeforeEach
    void addPipeline() throws Exception {
        open = NamedTensors.open();
        context.addRoutes(PredictRoute.of(context, "half", new WireFormats(List.of(format))));
    }

    @AfterEach
    void everyTensorIsClosed() {
        Exchanges.awaitOpenTensors(open);
        assertEquals(0, budget.reserved());
    }

    @Test
    void predictPipelineReadsAStreamPieceByPiece() {
        assertTrue(context.isStreamCaching());
        format.source = new Lines();
        assertEquals(
                LINES + " numbers, the last " + ((LINES - 1) / 2f + 2),
                template.requestBody("pipeline:half", format.source, String.class));
        // A few thousand fit into the reader's buffer.
        assertTrue(
                format.sourceAtFirstNumber > 0 && format.sourceAtFirstNumber < LINES / 10,
                () -> "at line " + format.sourceAtFirstNumber);
        assertTrue(format.source.closed);
    }

    @Test
    void routeWithoutStreamCachingReadsAStreamPieceByPiece() throws Exception {
        context.addRoutes(
                new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("direct:in")
                                .streamCache(false)
                                .unmarshal(format)
                                .to("tensorflow:half")
                                .marshal(format);
                    }
                });
        format.source = new Lines();
        assertEquals(
                LINES + " numbers, the last " + ((LINES - 1) / 2f + 2),
                template.requestBody("direct:in", format.source, String.class));
        assertTrue(
                format.sourceAtFirstNumber > 0 && format.sourceAtFirstNumber < LINES / 10,
                () -> "at line " + format.sourceAtFirstNumber);
    }

    @Test
    void otherBodiesAreRead(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("numbers"), "1\n4\n");
        for (Object body :
                new Object[] {"1\n4", "1\n4".getBytes(StandardCharsets.UTF_8), file.toFile()}) {
            assertEquals(
                    "2 numbers, the last 4.0",
                    template.requestBody("pipeline:half", body, String.class));
        }
    }

    @Test
    void textInAnotherCharsetIsConverted() {
        assertEquals(
                "2 numbers, the last 4.0",
                template.requestBodyAndHeader(
                        "pipeline:half",
                        "1\n4".getBytes(StandardCharsets.UTF_16BE),
                        Exchange.CONTENT_TYPE,
                        "text/x-numbers; charset=utf-16be",
                        String.class));
    }

    @Test
    void memoryThatReadingTakesIsReserved() {
        try (MemoryBudget.Reservation others = budget.reserve("others", (8 << 20) - (1 << 20))) {
            assertTrue(others.bytes() > 0);
            CamelExecutionException e =
                    assertThrows(
                            CamelExecutionException.class,
                            () -> template.requestBody("pipeline:half", new Lines()));
            assertTrue(
                    e.getCause().getMessage().contains("reading this request"),
                    e.getCause().getMessage());
        }
    }

    @Test
    void failureOfTheStreamIsThrown() {
        IOException failure = new IOException("connection reset");
        InputStream broken =
                new InputStream() {
                    @Override
                    public int read() throws IOException {
                        throw failure;
                    }
                };
        assertSame(
                failure,
                assertThrows(
                                CamelExecutionException.class,
                                () -> template.requestBody("pipeline:half", broken))
                        .getCause());
    }
}
