package io.bactrian.postprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.pipeline.ExchangeTensors;
import io.bactrian.pipeline.ImageGeometry;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.testing.Exchanges;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.StdArrays;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;
import org.tensorflow.types.family.TType;

class PostprocessorsTest {

    private static final DefaultCamelContext CONTEXT = new DefaultCamelContext();
    private static final ObjectMapper JSON = new ObjectMapper();

    private final List<NamedTensors.Reference> closed = new ArrayList<>();
    private long open;

    @BeforeEach
    void count() {
        open = NamedTensors.open();
    }

    @AfterEach
    void everyTensorIsClosed() {
        closed.forEach(NamedTensors.Reference::close);
        assertTrue(NamedTensors.open() <= open);
    }

    @AfterAll
    static void close() throws IOException {
        CONTEXT.close();
    }

    private static String answer(LabelledPostprocessor step, NamedTensors outputs) {
        Exchange exchange = new DefaultExchange(CONTEXT);
        exchange.getMessage().setBody(outputs);
        step.setCamelContext(CONTEXT);
        step.start();
        try (outputs) {
            step.process(exchange);
            assertNotNull(exchange.getMessage().getBody());
            return JSON.writeValueAsString(exchange.getMessage().getBody()).replace('"', '\'');
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        } finally {
            step.stop();
            Exchanges.done(exchange);
        }
    }

    private static NamedTensors scores(TType scores) {
        return NamedTensors.of("scores", scores);
    }

    private static TFloat32 rows(float[][] rows) {
        return TFloat32.tensorOf(StdArrays.ndCopyOf(rows));
    }

    @Test
    void argMaxAnswersTheHighestScorePerRow() {
        ArgMaxPostprocessor best = new ArgMaxPostprocessor();
        assertEquals(
                "{'predicted_class':2}",
                answer(best, scores(rows(new float[][] {{0.1f, 0.2f, 0.7f}}))));
        assertEquals("{'predicted_class':0}", answer(best, scores(TFloat32.vectorOf(3, 2, 3))));
        assertEquals("{'predicted_class':1}", answer(best, scores(TInt64.vectorOf(-3, -2, -4))));
        assertEquals(
                "{'predicted_class':1}", answer(best, scores(TFloat32.vectorOf(1, Float.NaN, 2))));
        assertEquals(
                "[{'predicted_class':1},{'predicted_class':0}]",
                answer(best, scores(rows(new float[][] {{0, 1}, {1, 0}}))));
    }

    @Test
    void argMaxReadsTheNamedOutputAndAddsLabels() {
        ArgMaxPostprocessor best = new ArgMaxPostprocessor();
        best.setField("class");
        best.setOutput("p");
        best.setLabels("ham, spam");
        assertEquals(
                "{'class':1,'label':'spam'}",
                answer(
                        best,
                        NamedTensors.builder()
                                .put("q", TFloat32.vectorOf(1, 0))
                                .put("p", TFloat32.vectorOf(0, 1))
                                .build()));
        assertEquals(
                "ArgMaxPostprocessor: labels has 2 names for 3 classes: output \"p\" is float32 [3]",
                failure(best, NamedTensors.of("p", TFloat32.vectorOf(0, 1, 2))));
    }

    @Test
    void outputThatIsNotScoresIsDescribed() {
        ArgMaxPostprocessor best = new ArgMaxPostprocessor();
        assertEquals(
                "ArgMaxPostprocessor: expected scores of shape [classes] or [rows, classes], but"
                        + " output \"scores\" is float32 [1, 2, 3]",
                failure(best, scores(TFloat32.tensorOf(Shape.of(1, 2, 3)))));
        assertEquals(
                "ArgMaxPostprocessor: expected scores, but output \"scores\" is float32 [1, 0]",
                failure(best, scores(TFloat32.tensorOf(Shape.of(1, 0)))));
        assertEquals(
                "ArgMaxPostprocessor: output \"scores\" is string [1], expected numbers",
                failure(best, scores(TString.vectorOf("a"))));
        assertEquals(
                "ArgMaxPostprocessor: set output: the model gave [a, b]",
                failure(
                        best,
                        NamedTensors.builder()
                                .put("a", TFloat32.vectorOf(1))
                                .put("b", TFloat32.vectorOf(1))
                                .build()));
        best.setOutput("c");
        assertEquals(
                "ArgMaxPostprocessor: there is no output \"c\": the model gave [a]",
                failure(best, NamedTensors.of("a", TFloat32.vectorOf(1))));
    }

    /** Arg-max of one column would be class 0 whatever the score. */
    @Test
    void singleScorePerRowIsNotArgMax() {
        String cause =
                ": a single score per row leaves no class to choose; from a sigmoid it is the"
                        + " probability of class 1: ";
        for (TFloat32 one :
                List.of(
                        rows(new float[][] {{0.9f}}),
                        rows(new float[][] {{0.9f}, {0.1f}}),
                        TFloat32.vectorOf(0.9f),
                        TFloat32.scalarOf(0.9f))) {
            String shape = io.bactrian.tensor.TensorSpec.format(one.shape());
            assertEquals(
                    "ArgMaxPostprocessor: output \"scores\" is float32 "
                            + shape
                            + cause
                            + "set threshold: 0.5 to answer class 1 where it is at least 0.5, else"
                            + " class 0",
                    failure(new ArgMaxPostprocessor(), scores(one)));
        }
        assertEquals(
                "TopKPostprocessor: output \"scores\" is float32 [1, 1]"
                        + cause
                        + "set binary: true to answer both classes, with the scores 1 - p and p",
                failure(new TopKPostprocessor(), scores(rows(new float[][] {{0.9f}}))));
    }

    @Test
    void argMaxWithThresholdReadsASigmoid() {
        ArgMaxPostprocessor best = new ArgMaxPostprocessor();
        best.setThreshold(0.7);
        best.setLabels("ham, spam");
        // As float32: 0.7f is less than 0.7.
        assertEquals(
                "{'predicted_class':1,'label':'spam'}",
                answer(best, scores(rows(new float[][] {{0.7f}}))));
        assertEquals(
                "{'predicted_class':0,'label':'ham'}",
                answer(best, scores(TFloat32.vectorOf(0.69f))));
        assertEquals(
                "{'predicted_class':1,'label':'spam'}",
                answer(best, scores(TFloat64.scalarOf(0.7))));
        assertEquals(
                "{'predicted_class':1,'label':'spam'}", answer(best, scores(TBool.vectorOf(true))));
        assertEquals(
                "[{'predicted_class':1,'label':'spam'},{'predicted_class':0,'label':'ham'}]",
                answer(best, scores(TFloat32.vectorOf(0.8f, 0.1f))));
        best.setLabels("a, b, c");
        assertEquals(
                "ArgMaxPostprocessor: labels has 3 names for 2 classes: output \"scores\" is"
                        + " float32 [1]",
                failure(best, scores(TFloat32.vectorOf(0.8f))));
        best.setLabels(null);
        assertEquals(
                "ArgMaxPostprocessor: expected one score per row, of shape [rows, 1], [rows] or [],"
                        + " but output \"scores\" is float32 [1, 2]",
                failure(best, scores(rows(new float[][] {{0.2f, 0.8f}}))));
        assertEquals(
                "ArgMaxPostprocessor: the model's score is NaN, which is on no side of the"
                        + " threshold",
                failure(best, scores(TFloat32.vectorOf(Float.NaN))));
        assertThrows(PipelineFaultException.class, () -> best.setThreshold(Double.NaN));
    }

    @Test
    void scoreThatIsNaNIsOnNoSideOfAThreshold() {
        for (LabelledPostprocessor step :
                List.of(new BinaryPostprocessor(), new MultiLabelPostprocessor())) {
            assertEquals(
                    step.getClass().getSimpleName()
                            + ": the model's score is NaN, which is on no side of the threshold",
                    failure(step, scores(rows(new float[][] {{0.5f}, {Float.NaN}}))));
        }
    }

    /** Of 1 - p, which is no score if p is a logit. */
    @Test
    void confidenceOfClassZeroNeedsAProbability() {
        ArgMaxPostprocessor best = new ArgMaxPostprocessor();
        best.setThreshold(0.5);
        best.setConfidenceField("confidence");
        assertEquals(
                "ArgMaxPostprocessor: confidenceField: the model's score is -3.0, expected a"
                        + " probability from 0 to 1, as a sigmoid gives it; set activation: sigmoid"
                        + " if it is a logit",
                failure(best, scores(TFloat32.vectorOf(-3))));
        best.setActivation(Activation.SIGMOID);
        assertEquals(
                "{'predicted_class':0,'confidence':0.95257413}",
                answer(best, scores(TFloat32.vectorOf(-3))));
    }

    @Test
    void valueIsTheWholeAnswerIfNoFieldIsNamed() {
        ArgMaxPostprocessor best = new ArgMaxPostprocessor();
        best.setField("");
        assertEquals("1", answer(best, scores(TFloat32.vectorOf(1, 2))));
        best.setLabels("cat, dog");
        assertEquals("{'label':'dog'}", answer(best, scores(TFloat32.vectorOf(1, 2))));
        best.setLabelField("");
        assertEquals("['dog','cat']", answer(best, scores(rows(new float[][] {{1, 2}, {2, 1}}))));
        BoxesPostprocessor boxes = new BoxesPostprocessor();
        boxes.setField("");
        boxes.setThreshold(0.8);
        assertEquals("[]", answer(boxes, boxes(new float[][] {{1, 0.75f, 0, 0, 1, 1}})));
    }

    /** Where class numbers are left out; else nothing would tell which class it is. */
    @Test
    void classWithoutANameAmongOthersIsNamedByItsNumber(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("l.json"), "{\"0\": \"cat\", \"2\": \"dog\"}");
        MultiLabelPostprocessor labels = new MultiLabelPostprocessor();
        labels.setLabelsFile(file.toString());
        assertEquals(
                "{'labels':[{'label':'1','score':0.75},{'label':'dog','score':0.5}]}",
                answer(labels, scores(TFloat32.vectorOf(0.25f, 0.75f, 0.5f))));
        ArgMaxPostprocessor best = new ArgMaxPostprocessor();
        best.setLabelsFile(file.toString());
        assertEquals(
                "{'predicted_class':1}",
                answer(best, scores(TFloat32.vectorOf(0.25f, 0.75f, 0.5f))));
    }

    @Test
    void allScoresAndDecisionsStandBesideTheLabels() {
        MultiLabelPostprocessor labels = new MultiLabelPostprocessor();
        labels.setLabels("a, b, c");
        labels.setThreshold("0.5,0.5,0.25");
        labels.setStrict(true);
        labels.setScoreField("");
        labels.setLabelField("");
        labels.setField("label");
        labels.setScoresField("prob");
        labels.setDecisionsField("pred");
        assertEquals(
                "{'prob':[0.75,0.5,0.5],'pred':[1,0,1],'label':['a','c']}",
                answer(labels, scores(TFloat32.vectorOf(0.75f, 0.5f, 0.5f))));
        labels.setField("");
        assertEquals(
                "MultiLabelPostprocessor: scoresField is set, but field is empty, so that the answer"
                        + " has no fields",
                assertThrows(PipelineFaultException.class, labels::start).getMessage());
        labels.setField("pred");
        assertEquals(
                "MultiLabelPostprocessor: decisionsField and field are both \"pred\"",
                assertThrows(PipelineFaultException.class, labels::start).getMessage());
    }

    @Test
    void binaryTopKReadsASigmoid() {
        TopKPostprocessor top = new TopKPostprocessor();
        top.setBinary(true);
        top.setLabels("ham, spam");
        assertEquals(
                "{'predictions':[{'class_id':1,'label':'spam','score':0.9},{'class_id':0,'label':'ham','score':0.100000024}]}",
                answer(top, scores(rows(new float[][] {{0.9f}}))));
        top.setLabels(null);
        assertEquals(
                "[{'predictions':[{'class_id':0,'score':0.75},{'class_id':1,'score':0.25}]},"
                        + "{'predictions':[{'class_id':0,'score':0.5},{'class_id':1,'score':0.5}]}]",
                answer(top, scores(TFloat64.vectorOf(0.25, 0.5))));
        assertEquals(
                "TopKPostprocessor: binary: the model's score is 3.5, expected a probability from 0"
                        + " to 1, as a sigmoid gives it; set activation: sigmoid if it is a logit",
                failure(top, scores(TFloat32.vectorOf(3.5f))));
        assertEquals(
                "TopKPostprocessor: binary: the model's score is NaN, expected a probability from 0"
                        + " to 1, as a sigmoid gives it; set activation: sigmoid if it is a logit",
                failure(top, scores(TFloat32.vectorOf(Float.NaN))));
    }

    @Test
    void scoresKeepTheDigitsOfTheirDtype() {
        TopKPostprocessor top = new TopKPostprocessor();
        top.setK(1);
        assertEquals(
                "{'predictions':[{'class_id':1,'score':16777217}]}",
                answer(top, scores(TInt32.vectorOf(1, 16777217))));
        assertEquals(
                "{'predictions':[{'class_id':0,'score':0.123456789012345}]}",
                answer(top, scores(TFloat64.vectorOf(0.123456789012345, 0.1))));
        assertEquals(
                "{'predictions':[{'class_id':1,'score':0.5}]}",
                answer(top, scores(TFloat16.vectorOf(0.25f, 0.5f))));
        assertEquals(
                "{'predictions':[{'class_id':1,'score':1}]}",
                answer(top, scores(TBool.vectorOf(false, true))));
        assertEquals(
                "{'predicted_class':1}",
                answer(new ArgMaxPostprocessor(), scores(TBool.vectorOf(false, true))));
    }

    /** As numpy.argsort(-scores, kind="stable") orders [nan, -0.0, 1, 0.0, inf, nan, 1]. */
    @Test
    void topKOrdersScoresAsNumpy() {
        TopKPostprocessor top = new TopKPostprocessor();
        top.setK(7);
        Object answer =
                top.answer(
                        new DefaultExchange(CONTEXT),
                        new ClassScores(
                                ModelOutput.of(
                                        closing(
                                                scores(
                                                        TFloat32.vectorOf(
                                                                Float.NaN,
                                                                -0.0f,
                                                                1,
                                                                0.0f,
                                                                Float.POSITIVE_INFINITY,
                                                                Float.NaN,
                                                                1))),
                                        null),
                                false,
                                Activation.NONE),
                        0);
        List<?> predictions = (List<?>) ((Map<?, ?>) answer).get("predictions");
        assertEquals(
                List.of(4, 2, 6, 1, 3, 0, 5),
                predictions.stream().map(each -> ((Map<?, ?>) each).get("class_id")).toList());
    }

    private NamedTensors.Reference closing(NamedTensors tensors) {
        NamedTensors.Reference reference = tensors.handOver();
        closed.add(reference);
        return reference;
    }

    private static String failure(LabelledPostprocessor step, NamedTensors outputs) {
        return assertThrows(PipelineFaultException.class, () -> answer(step, outputs)).getMessage();
    }

    @Test
    void topKAnswersTheHighestScoresWithLabels() {
        TopKPostprocessor top = new TopKPostprocessor();
        top.setK(2);
        top.setLabels("a, b, c");
        assertEquals(
                "{'predictions':[{'class_id':2,'label':'c','score':0.7},{'class_id':0,'label':'a','score':0.2}]}",
                answer(top, scores(rows(new float[][] {{0.2f, 0.1f, 0.7f}}))));
        top.setK(9);
        top.setLabels("a, b");
        top.setField("classes");
        assertEquals(
                "{'classes':[{'class_id':0,'label':'a','score':1.0},{'class_id':1,'label':'b','score':1.0}]}",
                answer(top, scores(TFloat32.vectorOf(1, 1))));
        assertThrows(PipelineFaultException.class, () -> top.setK(0));
    }

    @Test
    void labelsFileMayListOrNumberNames(@TempDir Path folder) throws IOException {
        Path plain = Files.writeString(folder.resolve("plain.txt"), "ham\nspam\n");
        Path numbered =
                Files.writeString(folder.resolve("numbered.tsv"), "1\tperson\n13\tstop sign\n");
        ArgMaxPostprocessor best = new ArgMaxPostprocessor();
        best.setLabelsFile(plain.toString());
        assertEquals(
                "{'predicted_class':1,'label':'spam'}",
                answer(best, scores(TFloat32.vectorOf(0, 1))));
        BoxesPostprocessor boxes = new BoxesPostprocessor();
        boxes.setLabelsFile("file:" + numbered);
        assertEquals(
                "{'detections':[{'class_id':13,'label':'stop sign','confidence':0.75,'xmin':0.0,'ymin':0.25,"
                        + "'xmax':0.5,'ymax':1.0}]}",
                answer(boxes, boxes(new float[][] {{13, 0.75f, 0, 0.25f, 0.5f, 1}})));
    }

    @Test
    void labelsForOtherClassesAreRejected(@TempDir Path folder) throws IOException {
        ArgMaxPostprocessor best = new ArgMaxPostprocessor();
        best.setLabelsFile(
                Files.writeString(folder.resolve("numbered.tsv"), "1\tperson\n13\tstop sign\n")
                        .toString());
        assertEquals(
                "ArgMaxPostprocessor: labelsFile \""
                        + folder.resolve("numbered.tsv")
                        + "\" names class 13 of 5 classes: output \"scores\" is float32 [5]",
                failure(best, scores(TFloat32.vectorOf(1, 2, 3, 4, 5))));
        best.setLabelsFile(null);
        best.setLabels("a, b, c, d, e, f, g");
        assertEquals(
                "ArgMaxPostprocessor: labels has 7 names for 5 classes: output \"scores\" is"
                        + " float32 [5]",
                failure(best, scores(TFloat32.vectorOf(1, 2, 3, 4, 5))));
        best.setLabelsFile("labels.txt");
        assertEquals(
                "ArgMaxPostprocessor: labels and labelsFile are both set: keep one of them",
                assertThrows(PipelineFaultException.class, best::start).getMessage());
    }

    private static NamedTensors boxes(float[][] rows) {
        return NamedTensors.of(
                "boxes", TFloat32.tensorOf(StdArrays.ndCopyOf(new float[][][] {rows})));
    }

    @Test
    void boxesBelowTheThresholdAreLeftOut() {
        BoxesPostprocessor detections = new BoxesPostprocessor();
        float[][] rows = {
            {3, 0.5f, 1, 2, 3, 4},
            {4, 0.49999997f, 1, 2, 3, 4},
            {5, 0.9f, 5, 6, 7, 8},
            {6, Float.NaN, 1, 2, 3, 4}
        };
        assertEquals(
                "{'detections':[{'class_id':3,'confidence':0.5,'xmin':1.0,'ymin':2.0,'xmax':3.0,'ymax':4.0},"
                        + "{'class_id':5,'confidence':0.9,'xmin':5.0,'ymin':6.0,'xmax':7.0,'ymax':8.0}]}",
                answer(detections, boxes(rows)));
        detections.setLimit(1);
        detections.setField("found");
        detections.setLabels("zero, one, two, three, four, five");
        assertEquals(
                "{'found':[{'class_id':3,'label':'three','confidence':0.5,'xmin':1.0,'ymin':2.0,'xmax':3.0,"
                        + "'ymax':4.0}]}",
                answer(detections, NamedTensors.of("b", rows(rows))));
        detections.setThreshold(0.95);
        assertEquals("{'found':[]}", answer(detections, boxes(rows)));
    }

    /** As a double, 0.7 is greater than the float32 nearest to it. */
    @Test
    void thresholdIsComparedAsFloat32() {
        BoxesPostprocessor detections = new BoxesPostprocessor();
        detections.setThreshold(0.7);
        assertEquals(
                "{'detections':[{'class_id':1,'confidence':0.7,'xmin':0.0,'ymin':0.0,'xmax':1.0,'ymax':1.0}]}",
                answer(detections, boxes(new float[][] {{1, 0.7f, 0, 0, 1, 1}})));
    }

    @Test
    void outputThatIsNotBoxesIsDescribed() {
        BoxesPostprocessor detections = new BoxesPostprocessor();
        for (Shape shape :
                List.of(Shape.of(6), Shape.of(2, 5), Shape.of(2, 6, 3), Shape.of(1, 1, 1, 6))) {
            assertEquals(
                    "BoxesPostprocessor: expected numbers of shape [boxes, 6] or [images, boxes,"
                            + " 6], with the columns class, confidence, xmin, ymin, xmax, ymax, but output"
                            + " \"b\" is float32 "
                            + io.bactrian.tensor.TensorSpec.format(shape),
                    failure(detections, NamedTensors.of("b", TFloat32.tensorOf(shape))));
        }
        assertThrows(PipelineFaultException.class, () -> detections.setLimit(0));
        assertThrows(PipelineFaultException.class, () -> detections.setThreshold(Double.NaN));
    }

    /** Cast to int, each would be class 0 or one without a label. */
    @Test
    void invalidClassOfABoxIsRejected() {
        BoxesPostprocessor detections = new BoxesPostprocessor();
        for (float classId : new float[] {-1, 0.5f, Float.NaN, Float.POSITIVE_INFINITY, 1e10f}) {
            assertEquals(
                    "BoxesPostprocessor: the model gave class "
                            + (double) classId
                            + " with confidence 0.75, expected a whole number from 0 on; columns is"
                            + " class, confidence, xmin, ymin, xmax, ymax: set it to what the"
                            + " model's columns hold",
                    failure(detections, boxes(new float[][] {{classId, 0.75f, 0, 0, 1, 1}})));
            // Rows below the threshold can be padding, and are not checked.
            assertEquals(
                    "{'detections':[]}",
                    answer(detections, boxes(new float[][] {{classId, 0.25f, 0, 0, 1, 1}})));
        }
        detections.setLabels("cat, dog, camel");
        assertEquals(
                "BoxesPostprocessor: labels has 3 names, for the classes 0 to 2, but the model gave"
                        + " class 3",
                failure(detections, boxes(new float[][] {{3, 0.75f, 0, 0, 1, 1}})));
    }

    /** With the columns of x1, y1, x2, y2, score, class taken for others, the answer was 200. */
    @Test
    void confidenceThatIsNoProbabilityIsRejected() {
        BoxesPostprocessor detections = new BoxesPostprocessor();
        NamedTensors rows = boxes(new float[][] {{314, 72.4f, 388, 129, 0.9f, 7}});
        assertEquals(
                "BoxesPostprocessor: the model gave confidence 72.4, expected a number from 0 to 1;"
                        + " columns is class, confidence, xmin, ymin, xmax, ymax: set it to what the"
                        + " model's columns hold",
                failure(detections, rows));
        detections.setColumns("xmin, ymin, xmax, ymax, confidence, class");
        assertEquals(
                "{'detections':[{'class_id':7,'confidence':0.9,'xmin':314.0,'ymin':72.4,'xmax':388.0,"
                        + "'ymax':129.0}]}",
                answer(detections, boxes(new float[][] {{314, 72.4f, 388, 129, 0.9f, 7}})));
        // What pads an output.
        assertEquals(
                "{'detections':[]}",
                answer(detections, boxes(new float[][] {{-1, -1, -1, -1, -1, -1}})));
    }

    @Test
    void columnsThatMakeNoBoxAreRejected() {
        BoxesPostprocessor detections = new BoxesPostprocessor();
        for (String wrong :
                List.of(
                        "class, confidence, left, ymin, xmax, ymax",
                        "class, class, confidence, xmin, ymin, xmax, ymax",
                        "class, confidence, xmin, ymin, xmax",
                        "class, confidence, xmin, ymin, xmax, ymax, width",
                        "scores, xmin, ymin, xmax, ymax",
                        "class, xmin, ymin, xmax, ymax, scores")) {
            assertThrows(PipelineFaultException.class, () -> detections.setColumns(wrong), wrong);
        }
        detections.setColumns("xmin, ymin, xmax, ymax");
        assertEquals(
                "BoxesPostprocessor: columns is xmin, ymin, xmax, ymax: add confidence or scores, or"
                        + " set scoresOutput",
                assertThrows(PipelineFaultException.class, detections::start).getMessage());
    }

    @Test
    void boxesAreAnsweredInThePixelsOfTheOriginal() {
        BoxesPostprocessor detections = new BoxesPostprocessor();
        detections.setAnswerCoordinates(AnswerCoordinates.ORIGINAL);
        assertEquals(
                "BoxesPostprocessor: answerCoordinates is original: set coordinates to the units of"
                        + " the model's boxes, normalized or pixels",
                assertThrows(PipelineFaultException.class, detections::start).getMessage());
        detections.setCoordinates(BoxCoordinates.PIXELS);
        detections.setWholeNumbers(true);
        // A letterbox: 800x400 pixels at half the size, in the middle of 400x400.
        ImageGeometry image = new ImageGeometry(800, 400, 400, 400, 0.5, 0.5, 0, 100);
        float[][] row = {{3, 0.5f, 100, 150, 200.25f, 300}};
        assertEquals(
                "{'detections':[{'class_id':3,'confidence':0.5,'xmin':200,'ymin':100,'xmax':400,'ymax':400}]}",
                answer(detections, image, row));
        detections.setWholeNumbers(false);
        detections.setAnswerCoordinates(AnswerCoordinates.ORIGINAL_NORMALIZED);
        detections.setCoordinates(BoxCoordinates.NORMALIZED);
        detections.setBoxForm(BoxForm.CENTER_SIZE);
        assertEquals(
                "{'detections':[{'class_id':3,'confidence':0.5,'x':0.5,'y':0.5,'width':0.5,'height':0.5}]}",
                answer(detections, image, new float[][] {{3, 0.5f, 0.25f, 0.375f, 0.75f, 0.625f}}));
        assertEquals(
                "BoxesPostprocessor: the steps before kept the sizes of 0 images, and the model gave"
                        + " the answers to 1: positions in the images that were sent can't be told",
                failure(detections, boxes(row)));
    }

    private static String answer(BoxesPostprocessor step, ImageGeometry image, float[][] rows) {
        Exchange exchange = new DefaultExchange(CONTEXT);
        ImageGeometry.keep(exchange, List.of(image));
        step.setCamelContext(CONTEXT);
        try (NamedTensors tensors = boxes(rows)) {
            exchange.getMessage().setBody(tensors);
            step.process(exchange);
            return JSON.writeValueAsString(exchange.getMessage().getBody()).replace('"', '\'');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            Exchanges.done(exchange);
        }
    }

    @Test
    void invalidNumberOfDetectionsIsRejected() {
        for (float number : new float[] {3, -1, 0.5f, Float.NaN}) {
            assertEquals(
                    "DetectionApiPostprocessor: num_detections is "
                            + (double) number
                            + ", expected 0 to 2: output \"detection_scores\" is float32 [1, 2]",
                    failure(new DetectionApiPostprocessor(), detections(number)));
        }
        assertEquals("{'detections':[]}", answer(new DetectionApiPostprocessor(), detections(0)));
    }

    private static NamedTensors detections(float number) {
        return NamedTensors.builder()
                .put("detection_boxes", TFloat32.tensorOf(Shape.of(1, 2, 4)))
                .put("detection_scores", rows(new float[][] {{0.9f, 0.4f}}))
                .put("detection_classes", rows(new float[][] {{2, 1}}))
                .put("num_detections", TFloat32.vectorOf(number))
                .build();
    }

    @Test
    void detectionApiReadsItsFourOutputs() {
        DetectionApiPostprocessor detections = new DetectionApiPostprocessor();
        detections.setLabels("background, person, bicycle");
        NamedTensors outputs =
                NamedTensors.builder()
                        .put(
                                "detection_boxes",
                                TFloat32.tensorOf(
                                        Shape.of(1, 3, 4),
                                        DataBuffers.of(
                                                0.1f, 0.2f, 0.3f, 0.4f, 0, 0, 1, 1, 0, 0, 1, 1)))
                        .put("detection_scores", rows(new float[][] {{0.9f, 0.4f, 0.8f}}))
                        .put("detection_classes", rows(new float[][] {{2, 1, 1}}))
                        .put("num_detections", TFloat32.vectorOf(2))
                        .build();
        assertEquals(
                "{'detections':[{'class_id':2,'label':'bicycle','confidence':0.9,'xmin':0.2,'ymin':0.1,"
                        + "'xmax':0.4,'ymax':0.3}]}",
                answer(detections, outputs));
    }

    @Test
    void detectionApiNamesAMissingOutput() {
        assertEquals(
                "DetectionApiPostprocessor: there is no output \"detection_boxes\": the model gave"
                        + " [boxes]",
                failure(
                        new DetectionApiPostprocessor(),
                        boxes(new float[][] {{1, 1, 0, 0, 1, 1}})));
    }

    @Test
    void bodyWithoutTensorsIsRejected() {
        Exchange exchange = new DefaultExchange(CONTEXT);
        exchange.getMessage().setBody("text");
        assertThrows(
                PipelineFaultException.class, () -> new ArgMaxPostprocessor().process(exchange));
        assertThrows(PipelineFaultException.class, () -> ExchangeTensors.getBody(exchange));
    }
}
