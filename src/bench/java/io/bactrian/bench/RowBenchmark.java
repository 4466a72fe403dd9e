package io.bactrian.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.pipeline.SignatureTensors;
import io.bactrian.preprocess.FeatureVectorPreprocessor;
import io.bactrian.preprocess.RecordPreprocessor;
import io.bactrian.preprocess.table.TableFormat;
import io.bactrian.tensor.TensorSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.apache.camel.support.UnitOfWorkHelper;
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
import org.tensorflow.proto.DataType;

/**
 * One row of 50 columns, from the bytes of a request to tensors that are freed again: 40 scaled
 * numbers and 10 categories of 5 as one vector, from JSON and from CSV, and 50 inputs of one
 * element. That Jackson reads the row as a map is the yardstick.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class RowBenchmark {

    private static final int NUMBERS = 40;
    private static final int CATEGORIES = 10;

    private final DefaultCamelContext context = new DefaultCamelContext();
    private final ObjectMapper mapper = new ObjectMapper();
    private final FeatureVectorPreprocessor features = new FeatureVectorPreprocessor();
    private final FeatureVectorPreprocessor csvFeatures = new FeatureVectorPreprocessor();
    private final RecordPreprocessor records = new RecordPreprocessor();
    private byte[] json;
    private byte[] numbers;
    private byte[] csv;

    @Setup
    public void prepare() throws IOException {
        StringBuilder declared = new StringBuilder();
        StringBuilder row = new StringBuilder();
        StringBuilder header = new StringBuilder();
        StringBuilder values = new StringBuilder();
        for (int i = 0; i < NUMBERS; i++) {
            double value = Math.round(1e4 * Math.sin(i)) / 100.0;
            declared.append(
                    "{\"field\": \"number_%d\", \"mean\": 0.5, \"scale\": 2.25},".formatted(i));
            row.append("\"number_%d\": %s, ".formatted(i, value));
            header.append("number_%d,".formatted(i));
            values.append(value).append(',');
        }
        for (int i = 0; i < CATEGORIES; i++) {
            declared.append(
                    """
                    {"field": "category_%d", "type": "one-hot",
                     "categories": ["red", "green", "blue", "yellow", "black"]}%s
                    """
                            .formatted(i, i == CATEGORIES - 1 ? "" : ","));
            row.append("\"category_%d\": \"blue\"%s".formatted(i, i == CATEGORIES - 1 ? "" : ", "));
            header.append("category_%d%s".formatted(i, i == CATEGORIES - 1 ? "\n" : ","));
            values.append("blue").append(i == CATEGORIES - 1 ? "\n" : ",");
        }
        Path file = Files.createTempFile("features", ".json");
        file.toFile().deleteOnExit();
        Files.writeString(file, "{\"features\": [" + declared + "]}");
        features.setFeaturesFile(file.toString());
        csvFeatures.setFeaturesFile(file.toString());
        csvFeatures.setFormat(TableFormat.CSV);
        SortedMap<String, TensorSpec> inputs = new TreeMap<>();
        for (int i = 0; i < NUMBERS + CATEGORIES; i++) {
            String name = "number_" + i;
            inputs.put(name, new TensorSpec(name, name + ":0", DataType.DT_FLOAT, Shape.of(-1, 1)));
        }
        records.bindInputs(
                List.of(
                        new SignatureTensors(
                                SignatureTensors.Kind.INPUT,
                                "m",
                                "serving_default",
                                inputs,
                                List.of())));
        json = ("{" + row + "}").getBytes(StandardCharsets.UTF_8);
        numbers =
                IntStream.range(0, NUMBERS + CATEGORIES)
                        .mapToObj(
                                i ->
                                        "\"number_"
                                                + i
                                                + "\": "
                                                + Math.round(1e4 * Math.sin(i)) / 100.0)
                        .collect(Collectors.joining(", ", "{", "}"))
                        .getBytes(StandardCharsets.UTF_8);
        csv = ("" + header + values).getBytes(StandardCharsets.UTF_8);
        context.start();
    }

    @TearDown
    public void close() throws IOException {
        context.close();
    }

    private Exchange run(Processor step, byte[] body) throws Exception {
        Exchange exchange = new DefaultExchange(context);
        exchange.getMessage().setBody(body);
        step.process(exchange);
        exchange.getMessage().setBody(null);
        UnitOfWorkHelper.doneSynchronizations(
                exchange, exchange.getExchangeExtension().handoverCompletions());
        return exchange;
    }

    /** 40 scaled numbers and 10 categories, in JSON, to a tensor [1, 90]. */
    @Benchmark
    public Exchange jsonToVector() throws Exception {
        return run(features, json);
    }

    /** The same in CSV, with its header. */
    @Benchmark
    public Exchange csvToVector() throws Exception {
        return run(csvFeatures, csv);
    }

    /** 50 numbers in JSON to 50 tensors [1, 1]. */
    @Benchmark
    public Exchange jsonToNamedInputs() throws Exception {
        return run(records, numbers);
    }

    /** The JSON of the first, read by Jackson as a map. */
    @Benchmark
    public Map<?, ?> jacksonMap() throws IOException {
        return mapper.readValue(json, Map.class);
    }
}
