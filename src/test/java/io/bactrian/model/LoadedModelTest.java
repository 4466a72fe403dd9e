package io.bactrian.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.testing.Fixtures;
import io.bactrian.testing.TestModels;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.StdArrays;
import org.tensorflow.proto.CollectionDef;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TString;
import org.tensorflow.types.TUint8;

class LoadedModelTest {

    @TempDir Path folder;

    private static LoadedModel load(Path path) {
        return ModelLoader.load("m", 1, path, TensorFlowConfig.defaults());
    }

    private static float[] predict(LoadedModel model, NamedTensors inputs) {
        try (inputs;
                NamedTensors outputs = model.predict(model.signature(null), inputs)) {
            TFloat32 y = (TFloat32) outputs.select("y");
            float[] values = new float[(int) y.size()];
            y.asRawTensor().data().asFloats().read(values);
            return values;
        }
    }

    @Test
    void inputsAreBoundByNameAndUnnamed() throws IOException {
        try (LoadedModel model = load(TestModels.halfPlusTwo(folder))) {
            float[] expected = {2.5f, 3f, 4.5f};
            assertArrayEquals(
                    expected, predict(model, NamedTensors.of("x", TFloat32.vectorOf(1, 2, 5))));
            assertArrayEquals(
                    expected,
                    predict(
                            model,
                            NamedTensors.of(NamedTensors.UNNAMED, TFloat32.vectorOf(1, 2, 5))));
        }
    }

    @Test
    void severalInputsAndOutputsAreSupported() throws IOException {
        try (LoadedModel model = load(TestModels.sumAndProduct(folder));
                NamedTensors inputs =
                        NamedTensors.builder()
                                .put("b", TFloat32.vectorOf(3, 4))
                                .put("a", TFloat32.vectorOf(1, 2))
                                .build();
                NamedTensors outputs = model.predict(model.signature("serving_default"), inputs)) {
            assertEquals(List.of("product", "sum"), List.copyOf(outputs.names()));
            assertEquals(StdArrays.ndCopyOf(new float[] {4, 6}), outputs.get("sum"));
            assertEquals(StdArrays.ndCopyOf(new float[] {3, 8}), outputs.get("product"));
        }
    }

    @Test
    void namedSignatureIsRun() throws IOException {
        try (LoadedModel model = load(TestModels.sumAndProduct(folder));
                NamedTensors inputs = NamedTensors.of("a", TFloat32.vectorOf(1, 2));
                NamedTensors outputs = model.predict(model.signature("negate"), inputs)) {
            assertEquals(StdArrays.ndCopyOf(new float[] {-1, -2}), outputs.select(null));
        }
    }

    @Test
    void stringsAreKeptByteForByte() throws IOException {
        byte[][] texts = {
            {},
            {0, (byte) 0xff, (byte) 0xfe, 0},
            "naïve 🐪".getBytes(StandardCharsets.UTF_8),
            new byte[100_000]
        };
        TestModels.identity(folder, TString.class, Shape.of(Shape.UNKNOWN_SIZE));
        try (LoadedModel model = load(folder);
                NamedTensors inputs =
                        NamedTensors.of(
                                "x", TString.tensorOfBytes(NdArrays.vectorOfObjects(texts)));
                NamedTensors outputs = model.predict(model.signature(null), inputs)) {
            TString y = (TString) outputs.get("y");
            for (int i = 0; i < texts.length; i++) {
                assertArrayEquals(texts[i], y.asBytes().getObject(i), "element " + i);
            }
        }
    }

    @Test
    void errorNamesTheInvalidInput() throws IOException {
        try (LoadedModel model = load(TestModels.sumAndProduct(folder))) {
            Signature signature = model.signature(null);
            refuses(
                    model,
                    signature,
                    NamedTensors.of("a", TFloat32.vectorOf(1)),
                    "missing input \"b\": signature \"serving_default\" takes \"a\" float32 [-1],"
                            + " \"b\" float32 [-1]");
            refuses(
                    model,
                    signature,
                    NamedTensors.builder()
                            .put("a", TFloat32.vectorOf(1))
                            .put("c", TFloat32.vectorOf(1))
                            .build(),
                    "no input \"c\": signature \"serving_default\" takes \"a\" float32 [-1], \"b\""
                            + " float32 [-1]");
            refuses(
                    model,
                    signature,
                    NamedTensors.builder()
                            .put("a", TFloat32.vectorOf(1))
                            .put("b", TInt32.vectorOf(1))
                            .build(),
                    "input \"b\" takes float32 [-1], got int32 [1]");
            refuses(
                    model,
                    signature,
                    NamedTensors.of(NamedTensors.UNNAMED, TFloat32.vectorOf(1)),
                    "an input without a name: signature \"serving_default\" takes \"a\" float32"
                            + " [-1], \"b\" float32 [-1]");
        }
    }

    @Test
    void errorNamesTheUndeclaredShape() throws IOException {
        try (LoadedModel model = load(TestModels.dense(folder));
                NamedTensors inputs = NamedTensors.of("x", TFloat32.tensorOf(Shape.of(1, 5)))) {
            BadInputException refused =
                    assertThrows(
                            BadInputException.class,
                            () -> model.predict(model.signature(null), inputs));
            assertEquals(
                    "input \"x\" takes float32 [-1, 2], got float32 [1, 5]", refused.getMessage());
            assertEquals(0, refused.getStackTrace().length);
        }
    }

    private static void refuses(
            LoadedModel model, Signature signature, NamedTensors inputs, String message) {
        try (inputs) {
            assertEquals(
                    message,
                    assertThrows(BadInputException.class, () -> model.predict(signature, inputs))
                            .getMessage());
        }
    }

    @Test
    void errorListsTheSignatures() throws IOException {
        try (LoadedModel model = load(TestModels.sumAndProduct(folder))) {
            assertEquals(
                    "Serving signature name: \"nope\" not found in signature def: model \"m\" has"
                            + " [negate, serving_default]",
                    assertThrows(BadInputException.class, () -> model.signature("nope"))
                            .getMessage());
        }
    }

    @Test
    void signatureThatDisagreesWithTheGraphDisablesOnlyItself() throws IOException {
        TestModels.halfPlusTwo(folder);
        TestModels.addSignature(
                folder, "wrong", it -> TestModels.retype(it, "x", DataType.DT_STRING));
        try (LoadedModel model = load(folder)) {
            assertEquals(
                    "input \"x\" is declared string but is float32 in the graph",
                    model.signatures().get("wrong").problem());
            assertNull(model.signatures().get("serving_default").problem());
            assertThrows(BadInputException.class, () -> model.signature("wrong"));
            assertArrayEquals(
                    new float[] {2.5f}, predict(model, NamedTensors.of("x", TFloat32.vectorOf(1))));
        }
    }

    @Test
    void strippedCopyIsDeletedOnClose() throws IOException {
        TestModels.tripleByVariable(folder);
        TestModels.addSignature(
                folder, "wrong", it -> TestModels.retype(it, "x", DataType.DT_STRING));
        long before = copies();
        try (LoadedModel model = load(folder)) {
            assertArrayEquals(
                    new float[] {6f}, predict(model, NamedTensors.of("x", TFloat32.vectorOf(2))));
        }
        assertEquals(before, copies());
        assertTrue(Files.exists(folder.resolve("variables").resolve("variables.index")));
    }

    private static long copies() throws IOException {
        try (var files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return files.filter(file -> file.getFileName().toString().startsWith("bactrian-"))
                    .count();
        }
    }

    @Test
    void unsupportedDtypeIsAProblemOfTheSignature() throws IOException {
        TestModels.halfPlusTwo(folder);
        TestModels.addSignature(
                folder,
                "quantized",
                it ->
                        it.putOutputs(
                                "y",
                                it.getOutputsOrThrow("y").toBuilder()
                                        .setDtype(DataType.DT_INT8)
                                        .build()));
        try (LoadedModel model = load(folder)) {
            assertEquals(
                    "output \"y\" has dtype int8, which TensorFlow Java has no tensor class for: cast"
                            + " it in the exported function",
                    model.signatures().get("quantized").problem());
        }
    }

    @Test
    void sparseOutputIsAProblemOfTheSignature() throws IOException {
        TestModels.halfPlusTwo(folder);
        TestModels.addSignature(
                folder,
                "sparse",
                it ->
                        it.putOutputs(
                                "y",
                                TensorInfo.newBuilder()
                                        .setDtype(DataType.DT_FLOAT)
                                        .setCooSparse(
                                                TensorInfo.CooSparse.newBuilder()
                                                        .setValuesTensorName("v:0"))
                                        .build()));
        try (LoadedModel model = load(folder)) {
            assertTrue(
                    model.signatures()
                            .get("sparse")
                            .problem()
                            .startsWith("output \"y\" is a sparse or ragged tensor"));
        }
    }

    @Test
    void unknownRankIsNotAScalar() throws IOException {
        TestModels.identity(folder, TFloat32.class, Shape.unknown());
        TestModels.addSignature(
                folder,
                "serving_default",
                it ->
                        it.putInputs(
                                "x",
                                it.getInputsOrThrow("x").toBuilder()
                                        .setTensorShape(
                                                TensorShapeProto.newBuilder().setUnknownRank(true))
                                        .build()));
        try (LoadedModel model = load(folder)) {
            assertTrue(model.signature(null).inputs().get("x").shape().isUnknown());
            assertArrayEquals(
                    new float[] {1, 2},
                    predict(model, NamedTensors.of("x", TFloat32.vectorOf(1, 2))));
        }
    }

    @Test
    void variablesAreRestored() throws IOException {
        try (LoadedModel model = load(TestModels.tripleByVariable(folder))) {
            assertArrayEquals(
                    new float[] {3, 6},
                    predict(model, NamedTensors.of("x", TFloat32.vectorOf(1, 2))));
        }
    }

    @Test
    void missingVariablesFailTheLoad() throws IOException {
        TestModels.tripleByVariable(folder);
        try (var files = Files.list(folder.resolve("variables"))) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        ModelLoadException failure = assertThrows(ModelLoadException.class, () -> load(folder));
        assertTrue(
                failure.getMessage().contains("but no variables/variables.index with their values"),
                failure.getMessage());
    }

    @Test
    void truncatedVariablesFailTheLoad() throws IOException {
        TestModels.tripleByVariable(folder);
        Path data = folder.resolve("variables").resolve("variables.data-00000-of-00001");
        Files.write(data, new byte[0]);
        assertThrows(ModelLoadException.class, () -> load(folder));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "not a protocol buffer", "\0\0\0"})
    void invalidSavedModelFailsTheLoad(String content) throws IOException {
        Files.writeString(folder.resolve("saved_model.pb"), content);
        ModelLoadException failure = assertThrows(ModelLoadException.class, () -> load(folder));
        assertTrue(failure.getMessage().contains("saved_model.pb"), failure.getMessage());
    }

    @Test
    void modelWithoutSignaturesFailsTheLoad() throws IOException {
        TestModels.halfPlusTwo(folder);
        SavedModelFile.read(folder);
        Path stripped = Files.createDirectory(folder.resolve("stripped"));
        SavedModelFile.read(folder).writeWithoutSignatures(stripped);
        assertTrue(
                assertThrows(ModelLoadException.class, () -> load(stripped))
                        .getMessage()
                        .endsWith("has no signature to call"));
    }

    /** Changes the graph of the SavedModel in {@link #folder}. */
    private void change(Consumer<MetaGraphDef.Builder> change) throws IOException {
        Path file = folder.resolve("saved_model.pb");
        SavedModel.Builder model = SavedModel.parseFrom(Files.readAllBytes(file)).toBuilder();
        change.accept(model.getMetaGraphsBuilder(0));
        Files.write(file, model.build().toByteArray());
    }

    private static NodeDef.Builder nodeOf(MetaGraphDef.Builder graph, String operation) {
        return graph.getGraphDefBuilder().getNodeBuilderList().stream()
                .filter(node -> node.getOp().equals(operation))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void unregisteredOperationDisablesOnlySignaturesThatNeedIt() throws IOException {
        TestModels.sumAndProduct(folder);
        change(
                graph -> {
                    nodeOf(graph, "Neg").setOp("Addons>Neg");
                });
        try (LoadedModel model = load(folder);
                NamedTensors inputs =
                        NamedTensors.builder()
                                .put("a", TFloat32.vectorOf(1, 2))
                                .put("b", TFloat32.vectorOf(3, 4))
                                .build();
                NamedTensors outputs = model.predict(model.signature(null), inputs)) {
            assertEquals(StdArrays.ndCopyOf(new float[] {4, 6}), outputs.get("sum"));
            assertEquals(
                    "signature \"negate\" can't be run here: operation Addons>Neg is not registered:"
                            + " load the library that registers it (BACTRIAN_OP_LIBRARIES)",
                    assertThrows(BadInputException.class, () -> model.signature("negate"))
                            .getMessage());
        }
    }

    @Test
    void uncalledFunctionMayContainAnUnregisteredOperation() throws IOException {
        TestModels.tripleByVariable(folder);
        change(
                graph -> {
                    graph.getGraphDefBuilder()
                            .getLibraryBuilder()
                            .addFunctionBuilder()
                            .setSignature(OpDef.newBuilder().setName("unused"))
                            .addNodeDefBuilder()
                            .setName("node")
                            .setOp("Addons>Op");
                });
        try (LoadedModel model = load(folder)) {
            assertArrayEquals(
                    new float[] {3, 6},
                    predict(model, NamedTensors.of("x", TFloat32.vectorOf(1, 2))));
        }
    }

    @Test
    void unregisteredOperationInTheInitializerFailsTheLoad() throws IOException {
        TestModels.halfPlusTwo(folder);
        change(
                graph -> {
                    graph.getGraphDefBuilder().addNodeBuilder().setName("init").setOp("Addons>Op");
                    CollectionDef.Builder initializers = CollectionDef.newBuilder();
                    initializers.getNodeListBuilder().addValue("init");
                    graph.putCollectionDef("saved_model_main_op", initializers.build());
                });
        assertEquals(
                "the SavedModel in "
                        + folder
                        + " can't be loaded here: operation Addons>Op is not registered: load the"
                        + " library that registers it (BACTRIAN_OP_LIBRARIES)",
                assertThrows(ModelLoadException.class, () -> load(folder)).getMessage());
    }

    @Test
    void modelWithoutRunnableSignatureFailsTheLoad() throws IOException {
        TestModels.halfPlusTwo(folder);
        change(
                graph -> {
                    NodeDef.Builder div = nodeOf(graph, "Div");
                    div.setOp("PyFunc");
                });
        assertTrue(
                assertThrows(ModelLoadException.class, () -> load(folder))
                        .getMessage()
                        .endsWith(
                                "can be run here: \"serving_default\": operation PyFunc needs"
                                        + " Python"));
    }

    @Test
    void noTensorStaysOpen() throws IOException {
        long before = NamedTensors.open();
        try (LoadedModel model = load(TestModels.dense(folder))) {
            for (int i = 0; i < 1000; i++) {
                try (NamedTensors inputs =
                        NamedTensors.of("x", TFloat32.tensorOf(Shape.of(1, i % 3 == 0 ? 3 : 2)))) {
                    model.predict(model.signature(null), inputs).close();
                } catch (BadInputException e) {
                    assertEquals(0, i % 3);
                }
            }
        }
        assertTrue(NamedTensors.open() <= before);
    }

    // Real models, if the fixtures are available.

    @ParameterizedTest
    @ValueSource(strings = {"half-plus-two/1", "half-plus-two/2"})
    void halfPlusTwo(String name) {
        try (LoadedModel model = load(Fixtures.path(name))) {
            assertArrayEquals(
                    new float[] {2.5f, 3f, 4.5f},
                    predict(model, NamedTensors.of("x", TFloat32.vectorOf(1, 2, 5))));
        }
    }

    @Test
    void halfPlusThreeThatTensorFlowJavaRejects() {
        try (LoadedModel model = load(Fixtures.path("half-plus-three/1"))) {
            assertArrayEquals(
                    new float[] {3.5f, 4f, 5.5f},
                    predict(model, NamedTensors.of("x", TFloat32.vectorOf(1, 2, 5))));
            // Declared float32.
            assertEquals(
                    DType.STRING,
                    model.signature("tensorflow/serving/regress").inputs().get("inputs").dtype());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sms-spam/1", "sms-spam/2"})
    void smsSpam(String name) {
        try (LoadedModel model = load(Fixtures.path(name));
                NamedTensors inputs =
                        NamedTensors.of(
                                "text",
                                TString.vectorOf(
                                        "WINNER!! You have been selected to receive a £900 prize reward! To"
                                                + " claim call 09061701461.",
                                        "Hi mum, I'll be home about 7, save me some dinner?"));
                NamedTensors outputs = model.predict(model.signature(null), inputs)) {
            TString label = (TString) outputs.get("label");
            assertEquals("spam", label.getObject(0));
            assertEquals("ham", label.getObject(1));
        }
    }

    @Test
    void assetsAndControlFlow() {
        try (LoadedModel model = load(Fixtures.path("imagenet-mobilenet-v2/2"))) {
            assertEquals(
                    List.of("serving_bytes", "serving_default"),
                    List.copyOf(model.signatures().keySet()));
        }
    }

    @Test
    void guesslang() throws IOException {
        String text = Files.readString(Fixtures.path("texts/code/Stack.java"));
        for (String version : List.of("1", "2")) {
            try (LoadedModel model = load(Fixtures.path("guesslang").resolve(version));
                    NamedTensors inputs = NamedTensors.of("inputs", TString.vectorOf(text));
                    NamedTensors outputs = model.predict(model.signature(null), inputs)) {
                TFloat32 scores = (TFloat32) outputs.get("scores");
                TString classes = (TString) outputs.get("classes");
                int best = 0;
                for (int i = 0; i < 54; i++) {
                    best = scores.getFloat(0, i) > scores.getFloat(0, best) ? i : best;
                }
                assertEquals("java", classes.getObject(0, best));
            }
        }
    }

    @Test
    void detectorWithUint8Input() {
        try (LoadedModel model = load(Fixtures.path("coco-nanodet/1"));
                NamedTensors inputs =
                        NamedTensors.of("input_tensor", TUint8.tensorOf(Shape.of(1, 64, 48, 3)));
                NamedTensors outputs = model.predict(model.signature(null), inputs)) {
            assertEquals(Shape.of(1, 100, 4), outputs.get("detection_boxes").shape());
        }
    }
}
