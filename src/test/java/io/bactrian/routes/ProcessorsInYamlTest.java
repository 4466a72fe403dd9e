package io.bactrian.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.pipeline.ExchangeTensors;
import io.bactrian.tensor.NamedTensors;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.apache.camel.test.junit5.CamelTestSupport;
import org.junit.jupiter.api.Test;
import org.tensorflow.types.TFloat32;

/** Properties of processors as a user writes them in YAML. */
class ProcessorsInYamlTest extends CamelTestSupport {

    private void add(String properties, String type) throws Exception {
        String yaml =
                """
                - beans:
                    - name: step
                      type: io.bactrian.postprocess.%s
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
    void labels() throws Exception {
        add("output: p\nfield: class\nlabels: ham, spam", "ArgMaxPostprocessor");
        assertEquals("{\"class\":1,\"label\":\"spam\"}", answer());
    }

    @Test
    void numbers() throws Exception {
        add("output: q\nk: 1", "TopKPostprocessor");
        assertEquals("{\"predictions\":[{\"class_id\":0,\"score\":1.0}]}", answer());
    }

    @Test
    void aPropertyThatIsNotThereIsNamed() {
        Throwable failure =
                assertThrows(Exception.class, () -> add("treshold: 0.5", "BoxesPostprocessor"));
        while (failure.getCause() != null) {
            failure = failure.getCause();
        }
        assertTrue(failure.getMessage().contains("treshold"), failure.getMessage());
    }

    @Test
    void aMissingLabelsFileIsToldAtStart() {
        Throwable failure =
                assertThrows(
                        Exception.class,
                        () -> add("labelsFile: nowhere.txt", "ArgMaxPostprocessor"));
        while (failure.getCause() != null) {
            failure = failure.getCause();
        }
        assertEquals(
                "step (ArgMaxPostprocessor): labelsFile \"nowhere.txt\" can't be read: there is no"
                        + " file nowhere.txt",
                failure.getMessage());
    }
}
