package io.bactrian.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.format.NpyWriter;
import io.bactrian.model.ModelRepository;
import io.bactrian.model.SchedulerConfig;
import io.bactrian.model.TensorFlowConfig;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.RenameTensors;
import io.bactrian.preprocess.ImagePreprocessor;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensorflow.TensorFlowComponent;
import io.bactrian.testing.Exchanges;
import io.bactrian.testing.TestModels;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.component.mock.MockEndpoint;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.apache.camel.support.processor.idempotent.MemoryIdempotentRepository;
import org.apache.camel.test.junit5.CamelTestSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TString;
import org.tensorflow.types.TUint8;

/** The binding of a route's processors to the signatures of its models. */
class SignatureBindingTest extends CamelTestSupport {

    private static final long ANY = Shape.UNKNOWN_SIZE;

    @TempDir static Path models;

    @TempDir static Path otherModels;

    private static ModelRepository repository;

    @TempDir Path routes;

    @BeforeAll
    static void makeModels() throws Exception {
        // Three classes, from the mean of an image's pixels by channel.
        TestModels.model(
                version("colors"),
                TFloat32.class,
                Shape.of(ANY, 96, 64, 3),
                (tf, x) -> tf.math.mean(x, tf.constant(new int[] {1, 2})));
        TestModels.identity(version("planar"), TFloat32.class, Shape.of(ANY, 3, 96, 64));
        TestModels.identity(version("bytes"), TUint8.class, Shape.of(ANY, ANY, ANY, 3));
        TestModels.identity(version("squares"), TFloat32.class, Shape.of(ANY, 8, 8, 3));
        TestModels.identity(version("gray"), TFloat32.class, Shape.of(ANY, 28, ANY, 1));
        TestModels.identity(version("alpha"), TFloat32.class, Shape.of(ANY, 8, 8, 4));
        TestModels.identity(version("files"), TString.class, Shape.of(ANY, ANY, ANY, ANY));
        TestModels.model(
                otherModels.resolve("colors").resolve("1"),
                TFloat32.class,
                Shape.of(ANY, 8, 8, 3),
                (tf, x) -> tf.math.mean(x, tf.constant(new int[] {1, 2})));
        TestModels.identity(version("flat"), TFloat32.class, Shape.of(ANY, 784));
        TestModels.identity(version("unknown"), TFloat32.class, Shape.unknown());
        TestModels.identity(version("columns"), TFloat32.class, Shape.of(ANY, ANY));
        TestModels.identity(version("rows"), TFloat32.class, Shape.of(ANY));
        TestModels.identity(version("boxes"), TFloat32.class, Shape.of(1, ANY, 6));
        TestModels.identity(version("cubes"), TFloat32.class, Shape.of(ANY, 2, 6));
        TestModels.identity(version("words"), TString.class, Shape.of(ANY));
        TestModels.identity(version("tokens"), TString.class, Shape.of(ANY, 7));
        // One probability per text.
        TestModels.model(
                version("spam"),
                TString.class,
                Shape.of(ANY),
                (tf, x) ->
                        tf.math.sigmoid(
                                tf.expandDims(
                                        tf.math.sub(
                                                tf.dtypes.cast(
                                                        tf.strings.stringLength(x), TFloat32.class),
                                                tf.constant(5f)),
                                        tf.constant(1))));
        // A text per row and column, as Keras' TextVectorization takes it.
        TestModels.model(
                version("keras"),
                TString.class,
                Shape.of(ANY, 1),
                (tf, x) -> tf.dtypes.cast(tf.strings.stringLength(x), TFloat32.class));
        TestModels.model(
                version("scalar"),
                TString.class,
                Shape.scalar(),
                (tf, x) -> tf.dtypes.cast(tf.strings.stringLength(x), TFloat32.class));
        TestModels.sumAndProduct(version("pair"));
        // Declares images of any size, which its first layer does not accept.
        TestModels.model(
                version("dense"),
                TFloat32.class,
                Shape.of(ANY, ANY, ANY, 3),
                (tf, x) ->
                        tf.linalg.matMul(
                                tf.reshape(x, tf.constant(new int[] {-1, 8 * 8 * 3})),
                                tf.ones(tf.constant(new int[] {8 * 8 * 3, 2}), TFloat32.class)));
        // Accepts images of any size except black ones.
        TestModels.model(
                version("lit"),
                TFloat32.class,
                Shape.of(ANY, ANY, ANY, 3),
                (tf, x) ->
                        tf.math.mean(
                                tf.debugging.checkNumerics(tf.math.log(x), "too dark"),
                                tf.constant(new int[] {1, 2})));
        // Scales pixels from 0 to 255 itself.
        TestModels.model(
                version("rescaled"),
                TFloat32.class,
                Shape.of(ANY, 8, 8, 3),
                (tf, x) ->
                        tf.math.mean(
                                tf.math.mul(x, tf.constant(1 / 255f)),
                                tf.constant(new int[] {1, 2})));
        repository =
                new ModelRepository(
                        models, TensorFlowConfig.defaults(), SchedulerConfig.defaults());
    }

    @AfterAll
    static void close() {
        repository.close();
    }

    private static Path version(String model) {
        return models.resolve(model).resolve("1");
    }

    @Override
    protected CamelContext createCamelContext() throws Exception {
        CamelContext context = super.createCamelContext();
        TensorFlowComponent component = new TensorFlowComponent();
        component.setRepository(repository);
        context.addComponent("tensorflow", component);
        return context;
    }

    private final long open = NamedTensors.open();

    @AfterEach
    void everyTensorIsClosed() {
        MockEndpoint.resetMocks(context);
        Exchanges.awaitOpenTensors(open);
    }

    /** A route of steps, with the beans {@code pre} and {@code post}. */
    private void add(String pre, String post, String steps) throws Exception {
        String yaml =
                """
                - beans:
                    - name: pre
                      type: io.bactrian.preprocess.%s
                    - name: post
                      type: io.bactrian.postprocess.%s
                - route:
                    id: it
                    from:
                      uri: direct:it
                      steps:
                %s
                """
                        .formatted(bean(pre), bean(post), steps.indent(8));
        Path file = Files.writeString(routes.resolve("it.camel.yaml"), yaml);
        PluginHelper.getRoutesLoader(context)
                .loadRoutes(ResourceHelper.resolveMandatoryResource(context, "file:" + file));
    }

    /** {@code Type} or {@code Type{property: value}}. */
    private static String bean(String text) {
        int brace = text.indexOf('{');
        return brace < 0
                ? text
                : text.substring(0, brace) + "\n      properties: " + text.substring(brace);
    }

    private static String straight(String model) {
        return """
               - process: {ref: "#pre"}
               - to: {uri: "tensorflow:%s"}
               - process: {ref: "#post"}
               - marshal: {json: {}}
               """
                .formatted(model);
    }

    private String fault(String pre, String post, String steps) {
        Throwable failure = deepest(assertThrows(Exception.class, () -> add(pre, post, steps)));
        assertInstanceOf(PipelineFaultException.class, failure);
        return failure.getMessage();
    }

    private static Throwable deepest(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    private static final String ARG_MAX = "ArgMaxPostprocessor";
    private static final String JSON = "JsonArrayPreprocessor";
    private static final String FLOATS = "JsonArrayPreprocessor{dtype: float32}";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "colors | {width: 224, height: 224} | width is 224 and height is 224, but input \"x\" of signature \"serving_default\" of model \"colors\" is float32 [-1, 96, 64, 3]",
                "colors | {width: 96, height: 64} | width is 96 and height is 64, but input \"x\" of signature \"serving_default\" of model \"colors\" is float32 [-1, 96, 64, 3]",
                "colors | {width: 64, height: 96, channels: 1} | channels is 1, but input \"x\" of signature \"serving_default\" of model \"colors\" is float32 [-1, 96, 64, 3]",
                "colors | {fit: none, channels: 1} | channels is 1, but input \"x\" of signature \"serving_default\" of model \"colors\" is float32 [-1, 96, 64, 3]",
                "colors | {width: 64, height: 96, layout: NCHW} | layout is NCHW, but input \"x\" of signature \"serving_default\" of model \"colors\" is float32 [-1, 96, 64, 3]: set layout: NHWC",
                "planar | {width: 64, height: 96} | layout is NHWC, but input \"x\" of signature \"serving_default\" of model \"planar\" is float32 [-1, 3, 96, 64]: set layout: NCHW",
                "planar | {width: 65, height: 96, layout: NCHW} | width is 65, but input \"x\" of signature \"serving_default\" of model \"planar\" is float32 [-1, 3, 96, 64]",
                "colors | {width: 64, height: 96, dtype: uint8} | dtype is uint8, but input \"x\" of signature \"serving_default\" of model \"colors\" is float32 [-1, 96, 64, 3]",
                "bytes | {dtype: float32} | dtype is float32, but input \"x\" of signature \"serving_default\" of model \"bytes\" is uint8 [-1, -1, -1, 3]",
                "flat | {} | makes images of 4 dimensions, NHWC, but input \"x\" of signature \"serving_default\" of model \"flat\" is float32 [-1, 784]",
                "colors | {width: 64, height: 96, input: image} | input is \"image\", but signature \"serving_default\" of model \"colors\" has the input \"x\" float32 [-1, 96, 64, 3]",
                "pair | {} | makes one tensor, but signature \"serving_default\" of model \"pair\" has the inputs \"a\" float32 [-1], \"b\" float32 [-1]"
            })
    void imageThatContradictsTheInputIsRejected(String model, String properties, String message) {
        assertEquals(
                "pre (ImagePreprocessor): " + message,
                fault("ImagePreprocessor" + properties, ARG_MAX, straight(model)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "flat | {dtype: int32} | dtype is int32, but input \"x\" of signature \"serving_default\" of model \"flat\" is float32 [-1, 784]",
                "flat | {shape: '1, 28, 28'} | shape is [1, 28, 28], but input \"x\" of signature \"serving_default\" of model \"flat\" is float32 [-1, 784]",
                "flat | {shape: '-1, 783'} | shape is [-1, 783], but input \"x\" of signature \"serving_default\" of model \"flat\" is float32 [-1, 784]",
                "flat | {shape: '8, 784'} | batch is true, which makes the first size 1, but shape is [8, 784]",
                "flat | {input: y} | input is \"y\", but signature \"serving_default\" of model \"flat\" has the input \"x\" float32 [-1, 784]"
            })
    void arrayThatContradictsTheInputIsRejected(String model, String properties, String message) {
        assertEquals(
                "pre (JsonArrayPreprocessor): " + message,
                fault(JSON + properties, ARG_MAX, straight(model)));
    }

    @Test
    void textThatContradictsTheInputIsRejected() {
        assertEquals(
                "pre (TextPreprocessor): dtype is string, but input \"x\" of signature"
                        + " \"serving_default\" of model \"flat\" is float32 [-1, 784]",
                fault("TextPreprocessor", ARG_MAX, straight("flat")));
        assertEquals(
                "pre (TextPreprocessor): makes one text, but input \"x\" of signature"
                        + " \"serving_default\" of model \"tokens\" is string [-1, 7]",
                fault("TextPreprocessor", ARG_MAX, straight("tokens")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "colors | ArgMaxPostprocessor{labels: 'r, g'} | labels has 2 names for 3 classes: output \"y\" of signature \"serving_default\" of model \"colors\" is float32 [-1, 3]",
                "colors | TopKPostprocessor{labels: 'r, g, b, alpha'} | labels has 4 names for 3 classes: output \"y\" of signature \"serving_default\" of model \"colors\" is float32 [-1, 3]",
                "colors | TopKPostprocessor{output: z} | output is \"z\", but signature \"serving_default\" of model \"colors\" has the output \"y\" float32 [-1, 3]",
                "colors | ArgMaxPostprocessor{threshold: 0.5} | expected one score per row, of shape [rows, 1], [rows] or [], but output \"y\" of signature \"serving_default\" of model \"colors\" is float32 [-1, 3]",
                "colors | BinaryPostprocessor | expected one score per row, of shape [rows, 1], [rows] or [], but output \"y\" of signature \"serving_default\" of model \"colors\" is float32 [-1, 3]",
                "colors | ArgMaxPostprocessor{threshold: 0.5, activation: softmax} | activation is softmax, which makes 1 of a single score per row: set activation: sigmoid",
                "colors | ArgMaxPostprocessor{confidenceField: label} | confidenceField and labelField are both \"label\"",
                "colors | MultiLabelPostprocessor{threshold: '0.5, 0.6'} | threshold has 2 numbers for 3 classes: output \"y\" of signature \"serving_default\" of model \"colors\" is float32 [-1, 3]",
                "colors | MultiLabelPostprocessor{labels: 'r, g'} | labels has 2 names for 3 classes: output \"y\" of signature \"serving_default\" of model \"colors\" is float32 [-1, 3]",
                "colors | RegressionPostprocessor{output: z} | output is \"z\", but signature \"serving_default\" of model \"colors\" has the output \"y\" float32 [-1, 3]",
                "colors | OutputsPostprocessor{fields: 'p=y, q=z'} | fields names the output \"z\", but signature \"serving_default\" of model \"colors\" has the output \"y\" float32 [-1, 3]",
                "colors | BoxesPostprocessor | expected numbers of shape [boxes, 6] or [images, boxes, 6], with the columns class, confidence, xmin, ymin, xmax, ymax, but output \"y\" of signature \"serving_default\" of model \"colors\" is float32 [-1, 3]",
                "colors | DetectionApiPostprocessor | expected an output \"detection_boxes\", as the Object Detection API names it, but signature \"serving_default\" of model \"colors\" has the output \"y\" float32 [-1, 3]"
            })
    void postprocessorThatContradictsTheOutputIsRejected(
            String model, String post, String message) {
        assertEquals(
                "post (" + post.replaceFirst("\\{.*", "") + "): " + message,
                fault("ImagePreprocessor{width: 64, height: 96}", post, straight(model)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "words | ArgMaxPostprocessor | expected numbers, but output \"y\" of signature \"serving_default\" of model \"words\" is string [-1]",
                "spam | ArgMaxPostprocessor | output \"y\" of signature \"serving_default\" of model \"spam\" is float32 [-1, 1]: a single score per row leaves no class to choose; from a sigmoid it is the probability of class 1: set threshold: 0.5 to answer class 1 where it is at least 0.5, else class 0",
                "spam | TopKPostprocessor{labels: 'ham, spam'} | output \"y\" of signature \"serving_default\" of model \"spam\" is float32 [-1, 1]: a single score per row leaves no class to choose; from a sigmoid it is the probability of class 1: set binary: true to answer both classes, with the scores 1 - p and p",
                "spam | BinaryPostprocessor{labels: spam} | labels has 1 name for 2 classes: output \"y\" of signature \"serving_default\" of model \"spam\" is float32 [-1, 1]",
                "spam | BinaryPostprocessor{activation: softmax} | activation is softmax, which makes 1 of a single score per row: set activation: sigmoid",
                "words | RegressionPostprocessor | expected numbers, but output \"y\" of signature \"serving_default\" of model \"words\" is string [-1]",
                "scalar | MultiLabelPostprocessor | expected scores of shape [classes] or [rows, classes], but output \"y\" of signature \"serving_default\" of model \"scalar\" is float32 []",
                "scalar | OutputsPostprocessor | output \"y\" is a scalar: signature \"serving_default\" of model \"scalar\" has the output \"y\" float32 []: set rows: false to answer the outputs as they are",
                "spam | ArgMaxPostprocessor{threshold: 0.5, labels: spam} | labels has 1 name for 2 classes: output \"y\" of signature \"serving_default\" of model \"spam\" is float32 [-1, 1]"
            })
    void postprocessorThatContradictsATextModelIsRejected(
            String model, String post, String message) {
        assertEquals(
                "post (" + post.replaceFirst("\\{.*", "") + "): " + message,
                fault("TextPreprocessor", post, straight(model)));
    }

    /**
     * Sizes, channels and dtype that are not set are the model's; those that it leaves open, 224.
     */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "colors | {} | float32 [1, 96, 64, 3]",
                "colors | {width: 64} | float32 [1, 96, 64, 3]",
                "planar | {layout: NCHW} | float32 [1, 3, 96, 64]",
                "bytes | {} | uint8 [1, 224, 224, 3]",
                "bytes | {width: 8, height: 9} | uint8 [1, 9, 8, 3]",
                "bytes | {fit: none} | uint8 [1, 4, 4, 3]",
                "gray | {} | float32 [1, 28, 224, 1]",
                "unknown | {} | float32 [1, 224, 224, 3]"
            })
    void imagePropertiesDefaultFromTheSignature(String model, String properties, String made)
            throws Exception {
        add(
                "ImagePreprocessor" + properties,
                ARG_MAX,
                """
                - process: {ref: "#pre"}
                - setProperty: {name: made, simple: "made: ${body}"}
                - to: {uri: "tensorflow:%s"}
                """
                        .formatted(model));
        Exchange exchange = send(image());
        assertEquals(null, exchange.getException());
        assertEquals("made: tensors{: " + made + "}", exchange.getProperty("made", String.class));
    }

    @Test
    void signatureThatNoImageFitsIsRejected() {
        assertEquals(
                "pre (ImagePreprocessor): channels must be 1 or 3, got 4 for input \"x\" of signature"
                        + " \"serving_default\" of model \"alpha\"",
                fault("ImagePreprocessor", ARG_MAX, straight("alpha")));
        assertEquals(
                "pre (ImagePreprocessor): dtype is float32, but input \"x\" of signature"
                        + " \"serving_default\" of model \"files\" is string [-1, -1, -1, -1]",
                fault("ImagePreprocessor", ARG_MAX, straight("files")));
        // The model's dtype, uint8, has no value for half a pixel.
        assertTrue(
                fault("ImagePreprocessor{scale: 0.5}", ARG_MAX, straight("bytes"))
                        .startsWith("pre (ImagePreprocessor): dtype uint8 can't hold 0.5"));
    }

    @Test
    void arrayDtypeDefaultsFromTheSignature() throws Exception {
        add(JSON, ARG_MAX, "- process: {ref: \"#pre\"}\n- to: {uri: \"tensorflow:bytes\"}\n");
        assertEquals(
                "body[0][0][0]: 256 is not a uint8",
                ask("[[[256, 2, 3]]]").getException().getMessage());
        context.getRouteController().stopRoute("it");
        context.removeRoute("it");
        add(JSON, ARG_MAX, "- process: {ref: \"#pre\"}\n- to: {uri: \"tensorflow:words\"}\n");
        assertEquals(null, ask("\"a text\"").getException());
    }

    @Test
    void beanForModelsThatDifferIsRejected() {
        assertEquals(
                "pre (ImagePreprocessor): width is 64 for input \"x\" of signature"
                        + " \"serving_default\" of model \"colors\" and height is 96 for input \"x\" of"
                        + " signature \"serving_default\" of model \"colors\", but input \"x\" of"
                        + " signature \"serving_default\" of model \"squares\" is float32 [-1, 8, 8,"
                        + " 3]: use a bean for each model",
                fault(
                        "ImagePreprocessor",
                        ARG_MAX,
                        """
                        - process: {ref: "#pre"}
                        - multicast:
                            steps:
                              - to: {uri: "tensorflow:colors"}
                              - to: {uri: "tensorflow:squares"}
                        """));
    }

    /** A route that contradicts the bean's other routes does not start; the others keep running. */
    @Test
    void routeThatDoesNotFitASharedBeanLeavesTheOtherRunning() throws Exception {
        add("ImagePreprocessor", ARG_MAX, straight("colors"));
        assertEquals(null, send(image()).getException());
        String other =
                """
                - route:
                    id: other
                    from:
                      uri: direct:other
                      steps:
                        - process: {ref: "#pre"}
                        - to: {uri: "tensorflow:%s"}
                """;
        Exception failure =
                assertThrows(
                        Exception.class,
                        () ->
                                PluginHelper.getRoutesLoader(context)
                                        .loadRoutes(
                                                ResourceHelper.fromString(
                                                        "other.camel.yaml",
                                                        other.formatted("squares"))));
        assertTrue(deepest(failure).getMessage().endsWith("use a bean for each model"));
        assertEquals(null, send(image()).getException());
    }

    @Test
    void restartedRouteIsBoundToTheReloadedModel() throws Exception {
        add("ImagePreprocessor", ARG_MAX, straight("colors"));
        context.getRouteController().stopRoute("it");
        TensorFlowComponent component = component();
        context.getEndpoints().stream()
                .filter(each -> each.getEndpointUri().startsWith("tensorflow:"))
                .forEach(org.apache.camel.support.service.ServiceHelper::stopService);
        try (ModelRepository reloaded =
                new ModelRepository(
                        otherModels, TensorFlowConfig.defaults(), SchedulerConfig.defaults())) {
            component.setRepository(reloaded);
            context.getRouteController().startRoute("it");
            assertEquals(Shape.of(1, 8, 8, 3), pre().fixedShape());
            assertEquals(null, send(image()).getException());
            context.getRouteController().stopRoute("it");
        }
    }

    @Test
    void scoresOfThreeDimensionsAreRejected() {
        assertEquals(
                "post (ArgMaxPostprocessor): expected scores of shape [classes] or [rows, classes],"
                        + " but output \"y\" of signature \"serving_default\" of model \"cubes\" is"
                        + " float32 [-1, 2, 6]",
                fault(JSON, ARG_MAX, straight("cubes")));
    }

    @Test
    void severalOutputsNeedAName() {
        String twoTensors = "- process: {ref: \"#class:io.bactrian.routes.TwoTensors\"}\n";
        String rest = straight("pair").lines().skip(1).reduce("", (a, b) -> a + b + "\n");
        assertEquals(
                "post (TopKPostprocessor): set output: signature \"serving_default\" of model"
                        + " \"pair\" has the outputs \"product\" float32 [-1], \"sum\" float32 [-1]",
                fault(JSON, "TopKPostprocessor", twoTensors + rest));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "colors|ImagePreprocessor{width: 64, height: 96}|ArgMaxPostprocessor{labels: 'r, g, b'}",
                "colors|ImagePreprocessor{fit: none}|TopKPostprocessor{k: 9}",
                "flat|JsonArrayPreprocessor{shape: '-1, 784'}|ArgMaxPostprocessor",
                "flat|JsonArrayPreprocessor{shape: '8, -1', batch: false}|ArgMaxPostprocessor",
                "unknown|ImagePreprocessor|ArgMaxPostprocessor{labels: 'a, b'}",
                "unknown|JsonArrayPreprocessor{shape: '1, 2, 3'}|BoxesPostprocessor",
                "columns|JsonArrayPreprocessor|ArgMaxPostprocessor{threshold: 0.5}",
                "columns|JsonArrayPreprocessor|TopKPostprocessor{labels: 'a, b'}",
                "rows|JsonArrayPreprocessor|ArgMaxPostprocessor{labels: 'a, b'}",
                "rows|JsonArrayPreprocessor|TopKPostprocessor{binary: true}",
                "boxes|JsonArrayPreprocessor|BoxesPostprocessor{labels: 'a, b'}",
                "spam|TextPreprocessor|ArgMaxPostprocessor{threshold: 0.5, labels: 'ham, spam'}",
                "spam|TextPreprocessor|BinaryPostprocessor{labels: 'ham, spam', field: spam}",
                "spam|TextPreprocessor|MultiLabelPostprocessor{labels: spam}",
                "spam|TextPreprocessor|RegressionPostprocessor{round: 2}",
                "scalar|TextPreprocessor|BinaryPostprocessor",
                "scalar|TextPreprocessor|RegressionPostprocessor",
                "scalar|TextPreprocessor|OutputsPostprocessor{rows: false}",
                "words|TextPreprocessor|OutputsPostprocessor{fields: word=y}",
                "columns|JsonArrayPreprocessor|MultiLabelPostprocessor{threshold: '0.5, 0.2'}",
                "cubes|JsonArrayPreprocessor|RegressionPostprocessor",
                "keras|TextPreprocessor|ArgMaxPostprocessor{threshold: 9}"
            })
    void routeThatCanFitStarts(String text) throws Exception {
        String[] parts = text.split("\\|");
        add(parts[1], parts[2], straight(parts[0]));
        assertTrue(context.getRouteController().getRouteStatus("it").isStarted());
    }

    private Exchange ask(String body) {
        return template.request("direct:it", exchange -> exchange.getMessage().setBody(body));
    }

    private String answer(String body) {
        Exchange exchange = ask(body);
        assertEquals(null, exchange.getException());
        return exchange.getMessage().getBody(String.class);
    }

    @Test
    void sigmoidModelIsServed() throws Exception {
        add(
                "TextPreprocessor{field: ''}",
                "ArgMaxPostprocessor{threshold: 0.5, labels: 'ham, spam'}",
                straight("spam"));
        assertEquals("{\"predicted_class\":1,\"label\":\"spam\"}", answer("URGENT! a prize"));
        assertEquals("{\"predicted_class\":0,\"label\":\"ham\"}", answer("hi"));
    }

    @Test
    void textTakesTheRankOfItsModel() throws Exception {
        add("TextPreprocessor{field: ''}", "ArgMaxPostprocessor{threshold: 3}", straight("keras"));
        assertEquals("{\"predicted_class\":1}", answer("four"));
        assertEquals("{\"predicted_class\":0}", answer("no"));
        context.getRouteController().stopRoute("it");
        context.removeRoute("it");
        add("TextPreprocessor{field: ''}", "ArgMaxPostprocessor{threshold: 3}", straight("scalar"));
        assertEquals("{\"predicted_class\":1}", answer("four"));
    }

    @Test
    void contradictionThatOnlyTheAnswerShowsFailsTheRequest() throws Exception {
        add(JSON, "TopKPostprocessor{labels: 'a, b, c'}", straight("columns"));
        Exchange failed = ask("[1, 2, 3, 4, 5]");
        assertInstanceOf(PipelineFaultException.class, failed.getException());
        assertEquals(
                "post (TopKPostprocessor): labels has 3 names for 5 classes: output \"y\" is float32"
                        + " [1, 5]",
                failed.getException().getMessage());
        assertTrue(
                answer("[1, 2, 3]")
                        .startsWith("{\"predictions\":[{\"class_id\":2,\"label\":\"c\""));
    }

    /** One level of brackets more would be another dimension, and an answer of another shape. */
    @Test
    void arrayMustHaveTheRankOfItsModel() throws Exception {
        add(JSON, "TopKPostprocessor", straight("columns"));
        Exchange failed = ask("[[1, 2, 3]]");
        assertInstanceOf(BadInputException.class, failed.getException());
        assertEquals(
                "body makes a tensor of shape [1, 1, 3], expected 2 dimensions",
                failed.getException().getMessage());
        assertTrue(answer("[1, 2, 3]").startsWith("{\"predictions\":[{\"class_id\":2,"));
        context.getRouteController().stopRoute("it");
        context.removeRoute("it");
        add(
                JSON,
                ARG_MAX,
                """
                - process: {ref: "#pre"}
                - choice:
                    when:
                      - simple: "${header.which} == 'a'"
                        steps:
                          - to: {uri: "tensorflow:boxes"}
                    otherwise:
                      steps:
                        - to: {uri: "tensorflow:rows?signature=serving_default"}
                - process: {ref: "#class:io.bactrian.routes.TwoTensors"}
                """);
        assertEquals(null, ask("[[1, 2, 3]]").getException());
    }

    @Test
    void shapeThatOnlyTheGraphRejectsIsReportedAtStart() throws Exception {
        add("ImagePreprocessor{width: 9, height: 8}", ARG_MAX, straight("dense"));
        List<String> remarks = component().remarks();
        assertEquals(1, remarks.size());
        String fault =
                "pre (ImagePreprocessor) makes a tensor of shape [1, 8, 9, 3], which signature"
                        + " \"serving_default\" of model \"dense\" refuses: Input to reshape is a"
                        + " tensor with 216 values, but the requested shape requires a multiple of"
                        + " 192";
        assertTrue(remarks.get(0).startsWith("route \"it\": " + fault), remarks.get(0));
        Exchange failed = send(image());
        assertInstanceOf(PipelineFaultException.class, failed.getException());
        assertTrue(failed.getException().getMessage().startsWith(fault));
        context.getRouteController().stopRoute("it");
        context.removeRoute("it");
        add(JSON + "{shape: '-1, 8, 7, 3', batch: false}", ARG_MAX, straight("dense"));
        assertEquals(2, component().remarks().size());
    }

    @Test
    void shapeThatFitsIsNotReported() throws Exception {
        add("ImagePreprocessor{width: 8, height: 8}", ARG_MAX, straight("dense"));
        assertEquals(List.of(), component().remarks());
        assertEquals("{\"predicted_class\":0}", send(image()).getMessage().getBody(String.class));
    }

    @Test
    void wrongShapeThatTheRequestDecidesIsBadInput() throws Exception {
        add("ImagePreprocessor{fit: none}", ARG_MAX, straight("dense"));
        assertEquals(List.of(), component().remarks());
        assertInstanceOf(BadInputException.class, send(image()).getException());
    }

    /**
     * A trial on zeros proves nothing: another image may pass, and a black one is a bad request.
     */
    @Test
    void trialThatFailsForItsValuesIsNotReported() throws Exception {
        add("ImagePreprocessor{width: 8, height: 8}", ARG_MAX, straight("lit"));
        assertEquals(List.of(), component().remarks());
        assertInstanceOf(BadInputException.class, send(image()).getException());
    }

    private TensorFlowComponent component() {
        return context.getComponent("tensorflow", TensorFlowComponent.class);
    }

    private Exchange send(byte[] body) {
        return template.request("direct:it", exchange -> exchange.getMessage().setBody(body));
    }

    /** A black PNG of 4 by 4 pixels. */
    private static byte[] image() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(new BufferedImage(4, 4, BufferedImage.TYPE_INT_RGB), "png", out);
        return out.toByteArray();
    }

    @Test
    void missingModelBetweenProcessorsIsReported() {
        assertEquals(
                "post (ArgMaxPostprocessor): reads what a model gives, but between it and pre"
                        + " (JsonArrayPreprocessor) there is no model",
                fault(
                        JSON,
                        ARG_MAX,
                        """
                        - process: {ref: "#pre"}
                        - log: "no model yet"
                        - process: {ref: "#post"}
                        - to: {uri: "tensorflow:columns"}
                        """));
    }

    @Test
    void outputsThatAreNotTheNextModelsInputsAreRejected() throws Exception {
        assertEquals(
                "signature \"serving_default\" of model \"pair\" has the inputs \"a\" float32 [-1],"
                        + " \"b\" float32 [-1], but signature \"serving_default\" of model \"rows\""
                        + " has the output \"y\" float32 [-1]: a step between must make those",
                fault(
                        JSON,
                        ARG_MAX,
                        """
                        - to: {uri: "tensorflow:rows"}
                        - to: {uri: "tensorflow:pair"}
                        """));
        assertTrue(
                fault(
                                JSON,
                                ARG_MAX,
                                """
                                - to: {uri: "tensorflow:rows"}
                                - to: {uri: "tensorflow:columns"}
                                """)
                        .contains("has the input \"x\""));
        add(
                JSON,
                ARG_MAX,
                """
                - to: {uri: "tensorflow:rows"}
                - process: {ref: "#class:io.bactrian.routes.TwoTensors"}
                - to: {uri: "tensorflow:pair"}
                """);
    }

    @Test
    void choiceIsCheckedInEveryBranch() throws Exception {
        String steps =
                """
                - process: {ref: "#pre"}
                - setHeader: {name: seen, constant: "1"}
                - log: "about to predict"
                - to: {uri: "log:before"}
                - choice:
                    when:
                      - simple: "${header.which} == 'a'"
                        steps:
                          - to: {uri: "tensorflow:%s"}
                    otherwise:
                      steps:
                        - pipeline:
                            steps:
                              - to: {uri: "tensorflow:%s"}
                - process: {ref: "#post"}
                - marshal: {json: {}}
                """;
        assertEquals(
                "pre (JsonArrayPreprocessor): dtype is float32, but input \"x\" of signature"
                        + " \"serving_default\" of model \"bytes\" is uint8 [-1, -1, -1, 3]",
                fault(FLOATS, ARG_MAX, steps.formatted("columns", "bytes")));
        assertEquals(
                "post (ArgMaxPostprocessor): expected scores of shape [classes] or [rows, classes],"
                        + " but output \"y\" of signature \"serving_default\" of model \"cubes\" is"
                        + " float32 [-1, 2, 6]",
                fault(FLOATS, ARG_MAX, steps.formatted("cubes", "columns")));
        add(JSON, ARG_MAX, steps.formatted("columns", "flat"));
        assertEquals("{\"predicted_class\":1}", answer("[1, 2]"));
    }

    @Test
    void multicastAndDoTryAreCheckedInEveryBranch() throws Exception {
        String multicast =
                """
                - process: {ref: "#pre"}
                - multicast:
                    steps:
                      - to: {uri: "tensorflow:bytes"}
                """;
        assertTrue(fault(FLOATS, ARG_MAX, multicast).contains("model \"bytes\""));
        String attempt =
                """
                - doTry:
                    steps:
                      - process: {ref: "#pre"}
                      - to: {uri: "tensorflow:%s"}
                    doCatch:
                      - exception: [java.lang.IllegalStateException]
                        steps:
                          - process: {ref: "#pre"}
                          - to: {uri: "tensorflow:%s"}
                - process: {ref: "#post"}
                """;
        assertTrue(
                fault(FLOATS, ARG_MAX, attempt.formatted("bytes", "columns"))
                        .contains("model \"bytes\""));
        assertTrue(
                fault(FLOATS, ARG_MAX, attempt.formatted("columns", "bytes"))
                        .contains("model \"bytes\""));
        assertTrue(
                fault(FLOATS, ARG_MAX, attempt.formatted("columns", "cubes"))
                        .contains("model \"cubes\""));
    }

    @Test
    void loopAndFilterAreCheckedInside() {
        String steps =
                """
                - process: {ref: "#pre"}
                - %s
                    steps:
                      - to: {uri: "tensorflow:bytes"}
                - process: {ref: "#post"}
                """;
        assertTrue(
                fault(FLOATS, ARG_MAX, steps.formatted("loop:\n    constant: 2"))
                        .contains("model \"bytes\""));
        assertTrue(
                fault(FLOATS, ARG_MAX, steps.formatted("filter:\n    simple: \"${body} != null\""))
                        .contains("model \"bytes\""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "- unmarshal: {custom: {ref: npy}}",
                "- to: {uri: \"dataformat:npy:unmarshal\"}"
            })
    void dataFormatThatContradictsTheInputIsRejected(String read) throws Exception {
        assertEquals(
                "NpyFormat: makes one tensor, but signature \"serving_default\" of model \"pair\" has"
                        + " the inputs \"a\" float32 [-1], \"b\" float32 [-1]",
                fault(JSON, ARG_MAX, read + "\n- to: {uri: \"tensorflow:pair\"}\n"));
        // A postprocessor can read what a model in another system answered.
        add(JSON, ARG_MAX, read + "\n- process: {ref: \"#post\"}\n- marshal: {json: {}}\n");
        try (TFloat32 scores = TFloat32.vectorOf(1, 3, 2)) {
            assertEquals(
                    "{\"predicted_class\":1}",
                    send(NpyWriter.write(scores)).getMessage().getBody(String.class));
        }
    }

    /** A preprocessor that takes its sizes from the model must find it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "setVariable: {name: v, constant: x}@",
                "setVariables: {variables: [{name: v, constant: x}]}@",
                "setHeaders: {headers: [{name: h, constant: x}]}@",
                "removeHeader: {name: h}@",
                "removeProperty: {name: h}@",
                "sample: {samplePeriod: 1}@",
                "throttle: {constant: 100}@",
                "delay: {constant: 0}@",
                "validate: {constant: \"true\"}@",
                "step: {steps: [@]}",
                "pipeline: {steps: [@]}",
                "loadBalance: {failoverLoadBalancer: {}, steps: [@]}",
                "loadBalance: {roundRobinLoadBalancer: {}, steps: [@]}",
                "circuitBreaker: {steps: [@], onFallback: {steps: [{stop: {}}]}}",
                "idempotentConsumer: {constant: x, idempotentRepository: \"#repository\", steps: [@]}",
                "filter: {constant: \"true\", steps: [@]}",
                "loop: {constant: 1, steps: [@]}",
                "doTry: {steps: [@], doFinally: {steps: [{log: x}]}}",
                "choice: {when: [{constant: \"true\", steps: [@]}], otherwise: {steps: [{stop: {}}]}}",
            })
    void stepThatKeepsTheBodyKeepsTheBinding(String step) throws Exception {
        context.getRegistry()
                .bind("repository", MemoryIdempotentRepository.memoryIdempotentRepository());
        String model = "to: {uri: \"tensorflow:colors\"}";
        boolean around = !step.endsWith("@");
        add(
                "ImagePreprocessor",
                ARG_MAX,
                "- process: {ref: \"#pre\"}\n- "
                        + (around
                                ? step.replace("@", "{" + model + "}")
                                : step.replace("@", "\n- " + model))
                        + "\n- process: {ref: \"#post\"}\n- marshal: {json: {}}\n");
        assertEquals(Shape.of(1, 96, 64, 3), pre().fixedShape());
        assertEquals("{\"predicted_class\":0}", send(image()).getMessage().getBody(String.class));
        context.getRouteController().stopRoute("it");
        context.removeRoute("it");
        assertTrue(
                fault(
                                "ImagePreprocessor",
                                "ArgMaxPostprocessor{labels: red}",
                                "- process: {ref: \"#pre\"}\n- "
                                        + (around
                                                ? step.replace("@", "{" + model + "}")
                                                : model + "\n- " + step.replace("@", ""))
                                        + "\n- process: {ref: \"#post\"}\n")
                        .startsWith("post (ArgMaxPostprocessor): labels has 1 name for 3 classes"));
    }

    private ImagePreprocessor pre() {
        return context.getRegistry().lookupByNameAndType("pre", ImagePreprocessor.class);
    }

    @Test
    void renamedOutputsAreBound() throws Exception {
        RenameTensors rename = new RenameTensors();
        context.getRegistry().bind("rename", rename);
        String steps =
                """
                - to: {uri: "tensorflow:rows"}
                - process: {ref: "#rename"}
                - to: {uri: "tensorflow:rows?signature=serving_default"}
                - process: {ref: "#post"}
                """;
        rename.setNames(Map.of("z", "x"));
        assertEquals(
                "rename (RenameTensors): names has \"z\", but signature \"serving_default\" of model"
                        + " \"rows\" has the output \"y\" float32 [-1]",
                fault(JSON, ARG_MAX, steps));
        rename.setNames(Map.of("y", "z"));
        assertEquals(
                "signature \"serving_default\" of model \"rows\" has the input \"x\" float32 [-1], but"
                        + " signature \"serving_default\" of model \"rows\" has the output \"z\" float32"
                        + " [-1]: a step between must make those",
                fault(JSON, ARG_MAX, steps));
        rename.setNames(Map.of("y", "x"));
        add(
                JSON + "{batch: false}",
                ARG_MAX,
                "- process: {ref: \"#pre\"}\n" + steps + "- marshal: {json: {}}\n");
        assertEquals("{\"predicted_class\":2}", answer("[1, 2, 3]"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "- process: {ref: \"#class:io.bactrian.routes.TwoTensors\"}",
                "- setBody: {simple: \"${body}\"}",
                "- to: {uri: \"direct:elsewhere\"}",
                "- toD: {uri: \"log:x\"}"
            })
    void unknownStepEndsTheBinding(String step) throws Exception {
        add(
                JSON,
                ARG_MAX,
                "- process: {ref: \"#pre\"}\n" + step + "\n- to: {uri: \"tensorflow:bytes\"}\n");
        context.removeRoute("it");
        add(
                JSON,
                ARG_MAX,
                "- to: {uri: \"tensorflow:bytes\"}\n" + step + "\n- process: {ref: \"#post\"}\n");
    }

    @Test
    void signatureChosenByAHeaderIsNotChecked() throws Exception {
        add(
                JSON,
                ARG_MAX,
                """
                - setHeader: {name: CamelTensorFlowSignatureName, constant: negate}
                - process: {ref: "#pre"}
                - to: {uri: "tensorflow:pair"}
                - process: {ref: "#post"}
                - marshal: {json: {}}
                """);
        assertEquals(
                "pre (JsonArrayPreprocessor): makes one tensor, but signature \"serving_default\" of"
                        + " model \"pair\" has the inputs \"a\" float32 [-1], \"b\" float32 [-1]",
                fault(JSON, ARG_MAX, straight("pair")));
    }

    @Test
    void beanIsBoundHoweverAStepNamesIt() {
        assertEquals(
                "ImagePreprocessor: makes images of 4 dimensions, NHWC, but input \"x\" of signature"
                        + " \"serving_default\" of model \"flat\" is float32 [-1, 784]",
                fault(
                        JSON,
                        ARG_MAX,
                        """
                        - process: {ref: "#class:io.bactrian.preprocess.ImagePreprocessor"}
                        - to: {uri: "tensorflow:flat"}
                        """));
        assertEquals(
                "post (ArgMaxPostprocessor): labels has 1 name for 3 classes: output \"y\" of"
                        + " signature \"serving_default\" of model \"colors\" is float32 [-1, 3]",
                fault(
                        JSON,
                        "ArgMaxPostprocessor{labels: red}",
                        """
                        - to: {uri: "tensorflow:colors"}
                        - bean: {ref: post}
                        """));
    }

    @Test
    void textBeanForTwoRanksIsRejected() {
        assertEquals(
                "pre (TextPreprocessor): feeds a model that takes [1] too: use another bean of it"
                        + " where input \"x\" of signature \"serving_default\" of model \"keras\" is"
                        + " string [-1, 1]",
                fault(
                        "TextPreprocessor",
                        ARG_MAX,
                        """
                        - process: {ref: "#pre"}
                        - to: {uri: "tensorflow:spam"}
                        - process: {ref: "#pre"}
                        - to: {uri: "tensorflow:keras"}
                        """));
    }

    @Test
    void disabledStepIsIgnored() throws Exception {
        add(
                JSON,
                ARG_MAX,
                """
                - process: {ref: "#pre"}
                - to: {uri: "tensorflow:bytes", disabled: true}
                - to: {uri: "tensorflow:columns"}
                - process: {ref: "#post"}
                - marshal: {json: {}}
                """);
        assertEquals("{\"predicted_class\":1}", answer("[1, 2]"));
    }

    @Test
    void contradictionIsFoundAgainOnRestart() throws Exception {
        assertTrue(fault(FLOATS, ARG_MAX, straight("bytes")).contains("dtype"));
        assertThrows(Exception.class, () -> context.getRouteController().startRoute("it"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{normalization: tf}", "{scale: 0.00392156862745098}"})
    void pixelsThatTheGraphScalesTooAreWarnedOf(String properties) throws Exception {
        add("ImagePreprocessor" + properties, ARG_MAX, straight("rescaled"));
        assertEquals(1, component().remarks().size());
        String remark = component().remarks().get(0);
        assertTrue(
                remark.startsWith(
                        "route \"it\": pre (ImagePreprocessor) for signature \"serving_default\" of"
                                + " model \"rescaled\" makes pixels from "),
                remark);
        assertTrue(
                remark.endsWith(
                        " to 1, but the graph itself scales pixels from 0 to 255, by x *"
                                + " 0.00392157: set scale: 1, without mean, std and normalization"),
                remark);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"rescaled | {scale: 1}", "colors | {}", "colors | {scale: 1}"})
    void pixelsThatAreScaledOnceAreNotWarnedOf(String model, String properties) throws Exception {
        add("ImagePreprocessor" + properties, ARG_MAX, straight(model));
        assertEquals(List.of(), component().remarks());
    }
}
