package io.bactrian.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.format.PredictLayout;
import io.bactrian.format.PredictResponseWriter;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.NativeMemory;
import io.bactrian.tensor.TensorValues;
import java.nio.FloatBuffer;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TType;

/** A batch of 32 rows of 1,000 probabilities to JSON: through Jackson's lists, and by ours. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class WriteBenchmark {

    private final ObjectMapper mapper = new ObjectMapper();
    private NamedTensors outputs;

    @Setup
    public void makeOutputs() {
        TType tensor = DType.FLOAT32.allocate(Shape.of(32, 1000));
        FloatBuffer floats = NativeMemory.of(tensor).asFloatBuffer();
        Random random = new Random(42);
        while (floats.hasRemaining()) {
            floats.put((float) Math.exp(-12 * random.nextDouble()));
        }
        outputs = NamedTensors.of("probabilities", tensor);
    }

    @TearDown
    public void close() {
        outputs.close();
    }

    @Benchmark
    public byte[] predictResponseWriter() {
        return PredictResponseWriter.write(outputs.asMap(), PredictLayout.ROW);
    }

    @Benchmark
    public byte[] jacksonLists() throws JsonProcessingException {
        return mapper.writeValueAsBytes(
                Map.of("predictions", TensorValues.toJava(outputs.get("probabilities"))));
    }
}
