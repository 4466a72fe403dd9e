package io.bactrian.postprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.pipeline.ExchangeTensors;
import io.bactrian.tensor.NamedTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;
import org.tensorflow.types.family.TType;

class PostprocessorsTest {

    private static final DefaultCamelContext CONTEXT = new DefaultCamelContext();
    private static final ObjectMapper JSON = new ObjectMapper();

    private long open;

    @BeforeEach
    void count() {
        open = NamedTensors.open();
    }

    @AfterEach
    void everyTensorIsClosed() {
        assertEquals(open, NamedTensors.open());
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
        step.process(exchange);
        assertNotNull(exchange.getMessage().getBody());
        try {
            return JSON.writeValueAsString(exchange.getMessage().getBody()).replace('"', '\'');
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    private static NamedTensors scores(TType scores) {
        return NamedTensors.of("scores", scores);
    }

    private static TFloat32 rows(float[][] rows) {
        return TFloat32.tensorOf(StdArrays.ndCopyOf(rows));
    }

    @Test
    void argMax() {
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
    void argMaxWithLabelsOfOneOfSeveralOutputs() {
        ArgMaxPostprocessor best = new ArgMaxPostprocessor();
        best.setField("class");
        best.setOutput("p");
        best.setLabels("ham, spam");
        assertEquals(
                "{'class':1,'label':'spam'}",
                answer(
                        best,
                        NamedTensors.of("q", TFloat32.vectorOf(1, 0))
                                .put("p", TFloat32.vectorOf(0, 1))));
        assertEquals("{'class':2}", answer(best, NamedTensors.of("p", TFloat32.vectorOf(0, 1, 2))));
    }

    @Test
    void scoresThatAreNoneAreNamed() {
        ArgMaxPostprocessor best = new ArgMaxPostprocessor();
        assertEquals(
                "expected scores of shape [classes] or [rows, classes], the model gave []",
                failure(best, scores(TFloat32.scalarOf(1))));
        assertEquals(
                "expected scores of shape [classes] or [rows, classes], the model gave [1, 0]",
                failure(best, scores(TFloat32.tensorOf(Shape.of(1, 0)))));
        assertEquals(
                "expected numbers, got a tensor of dtype string",
                failure(best, scores(TString.vectorOf("a"))));
        assertEquals(
                "name one of the outputs [a, b]",
                failure(
                        best,
                        NamedTensors.of("a", TFloat32.vectorOf(1)).put("b", TFloat32.vectorOf(1))));
    }

    private static String failure(LabelledPostprocessor step, NamedTensors outputs) {
        return assertThrows(IllegalArgumentException.class, () -> answer(step, outputs))
                .getMessage();
    }

    @Test
    void topK() {
        TopKPostprocessor top = new TopKPostprocessor();
        top.setK(2);
        top.setLabels("a, b, c");
        assertEquals(
                "{'predictions':[{'class_id':2,'label':'c','score':0.7},{'class_id':0,'label':'a','score':0.2}]}",
                answer(top, scores(rows(new float[][] {{0.2f, 0.1f, 0.7f}}))));
        top.setK(9);
        top.setField("classes");
        assertEquals(
                "{'classes':[{'class_id':0,'label':'a','score':1.0},{'class_id':1,'label':'b','score':1.0}]}",
                answer(top, scores(TFloat32.vectorOf(1, 1))));
        assertThrows(IllegalArgumentException.class, () -> top.setK(0));
    }

    @Test
    void labelsFromAFile(@TempDir Path folder) throws IOException {
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
        ArgMaxPostprocessor missing = new ArgMaxPostprocessor();
        missing.setLabelsFile("nowhere.txt");
        missing.setCamelContext(CONTEXT);
        assertEquals(
                "can't read the labels in nowhere.txt",
                assertThrows(IllegalArgumentException.class, missing::start).getMessage());
    }

    private static NamedTensors boxes(float[][] rows) {
        return NamedTensors.of(
                "boxes", TFloat32.tensorOf(StdArrays.ndCopyOf(new float[][][] {rows})));
    }

    @Test
    void boxesOfAtLeastTheThreshold() {
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
        detections.setLabels("zero, one, two, three");
        assertEquals(
                "{'found':[{'class_id':3,'label':'three','confidence':0.5,'xmin':1.0,'ymin':2.0,'xmax':3.0,"
                        + "'ymax':4.0}]}",
                answer(detections, NamedTensors.of("b", rows(rows))));
        detections.setThreshold(0.95);
        assertEquals("{'found':[]}", answer(detections, boxes(rows)));
    }

    /** 0.7 is more than the float32 nearest to it, which must count as 0.7 all the same. */
    @Test
    void theThresholdIsComparedAsFloat32() {
        BoxesPostprocessor detections = new BoxesPostprocessor();
        detections.setThreshold(0.7);
        assertEquals(
                "{'detections':[{'class_id':1,'confidence':0.7,'xmin':0.0,'ymin':0.0,'xmax':1.0,'ymax':1.0}]}",
                answer(detections, boxes(new float[][] {{1, 0.7f, 0, 0, 1, 1}})));
    }

    @Test
    void boxesThatAreNoneAreNamed() {
        BoxesPostprocessor detections = new BoxesPostprocessor();
        for (Shape shape :
                List.of(Shape.of(6), Shape.of(2, 5), Shape.of(2, 3, 6), Shape.of(1, 1, 1, 6))) {
            assertEquals(
                    "expected boxes of shape [boxes, 6] or [1, boxes, 6], the model gave "
                            + io.bactrian.tensor.TensorSpec.format(shape),
                    failure(detections, NamedTensors.of("b", TFloat32.tensorOf(shape))));
        }
        assertThrows(IllegalArgumentException.class, () -> detections.setLimit(0));
    }

    @Test
    void theObjectDetectionApisFourOutputs() {
        DetectionApiPostprocessor detections = new DetectionApiPostprocessor();
        detections.setLabels("background, person, bicycle");
        NamedTensors outputs =
                new NamedTensors()
                        .put(
                                "detection_boxes",
                                TFloat32.tensorOf(
                                        Shape.of(1, 3, 4),
                                        DataBuffers.of(
                                                0.1f, 0.2f, 0.3f, 0.4f, 0, 0, 1, 1, 0, 0, 1, 1)))
                        .put("detection_scores", rows(new float[][] {{0.9f, 0.4f, 0.8f}}))
                        .put("detection_classes", rows(new float[][] {{2, 1, 1}}))
                        .put("num_detections", TFloat32.vectorOf(2));
        assertEquals(
                "{'detections':[{'class_id':2,'label':'bicycle','confidence':0.9,'xmin':0.2,'ymin':0.1,"
                        + "'xmax':0.4,'ymax':0.3}]}",
                answer(detections, outputs));
    }

    @Test
    void theObjectDetectionApisOutputsMustBeThere() {
        assertEquals(
                "no output \"detection_boxes\": there are [boxes]",
                failure(
                        new DetectionApiPostprocessor(),
                        boxes(new float[][] {{1, 1, 0, 0, 1, 1}})));
    }

    @Test
    void withoutTensorsThereIsNothingToAnswer() {
        Exchange exchange = new DefaultExchange(CONTEXT);
        exchange.getMessage().setBody("text");
        assertThrows(
                IllegalArgumentException.class, () -> new ArgMaxPostprocessor().process(exchange));
        assertThrows(IllegalArgumentException.class, () -> ExchangeTensors.getBody(exchange));
    }
}
