package consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.bactrian.tensorflow.TensorFlowComponent;
import java.io.File;
import java.util.Arrays;
import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.Test;

/** What an application gets that has the jar as a dependency. */
class ConsumerTest {

    private static final File PROJECT = new File(System.getProperty("bactrian.project"));

    @Test
    void aShippedPipelinePredicts() throws Exception {
        try (CamelContext context = new DefaultCamelContext()) {
            TensorFlowComponent tensorFlow = new TensorFlowComponent();
            tensorFlow.setModelDirectory(new File(PROJECT, "src/examples/models").getPath());
            tensorFlow.addTo(context);
            context.start();
            PluginHelper.getRoutesLoader(context)
                    .loadRoutes(
                            ResourceHelper.resolveResource(
                                    context,
                                    "file:"
                                            + new File(
                                                    PROJECT,
                                                    "routes/text-classification.camel.yaml")));
            String text = "WINNER! Claim your FREE prize now, call 0900 123456";
            String answer =
                    context.createProducerTemplate()
                            .requestBody(
                                    "pipeline:text-classification",
                                    "{\"text\": \"" + text + "\"}",
                                    String.class);
            assertEquals("{\"predicted_class\":1", answer.substring(0, 20));
        }
    }

    @Test
    void theServersPartsAreNotBroughtAlong() {
        for (String name :
                List.of(
                        "io.vertx.core.Vertx",
                        "io.netty.channel.Channel",
                        "org.apache.camel.main.Main",
                        "org.apache.camel.component.platform.http.PlatformHttpComponent",
                        "ch.qos.logback.classic.Logger")) {
            assertThrows(ClassNotFoundException.class, () -> Class.forName(name), name);
        }
    }

    @Test
    void onlyThisSystemsNativesAreBroughtAlong() {
        long natives =
                Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                        .map(path -> new File(path).getName())
                        .filter(name -> name.matches("tensorflow-core-native-.+-(linux|mac|win).+"))
                        .count();
        assertEquals(1, natives);
    }
}
