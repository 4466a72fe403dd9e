package io.bactrian.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.pipeline.ExchangeTensors;
import io.bactrian.tensor.NamedTensors;
import org.apache.camel.Exchange;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.apache.camel.test.junit5.CamelTestSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.types.TFloat32;

/** Properties of processors as a user writes them in YAML. */
class ProcessorsInYamlTest extends CamelTestSupport {

    private void add(String properties, String type) throws Exception {
        String yaml =
                """
                - beans:
                    - name: step
                      type: io.bactrian.%s
                      properties:
                %s
                - route:
                    from:
                      uri: direct:step
                      steps:
                        - process: {ref: "#step"}
                        - marshal: {json: {}}
                """
                        .formatted(type, properties.indent(8));
        PluginHelper.getRoutesLoader(context)
                .loadRoutes(ResourceHelper.fromString("test.camel.yaml", yaml));
    }

    private String answer() {
        return template.request(
                        "direct:step",
                        exchange ->
                                ExchangeTensors.setBody(
                                        exchange,
                                        NamedTensors.builder()
                                                .put("p", TFloat32.vectorOf(0.25f, 0.75f))
                                                .put("q", TFloat32.vectorOf(1, 0))
                                                .build()))
                .getMessage()
                .getBody(String.class);
    }

    @Test
    void textPropertiesAreSet() throws Exception {
        add("output: p\nfield: class\nlabels: ham, spam", "postprocess.ArgMaxPostprocessor");
        assertEquals("{\"class\":1,\"label\":\"spam\"}", answer());
    }

    /** As docs/processors.md says of numbers that JSON does not have. */
    @Test
    void outputsThatAreNoNumbersAreTexts() throws Exception {
        add("rows: false", "postprocess.OutputsPostprocessor");
        String answer =
                template.request(
                                "direct:step",
                                exchange ->
                                        ExchangeTensors.setBody(
                                                exchange,
                                                NamedTensors.of(
                                                        "p",
                                                        TFloat32.vectorOf(
                                                                Float.NaN,
                                                                Float.POSITIVE_INFINITY,
                                                                Float.NEGATIVE_INFINITY,
                                                                1))))
                        .getMessage()
                        .getBody(String.class);
        assertEquals("{\"p\":[\"NaN\",\"Infinity\",\"-Infinity\",1.0]}", answer);
    }

    @Test
    void numberPropertiesAreSet() throws Exception {
        add("output: q\nk: 1", "postprocess.TopKPostprocessor");
        assertEquals("{\"predictions\":[{\"class_id\":0,\"score\":1.0}]}", answer());
    }

    /** As a newcomer wishes them: a label with its confidence, spam or not. */
    @Test
    void fieldsAreNamedAndLeftOut() throws Exception {
        add(
                "output: p\nfield: ''\nlabels: cat, dog\nconfidenceField: confidence",
                "postprocess.ArgMaxPostprocessor");
        assertEquals("{\"label\":\"dog\",\"confidence\":0.75}", answer());
    }

    @Test
    void enumPropertiesAreSet() throws Exception {
        add(
                "output: q\nactivation: softmax\norder: score\nthreshold: 0.2, 0.2",
                "postprocess.MultiLabelPostprocessor");
        assertEquals(
                "{\"labels\":[{\"class_id\":0,\"score\":0.7310586},{\"class_id\":1,\"score\":0.26894143}]}",
                answer());
    }

    @Test
    void wholeOutputsAreOneAnswer() throws Exception {
        add("fields: the-scores=p\nrows: false", "postprocess.OutputsPostprocessor");
        assertEquals("{\"the-scores\":[0.25,0.75]}", answer());
    }

    @Test
    void unknownPropertyIsNamed() {
        Throwable failure =
                assertThrows(
                        Exception.class,
                        () -> add("treshold: 0.5", "postprocess.BoxesPostprocessor"));
        while (failure.getCause() != null) {
            failure = failure.getCause();
        }
        assertTrue(failure.getMessage().contains("treshold"), failure.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "preprocess.JsonArrayPreprocessor | dtype: float | must be one of float16, bfloat16, float32, float64, uint8, uint16, int32, int64, bool, string, got float",
                "preprocess.JsonArrayPreprocessor | shape: 'a, 1' | shape must be sizes with commas between, such as -1, 224, 224, 3, got a, 1",
                "preprocess.JsonArrayPreprocessor | shape: '8, 2' | step (JsonArrayPreprocessor): batch is true, which makes the first size 1, but shape is [8, 2]",
                "preprocess.TextPreprocessor | caseFolding: lowr | must be one of LOWER, UPPER, ASCII_LOWER, NONE, got lowr",
                "preprocess.ImagePreprocessor | width: 0 | step (ImagePreprocessor): width must be from 1 to 65535, got 0",
                "preprocess.ImagePreprocessor | resampling: cubic | must be one of nearest, box, bilinear, hamming, bicubic, lanczos, area, got cubic",
                "preprocess.ImagePreprocessor | layout: HWC | must be one of NHWC, NCHW, got HWC",
                "preprocess.ImagePreprocessor | channelOrder: gbr | must be one of RGB, BGR, got gbr",
                "postprocess.TopKPostprocessor | k: 0 | k must be 1 or more, got 0",
                "postprocess.BoxesPostprocessor | threshold: NaN | threshold must be a finite number, got NaN",
                "postprocess.BoxesPostprocessor | limit: 0 | limit must be 1 or more, got 0",
                "postprocess.DetectionApiPostprocessor | output: y | output can't be set: this step reads detection_boxes, detection_scores, detection_classes, num_detections",
                "postprocess.OutputsPostprocessor | output: y | output can't be set: name the outputs in fields",
                "postprocess.OutputsPostprocessor | field: y | field can't be set: name the fields in fields",
                "postprocess.OutputsPostprocessor | fields: 'a=, b' | fields must be fields with commas between, such as scores=probabilities, boxes, got a=, b",
                "postprocess.OutputsPostprocessor | fields: 'a=x, a=y' | fields has \"a\" twice",
                "postprocess.ArgMaxPostprocessor | activation: relu | must be one of none, softmax, sigmoid, got relu",
                "postprocess.TopKPostprocessor | minScore: NaN | minScore must be a finite number, got NaN",
                "postprocess.TopKPostprocessor | scoreField: label | step (TopKPostprocessor): labelField and scoreField are both \"label\"",
                "postprocess.MultiLabelPostprocessor | threshold: '0.5, x' | threshold must be a number, or numbers with commas between, got 0.5, x",
                "postprocess.MultiLabelPostprocessor | threshold: '0.5, NaN' | threshold must be a finite number, got NaN",
                "postprocess.MultiLabelPostprocessor | order: name | must be one of class, score, got name",
                "postprocess.RegressionPostprocessor | round: 16 | round must be from 0 to 15, got 16",
                "postprocess.RegressionPostprocessor | min: Infinity | min must be a finite number, got Infinity",
                "postprocess.RegressionPostprocessor | {min: 2, max: 1} | step (RegressionPostprocessor): min is 2.0, above max, which is 1.0",
                "postprocess.RegressionPostprocessor | column: 1 | step (RegressionPostprocessor): column is of a scaler: set scalerFile",
                "postprocess.RegressionPostprocessor | scalerFile: no.json | step (RegressionPostprocessor): scalerFile \"no.json\" can't be read: there is no file no.json",
                "postprocess.ArgMaxPostprocessor | labels: 'a,,b' | step (ArgMaxPostprocessor): labels: the name of class 1 is empty in \"a,,b\""
            })
    void invalidValueIsNamed(String type, String property, String message) {
        Throwable failure = assertThrows(Exception.class, () -> add(property, type));
        while (failure.getCause() != null) {
            failure = failure.getCause();
        }
        assertTrue(failure.getMessage().startsWith(message), failure.getMessage());
    }

    @Test
    void secondPreprocessorReportsThatTheBodyIsTensors() throws Exception {
        add("field: x", "preprocess.JsonArrayPreprocessor");
        Exchange failed =
                template.request(
                        "direct:step",
                        exchange ->
                                ExchangeTensors.setBody(
                                        exchange, NamedTensors.of("x", TFloat32.vectorOf(1))));
        assertEquals(
                "step (JsonArrayPreprocessor): expected the body of a request, got tensors{x: float32"
                        + " [1]}: a step before has made tensors of it already",
                failed.getException().getMessage());
    }

    @Test
    void missingLabelsFileIsReportedAtStart() {
        Throwable failure =
                assertThrows(
                        Exception.class,
                        () -> add("labelsFile: nowhere.txt", "postprocess.ArgMaxPostprocessor"));
        while (failure.getCause() != null) {
            failure = failure.getCause();
        }
        assertEquals(
                "step (ArgMaxPostprocessor): labelsFile \"nowhere.txt\" can't be read: there is no"
                        + " file nowhere.txt",
                failure.getMessage());
    }
}
