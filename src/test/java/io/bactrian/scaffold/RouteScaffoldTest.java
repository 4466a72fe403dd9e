package io.bactrian.scaffold;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.bactrian.model.Signature;
import io.bactrian.model.graph.SignatureTraits;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.TensorSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.TensorProto;

/** What is guessed from which signature and graph. */
class RouteScaffoldTest {

    @TempDir Path folder;

    /** Tensors such as {@code image float32 [-1, 8, 8, 3]; b int32 []}. */
    private static Map<String, TensorSpec> tensors(String text) {
        Map<String, TensorSpec> tensors = new TreeMap<>();
        for (String each : text.split("; ")) {
            String[] parts = each.split(" ", 3);
            tensors.put(
                    parts[0],
                    new TensorSpec(
                            parts[0],
                            parts[0] + ":0",
                            DType.valueOf(parts[1].toUpperCase(Locale.ROOT)).dataType(),
                            shape(parts[2])));
        }
        return tensors;
    }

    private static Shape shape(String text) {
        if (text.equals("unknown")) {
            return Shape.unknown();
        }
        String sizes = text.substring(1, text.length() - 1);
        return sizes.isEmpty()
                ? Shape.scalar()
                : Shape.of(Arrays.stream(sizes.split(", ")).mapToLong(Long::parseLong).toArray());
    }

    private static NodeDef.Builder node(String name, String operation, String... inputs) {
        return NodeDef.newBuilder().setName(name).setOp(operation).addAllInput(List.of(inputs));
    }

    private static NodeDef.Builder constant(String name, float value) {
        byte[] bytes = new byte[4];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putFloat(value);
        return node(name, "Const")
                .putAttr(
                        "value",
                        AttrValue.newBuilder()
                                .setTensor(
                                        TensorProto.newBuilder()
                                                .setDtype(DataType.DT_FLOAT)
                                                .setTensorContent(ByteString.copyFrom(bytes)))
                                .build());
    }

    /**
     * @param operations such as {@code *0.5 Relu Softmax}: from the first input to the first
     *     output, of which {@code *} multiplies by a constant
     */
    private ModelFacts facts(String inputs, String operations, String outputs) {
        Signature signature = Signature.of("serving_default", tensors(inputs), tensors(outputs));
        GraphDef.Builder graph = GraphDef.newBuilder();
        signature.inputs().keySet().forEach(each -> graph.addNode(node(each, "Placeholder")));
        String last = signature.inputs().firstKey();
        String[] chain = operations == null ? new String[0] : operations.split(" ");
        for (int i = 0; i < chain.length; i++) {
            String name = i == chain.length - 1 ? signature.outputs().firstKey() : "node" + i;
            if (chain[i].startsWith("*")) {
                graph.addNode(constant("c" + i, Float.parseFloat(chain[i].substring(1))));
                graph.addNode(node(name, "Mul", last, "c" + i));
            } else {
                graph.addNode(node(name, chain[i], last));
            }
            last = name;
        }
        SignatureTraits traits =
                new SignatureTraits.Analysis(graph.build())
                        .of(
                                TensorSpec.tensorNames(signature.inputs()),
                                TensorSpec.tensorNames(signature.outputs()));
        return new ModelFacts(
                "m",
                signature,
                true,
                List.of(),
                traits,
                new FileSearch(folder.resolve("code"), folder.resolve("1"), folder));
    }

    /** {@return the data formats and the processors with their properties} */
    private static String summary(RouteScaffold route) {
        List<String> parts = new ArrayList<>();
        for (String line : route.yaml().lines().toList()) {
            String content = line.strip();
            if (content.startsWith("#")) {
                continue;
            }
            if (content.startsWith("type: ")) {
                parts.add(content.substring(content.lastIndexOf('.') + 1));
            } else if (content.equals("json: {}") || content.startsWith("custom: ")) {
                parts.add(content.contains("tensorflow") ? "tf" : "json");
            } else if (line.matches(" {8}\\w+: .*") && !content.matches("(consumes|produces).*")) {
                parts.add(content);
            }
        }
        return String.join(" ", parts);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                // Images: scale.
                "x float32 [-1, 32, 32, 3]|*0.00392157 Softmax|y float32 [-1, 4]|ImagePreprocessor scale: 1 ArgMaxPostprocessor json",
                "x float32 [-1, 32, 32, 3]|*2 Softmax|y float32 [-1, 4]|ImagePreprocessor scale: 0.00392156862745098 ArgMaxPostprocessor json",
                "x float32 [-1, 32, 32, 3]|Conv2D Softmax|y float32 [-1, 4]|ImagePreprocessor scale: 0.00392156862745098 ArgMaxPostprocessor json",
                "x uint8 [-1, 32, 32, 1]|Conv2D Softmax|y float32 [-1, 4]|ImagePreprocessor ArgMaxPostprocessor json",
                // Images: size and layout.
                "x uint8 [-1, -1, -1, 3]|Conv2D Softmax|y float32 [-1, 4]|ImagePreprocessor width: 224 height: 224 ArgMaxPostprocessor json",
                "x uint8 [-1, -1, 64, 3]|Conv2D Softmax|y float32 [-1, 4]|ImagePreprocessor height: 224 ArgMaxPostprocessor json",
                "x uint8 [1, -1, -1, 3]|Conv2D|y float32 [1, -1, 6]|ImagePreprocessor fit: none BoxesPostprocessor threshold: 0.5 json",
                "x uint8 [-1, 3, 32, 32]|Conv2D Softmax|y float32 [-1, 4]|ImagePreprocessor layout: NCHW ArgMaxPostprocessor json",
                // No images.
                "x float32 [-1, 32, 32, 4]|Softmax|y float32 [-1, 4]|tf tf",
                "x float32 [8, 32, 32, 3]|Softmax|y float32 [8, 4]|tf tf",
                "x float32 [-1, 4, 4, 3]|Softmax|y float32 [-1, 4]|tf tf",
                "x float32 [-1, 32, 32]|Softmax|y float32 [-1, 4]|tf tf",
                "x bool [-1, 32, 32, 3]|Softmax|y float32 [-1, 4]|tf tf",
                "x float32 [-1, 32, 32, 3]; z int32 [-1]|Softmax|y float32 [-1, 4]|tf tf",
                // Texts.
                "x string [-1]|StringLower Softmax|y float32 [-1, 2]|TextPreprocessor caseFolding: NONE ArgMaxPostprocessor json json",
                "x string [-1, 1]|Softmax|y float32 [-1, 2]|TextPreprocessor caseFolding: NONE ArgMaxPostprocessor json json",
                "x string unknown|Softmax|y float32 [-1, 2]|TextPreprocessor caseFolding: NONE ArgMaxPostprocessor json json",
                "x string [-1]|Softmax|a string [-1, 2]; b float32 [-1, 2]|TextPreprocessor caseFolding: NONE json tf",
                // Strings that are no texts.
                "x string [-1, 7]|Softmax|y float32 [-1, 2]|tf tf",
                "x string [-1]|DecodeJpeg Softmax|y float32 [-1, 2]|tf tf",
                "x string [-1]|ParseExampleV2 Softmax|y float32 [-1, 2]|tf tf",
                "x string [-1]|LookupTableFindV2|y int64 [-1]|tf tf",
                // Outputs.
                "x string [-1]|Sigmoid|y float32 [-1, 1]|TextPreprocessor caseFolding: NONE BinaryPostprocessor threshold: 0.5 json json",
                "x string [-1]|Sigmoid|y float32 [-1]|TextPreprocessor caseFolding: NONE BinaryPostprocessor threshold: 0.5 json json",
                "x string [-1]|BiasAdd|y float32 [-1, 1]|TextPreprocessor caseFolding: NONE json tf",
                "x string [-1]|Sigmoid|y float32 [-1, 7]|TextPreprocessor caseFolding: NONE TopKPostprocessor k: 5 json json",
                "x string [-1]|BiasAdd|y float32 [-1, 7]|TextPreprocessor caseFolding: NONE ArgMaxPostprocessor json json",
                "x string [-1]|BiasAdd|y float32 [-1, -1]|TextPreprocessor caseFolding: NONE json tf",
                "x string [-1]|BiasAdd|y float32 [-1, 9, 9]|TextPreprocessor caseFolding: NONE json tf",
                "x string [-1]|BiasAdd|y float32 []|tf tf",
                "x uint8 [-1, 32, 32, 3]|Conv2D|y float32 [-1, 100, 6]|ImagePreprocessor BoxesPostprocessor threshold: 0.5 json",
                "x uint8 [-1, 32, 32, 3]|Conv2D|y float32 [100, 6]|ImagePreprocessor BoxesPostprocessor threshold: 0.5 json",
                "x uint8 [-1, 32, 32, 3]|Conv2D|y float32 [-1, 6]|ImagePreprocessor ArgMaxPostprocessor json",
                "x uint8 [1, -1, -1, 3]|Conv2D|detection_boxes float32 [1, 9, 4]; detection_classes float32 [1, 9]; detection_scores float32 [1, 9]; num_detections float32 [1]|ImagePreprocessor fit: none DetectionApiPostprocessor threshold: 0.5 json",
                "x uint8 [1, 32, 32, 3]|Conv2D|detection_boxes float32 [1, 9, 4]; detection_classes float32 [1, 9]|ImagePreprocessor tf",
                // Numbers.
                "x float32 [-1, 4]|Softmax|y float32 [-1, 3]|tf tf",
                "a float32 [-1]; b float32 [-1]|AddV2|y float32 [-1]|tf tf",
            })
    void guess(String inputs, String operations, String outputs, String expected) {
        assertEquals(expected, summary(RouteScaffold.of(facts(inputs, operations, outputs))));
    }

    private void file(String name, String... lines) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, List.of(lines));
    }

    private String labelsOfTwoClasses() {
        String summary =
                summary(RouteScaffold.of(facts("x string [-1]", "Softmax", "y float32 [-1, 2]")));
        return summary.replaceFirst("TextPreprocessor caseFolding: NONE ", "");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "tokenizer.json|x int32 [-1, -1]|TokenizerPreprocessor tokenizerFile: tokenizer.json",
                "1/assets/tokenizer.json|x int64 [-1, 128]|TokenizerPreprocessor tokenizerFile: assets/tokenizer.json",
                "vocab.txt|input_ids int32 [-1, -1]; mask int32 [-1, -1]; token_type_ids int32 [-1, -1]|TokenizerPreprocessor tokenizerFile: vocab.txt",
                "vocab.txt|input_ids int32 [-1, -1]|tf",
                "tokenizer.json|a int32 [-1, -1]; b int32 [-1, -1]|tf",
                "tokenizer.json|x int32 [-1]|tf",
                "tokenizer.json|x float32 [-1, 4]|tf",
            })
    void tokenizersFileMakesIntegersIdsOfATokenizer(String place, String inputs, String expected)
            throws Exception {
        file(place, "{}");
        String formats = expected.equals("tf") ? " tf" : " json tf";
        assertEquals(
                expected + formats,
                summary(RouteScaffold.of(facts(inputs, null, "y float32 [-1, 9, 4]"))));
    }

    @ParameterizedTest
    @CsvSource({
        "code/labels.txt, labels.txt",
        "1/labels.txt, labels.txt",
        "labels.txt, labels.txt",
        "1/assets/my_labels.txt, assets/my_labels.txt",
        "class_names.txt, class_names.txt",
        "CATEGORIES.TSV, CATEGORIES.TSV",
    })
    void labelsFileIsFound(String place, String location) throws Exception {
        file(place, "no", "yes");
        assertEquals(
                "TopKPostprocessor k: 2 labelsFile: " + location + " json json",
                labelsOfTwoClasses());
    }

    @Test
    void labelsFileInJsonIsFound() throws Exception {
        file("1/assets/class_indices.json", "{\"no\": 0, \"yes\": 1}");
        assertEquals(
                "TopKPostprocessor k: 2 labelsFile: assets/class_indices.json json json",
                labelsOfTwoClasses());
    }

    @Test
    void fileThatDoesNotFitTheClassesIsNotTaken() throws Exception {
        file("labels.txt", "no", "yes", "perhaps");
        file("1/assets/vocab.txt", "no", "yes");
        assertEquals("ArgMaxPostprocessor json json", labelsOfTwoClasses());
        file("names_of_classes.txt", "no", "yes");
        assertEquals(
                "TopKPostprocessor k: 2 labelsFile: names_of_classes.txt json json",
                labelsOfTwoClasses());
    }

    /** The processor would find the other file first. */
    @Test
    void fileBehindAnotherOfItsNameIsNotTaken() throws Exception {
        file("code/labels.txt", "no", "yes", "perhaps");
        file("labels.txt", "no", "yes");
        assertEquals("ArgMaxPostprocessor json json", labelsOfTwoClasses());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "x float32 [-1, 3]|{\"instances\": [[1.0, 1.0, 1.0]]}",
                "x int64 [-1, -1]|{\"instances\": [[1]]}",
                "x bool [-1]|{\"instances\": [true]}",
                "a int32 [-1]; b string [-1, 1]|{\"instances\": [{\"a\": 1, \"b\": [\"a text\"]}]}",
                "x float32 []|{\"inputs\": {\"x\": 1.0}}",
                "x float32 [2, 2]|{\"inputs\": {\"x\": [[1.0, 1.0], [1.0, 1.0]]}}",
                "x float32 unknown|{\"inputs\": {\"x\": 1.0}}",
            })
    void sampleIsARequestOfTheSignature(String inputs, String body) {
        RouteScaffold route = RouteScaffold.of(facts(inputs, null, "y float32 [-1]"));
        assertEquals(
                "curl -s localhost:8080/models/m/invoke -H 'Content-Type: application/json' -d '"
                        + body
                        + "'",
                route.sample().curl(route.pipeline()));
        assertTrue(route.yaml().contains("#   " + route.sample().curl("m") + "\n"), route::yaml);
    }

    @Test
    void sampleOfALargeTensorIsAFile() {
        RouteScaffold route = RouteScaffold.of(facts("x float32 [-1, 25]", null, "y float32 [-1]"));
        assertTrue(route.sample().curl("m").endsWith("--data-binary @request.json"));
    }

    @Test
    void namesAreQuotedWhereYamlNeedsIt() {
        assertEquals("labels.txt", YamlText.scalar("labels.txt"));
        assertEquals("pipeline:my-model", YamlText.scalar("pipeline:my-model"));
        assertEquals("\"no\"", YamlText.scalar("no"));
        assertEquals("\"1\"", YamlText.scalar("1"));
        assertEquals("\"a: b\"", YamlText.scalar("a: b"));
        assertEquals("\"a \\\"b\\\"\\u000a\"", YamlText.scalar("a \"b\"\n"));
    }

    @Test
    void commentsAreWrappedButNotWithinBraces() {
        String comment = YamlText.comment("", "word ".repeat(18) + "{a: {b: c}} end");
        assertEquals("# " + "word ".repeat(18).strip() + "\n# {a: {b: c}} end\n", comment);
    }
}
