package io.bactrian.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.format.Dialect;
import io.bactrian.format.JsonScanner;
import io.bactrian.format.PredictRequest;
import io.bactrian.format.PredictRequestReader;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NativeMemory;
import io.bactrian.tensor.TensorSpec;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.family.TType;

/**
 * An image of 224×224×3 numbers in JSON to a float32 tensor: through Jackson's maps, through its
 * streaming parser with fast floats, and by {@link PredictRequestReader}. Passing the text without
 * making numbers of it is the floor.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class ParseBenchmark {

    private static final int SIDE = 224;
    private static final int CHANNELS = 3;

    private static final Map<String, TensorSpec> INPUTS =
            Map.of(
                    "image",
                    new TensorSpec(
                            "image",
                            "image:0",
                            DataType.DT_FLOAT,
                            Shape.of(-1, SIDE, SIDE, CHANNELS)));

    /** 3 digits are a byte over 255 cut short, 8 a float32's, 17 a float64's. */
    @Param({"3", "8", "17"})
    private int digits;

    private final ObjectMapper mapper = new ObjectMapper();
    private final JsonFactory factory =
            JsonFactory.builder()
                    .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
                    .enable(StreamReadFeature.USE_FAST_BIG_NUMBER_PARSER)
                    .build();
    private byte[] json;

    @Setup
    public void makeRequest() {
        Random random = new Random(42);
        StringBuilder text = new StringBuilder("{\"instances\": [");
        for (int row = 0; row < SIDE; row++) {
            text.append(row == 0 ? "[[" : ", [");
            for (int column = 0; column < SIDE; column++) {
                text.append(column == 0 ? "[" : ", [");
                for (int channel = 0; channel < CHANNELS; channel++) {
                    text.append(channel == 0 ? "" : ", ").append(number(random));
                }
                text.append(']');
            }
            text.append(']');
        }
        json = text.append("]]}").toString().getBytes(StandardCharsets.UTF_8);
    }

    private String number(Random random) {
        return switch (digits) {
            case 3 -> String.format(Locale.ROOT, "%.3f", random.nextInt(256) / 255.0);
            case 8 -> Float.toString(random.nextInt(256) / 255f * 2 - 1);
            default -> Double.toString(random.nextDouble());
        };
    }

    @Benchmark
    public Object predictRequestReader() {
        PredictRequest request = PredictRequestReader.read(json, Dialect.BACTRIAN, name -> INPUTS);
        request.inputs().close();
        return request;
    }

    @Benchmark
    public Object jacksonMap() throws IOException {
        return mapper.readValue(json, Map.class);
    }

    @Benchmark
    public long jacksonStream() throws IOException {
        TType tensor = DType.FLOAT32.allocate(Shape.of(1, SIDE, SIDE, CHANNELS));
        try (tensor;
                JsonParser parser = factory.createParser(json)) {
            FloatBuffer floats = NativeMemory.of(tensor).asFloatBuffer();
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token.isNumeric()) {
                    floats.put(parser.getFloatValue());
                }
            }
            return floats.position();
        }
    }

    @Benchmark
    public int skip() {
        JsonScanner scanner = new JsonScanner(json, Dialect.BACTRIAN);
        scanner.skipValue();
        return scanner.position();
    }
}
