package io.bactrian.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.bactrian.limit.Deadline;
import io.bactrian.limit.DeadlineExceededException;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.testing.TestModels;
import io.bactrian.testing.TfRecords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;

/** The models are made by {@code src/test/python/make_run_models.py}. */
class WarmUpTest {

    private static final Duration SOON = Duration.ofMillis(50);
    private static final Path MODELS = Path.of("src/test/resources/models");

    @TempDir Path folder;

    private long open;

    @BeforeEach
    void count() {
        open = NamedTensors.open();
    }

    @AfterEach
    void noTensorStaysOpen() {
        assertTrue(NamedTensors.open() <= open);
    }

    private static LoadedModel load(Path path) {
        return ModelLoader.load("m", 1, path, TensorFlowConfig.defaults());
    }

    private static float[] run(LoadedModel model, String signature, float... x) {
        try (NamedTensors inputs = NamedTensors.of("x", TFloat32.vectorOf(x));
                NamedTensors outputs = model.predict(model.signature(signature), inputs)) {
            TFloat32 y = (TFloat32) outputs.select("y");
            float[] values = new float[(int) y.size()];
            y.asRawTensor().data().asFloats().read(values);
            return values;
        }
    }

    // TensorFlow Serving's messages, by field number.

    private static ByteString field(int number, ByteString value) {
        return UnknownFieldSet.newBuilder()
                .addField(
                        number,
                        UnknownFieldSet.Field.newBuilder().addLengthDelimited(value).build())
                .build()
                .toByteString();
    }

    static ByteString predictionLog(String signature, Map<String, TensorProto> inputs) {
        ByteString request =
                field(
                        1,
                        field(1, ByteString.copyFromUtf8("any name"))
                                .concat(field(3, ByteString.copyFromUtf8(signature))));
        for (Map.Entry<String, TensorProto> input : inputs.entrySet()) {
            ByteString entry =
                    field(1, ByteString.copyFromUtf8(input.getKey()))
                            .concat(field(2, input.getValue().toByteString()));
            request = request.concat(field(2, entry));
        }
        ByteString metadata = field(1, field(1, ByteString.copyFromUtf8("metadata")));
        return metadata.concat(field(6, field(1, request)));
    }

    static TensorProto floats(float... values) {
        TensorProto.Builder tensor =
                TensorProto.newBuilder()
                        .setDtype(DataType.DT_FLOAT)
                        .setTensorShape(
                                TensorShapeProto.newBuilder()
                                        .addDim(
                                                TensorShapeProto.Dim.newBuilder()
                                                        .setSize(values.length)));
        for (float value : values) {
            tensor.addFloatVal(value);
        }
        return tensor.build();
    }

    static byte[] tfRecords(ByteString... records) {
        return TfRecords.of(
                Arrays.stream(records).map(ByteString::toByteArray).toArray(byte[][]::new));
    }

    private Path model(String name, byte[] warmUpRequests) throws IOException {
        Path model = TestModels.copy(MODELS.resolve(name).resolve("1"), folder.resolve(name));
        Path file = model.resolve(WarmUpRequests.FILE);
        Files.createDirectories(file.getParent());
        Files.write(file, warmUpRequests);
        return model;
    }

    @Test
    void signaturesWithSideEffectsAreNotRun() {
        try (LoadedModel model = load(MODELS.resolve("side-effects/1"))) {
            assertEquals(
                    List.of(
                            "signature \"assign\" was not run: AssignVariableOp has a side effect",
                            "signature \"cache\" was not run: DummyMemoryCache has a side effect",
                            "signature \"count_in_branch\" was not run: AssignAddVariableOp has a"
                                    + " side effect",
                            "signature \"count_in_loop\" was not run: AssignAddVariableOp has a side"
                                    + " effect",
                            "signature \"draw\" was not run: RngReadAndSkip has a side effect",
                            "signature \"draw_seeded\" was not run: RandomUniform has a side effect",
                            "signature \"enqueue\" was not run: FIFOQueueV2 has a side effect",
                            "signature \"insert\" was not run: LookupTableInsertV2 has a side effect",
                            "signature \"insert_dense\" was not run: LookupTableInsertV2 has a side"
                                    + " effect",
                            "signature \"iterate\" was not run: AnonymousIteratorV3 has a side"
                                    + " effect",
                            "signature \"shuffle_seeded\" was not run: RandomShuffle has a side"
                                    + " effect",
                            "signature \"write_file\" was not run: WriteFile has a side effect",
                            "signature \"write_summary\" was not run: SummaryWriter has a side"
                                    + " effect"),
                    model.remarks());
            assertEquals(
                    "not optimized: signature \"assign\" has a side effect, AssignVariableOp",
                    model.optimization().describe());
        }
    }

    @Test
    void tensorFlow1ModelIsTreatedAlike() {
        try (LoadedModel model = load(MODELS.resolve("reference-variables/1"));
                NamedTensors zeros = NamedTensors.of("x", TFloat32.vectorOf(0))) {
            assertEquals(
                    List.of(
                            "signature \"add\" was not run: AssignAdd has a side effect",
                            "signature \"assign\" was not run: Assign has a side effect",
                            "signature \"dequeue\" was not run: FIFOQueueV2 has a side effect",
                            "signature \"doubling\" is not warm: on zeros and empty strings it"
                                    + " does not end",
                            "signature \"scatter\" was not run: ScatterUpdate has a side effect",
                            "signature \"switch\" was not run: AssignAdd has a side effect"),
                    model.remarks());
            for (String name : List.of("doubling", "dequeue")) {
                Signature signature = model.signature(name);
                assertThrows(
                        DeadlineExceededException.class,
                        () -> model.run(signature, zeros.asMap(), Deadline.after(SOON)));
            }
            assertEquals(6, run(model, "serving_default", 2)[0]);
        }
    }

    @Test
    void failedOrEndlessRunIsOnlyARemark() {
        try (LoadedModel model = load(MODELS.resolve("endless/1"))) {
            List<String> remarks = model.remarks();
            String noTime = " is not warm: other signatures used up the time limit for loops";
            assertEquals(
                    List.of(
                            "signature \"compiled\" was not run: StatelessWhile may not end, and"
                                    + " what XLA compiles can't be interrupted",
                            "signature \"doubling\" is not warm: on zeros and empty strings it"
                                    + " does not end",
                            "signature \"endless_dataset\"" + noTime,
                            "signature \"nested\"" + noTime,
                            "signature \"read\"" + noTime,
                            "signature \"wait_for_queue\" was not run: FIFOQueueV2 has a side"
                                    + " effect"),
                    remarks);
            model.signatures().values().forEach(each -> assertEquals(null, each.problem()));
            assertEquals(128, run(model, "doubling", 1)[0]);
        }
    }

    @Test
    void modelsOwnRequestsReplaceZeros() throws IOException {
        byte[] requests =
                tfRecords(
                        predictionLog("doubling", Map.of("x", floats(1, 3))),
                        predictionLog("nested", Map.of("x", floats(1))),
                        predictionLog("", Map.of("x", floats(1))));
        try (LoadedModel model = load(model("endless", requests))) {
            assertFalse(
                    model.remarks().toString().contains("doubling")
                            || model.remarks().toString().contains("nested"),
                    model.remarks().toString());
        }
    }

    /** The model's author chose these requests. */
    @Test
    void modelsOwnRequestsMayHaveSideEffects() throws IOException {
        byte[] requests = tfRecords(predictionLog("count_in_loop", Map.of("x", floats(0))));
        Path path = model("side-effects", requests);
        try (LoadedModel model = load(path)) {
            assertEquals(6, run(model, "count_in_loop", 0)[0]);
            assertFalse(model.remarks().toString().contains("count_in_loop"));
        }
        try (LoadedModel model = ModelLoader.inspect("m", 1, path, false)) {
            assertEquals(3, run(model, "count_in_loop", 0)[0]);
        }
    }

    @Test
    void failedRequestsAreARemark() throws IOException {
        byte[] requests =
                tfRecords(
                        predictionLog("no_such", Map.of("x", floats(0))),
                        field(2, ByteString.EMPTY),
                        predictionLog("", Map.of("z", floats(0))),
                        predictionLog("", Map.of()),
                        predictionLog(
                                "",
                                Map.of(
                                        "x",
                                        TensorProto.newBuilder()
                                                .setDtype(DataType.DT_INT8)
                                                .build())),
                        predictionLog("count_in_loop", Map.of("x", floats(0))));
        try (LoadedModel model = load(model("side-effects", requests))) {
            assertEquals(
                    "5 of 6 requests of its assets.extra/tf_serving_warmup_requests failed; record"
                            + " 1: there is no signature \"no_such\" that can be run",
                    model.remarks().get(0));
            assertEquals(6, run(model, "count_in_loop", 0)[0]);
        }
    }

    @Test
    void damagedFileIsARemark() throws IOException {
        byte[] good = tfRecords(predictionLog("count_in_loop", Map.of("x", floats(0))));
        byte[] flipped = good.clone();
        flipped[20] ^= 1;
        byte[] tooLong = good.clone();
        System.arraycopy(tfRecords(ByteString.copyFrom(new byte[1000])), 0, tooLong, 0, 12);
        for (byte[] damaged :
                List.of(
                        "not records".getBytes(),
                        "nothing of TensorFlow's, but longer".getBytes(),
                        Arrays.copyOf(good, good.length - 1),
                        Arrays.copyOf(good, 15),
                        tooLong,
                        flipped,
                        tfRecords(ByteString.copyFromUtf8("no message")))) {
            Path model = model("side-effects", damaged);
            try (LoadedModel loaded = load(model)) {
                assertTrue(
                        loaded.remarks()
                                .get(0)
                                .startsWith(
                                        "its assets.extra/tf_serving_warmup_requests could not be read"
                                                + " completely: "),
                        loaded.remarks().get(0));
                assertEquals(3, run(loaded, "count_in_loop", 0)[0]);
            }
            delete(model);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (var paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    @Test
    void atMostOneThousandRequestsAreReplayed() throws IOException {
        ByteString[] records = new ByteString[1001];
        Arrays.fill(records, predictionLog("draw_seeded", Map.of("x", floats(0))));
        try (LoadedModel model = load(model("side-effects", tfRecords(records)))) {
            assertEquals(
                    "its assets.extra/tf_serving_warmup_requests could not be read completely: it has"
                            + " more than 1000 records",
                    model.remarks().get(0));
        }
    }

    @Test
    void requestsMayBeOfAnyDtype() throws IOException {
        TestModels.identity(folder, TString.class, Shape.of(Shape.UNKNOWN_SIZE));
        write(
                TensorProto.newBuilder()
                        .setDtype(DataType.DT_STRING)
                        .setTensorShape(shape(2))
                        .addStringVal(ByteString.copyFromUtf8("é"))
                        .addStringVal(ByteString.EMPTY));
        try (LoadedModel model = load(folder)) {
            assertEquals(List.of(), model.remarks());
        }
        delete(folder.resolve("saved_model.pb"));
        TestModels.identity(folder, TInt64.class, Shape.of(Shape.UNKNOWN_SIZE));
        // A single value is repeated for all elements.
        write(
                TensorProto.newBuilder()
                        .setDtype(DataType.DT_INT64)
                        .setTensorShape(shape(1000))
                        .addInt64Val(7));
        try (LoadedModel model = load(folder)) {
            assertEquals(List.of(), model.remarks());
        }
    }

    private static TensorShapeProto shape(long size) {
        return TensorShapeProto.newBuilder()
                .addDim(TensorShapeProto.Dim.newBuilder().setSize(size))
                .build();
    }

    private void write(TensorProto.Builder x) throws IOException {
        Path file = folder.resolve(WarmUpRequests.FILE);
        Files.createDirectories(file.getParent());
        Files.write(file, tfRecords(predictionLog("", Map.of("x", x.build()))));
    }
}
