package io.bactrian.routes;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.bactrian.pipeline.ExchangeTensors;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.NumericElements;
import io.bactrian.testing.Exchanges;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import javax.imageio.ImageIO;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.component.mock.MockComponent;
import org.apache.camel.component.mock.MockEndpoint;
import org.apache.camel.test.junit5.CamelTestSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.StdArrays;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TString;
import org.tensorflow.types.family.TType;

/** The shipped pipelines with a model that answers what the test says. */
class MockedPredictionTest extends CamelTestSupport {

    private final List<Shape> shapes = new ArrayList<>();
    private long open;

    @Override
    protected CamelContext createCamelContext() throws Exception {
        CamelContext context = super.createCamelContext();
        context.addComponent("tensorflow", new MockComponent());
        return context;
    }

    @BeforeEach
    void addRoutes() throws Exception {
        for (String name :
                List.of("text-classification", "image-classification", "object-detection")) {
            ShippedRoutes.add(context, name);
        }
        open = NamedTensors.open();
    }

    @AfterEach
    void everyTensorIsClosed() {
        // What a mock has received stays readable until it is reset.
        MockEndpoint.resetMocks(context);
        Exchanges.awaitOpenTensors(open);
    }

    /** Makes the model answer; {@code read} looks at its only input. */
    private MockEndpoint model(String name, Function<TType, TType> answer) {
        MockEndpoint model = context.getEndpoint("tensorflow:" + name, MockEndpoint.class);
        model.whenAnyExchangeReceived(
                exchange -> {
                    try (NamedTensors.Reference inputs = ExchangeTensors.read(exchange)) {
                        TType input = inputs.select(null);
                        shapes.add(input.shape());
                        ExchangeTensors.setBody(
                                exchange, NamedTensors.of("output_0", answer.apply(input)));
                    }
                });
        return model;
    }

    private void answers(String pipeline, Object request, String expected)
            throws InterruptedException {
        MockEndpoint answer = getMockEndpoint("mock:answer");
        answer.reset();
        answer.expectedBodiesReceived(expected);
        answer.expectedHeaderReceived(Exchange.CONTENT_TYPE, "application/json");
        template.sendBody("direct:" + pipeline, request);
        answer.assertIsSatisfied();
    }

    private Exception failure(String pipeline, Object request) {
        return template.request(
                        "pipeline:" + pipeline, exchange -> exchange.getMessage().setBody(request))
                .getException();
    }

    private static TFloat32 scores(float... scores) {
        return TFloat32.tensorOf(StdArrays.ndCopyOf(new float[][] {scores}));
    }

    @Test
    void text() throws InterruptedException {
        List<String> texts = new ArrayList<>();
        model(
                "text-classification",
                input -> {
                    texts.add(((TString) input).getObject(0));
                    return scores(0.1f, 0.9f);
                });
        answers("text-classification", "{\"text\": \"FREE Entry\"}", "{\"predicted_class\":1}");
        answers(
                "text-classification",
                "{\"text\": \"ÉTÉ\"}".getBytes(StandardCharsets.UTF_8),
                "{\"predicted_class\":1}");
        assertEquals(List.of("free entry", "été"), texts);
        assertEquals(List.of(Shape.of(1), Shape.of(1)), shapes);
    }

    @Test
    void textThatIsNone() {
        model("text-classification", input -> scores(1)).expectedMessageCount(0);
        assertInstanceOf(BadInputException.class, failure("text-classification", "{\"text\": 1}"));
        assertInstanceOf(BadInputException.class, failure("text-classification", "{}"));
        assertInstanceOf(JsonProcessingException.class, failure("text-classification", "{"));
    }

    @Test
    void image() throws InterruptedException, IOException {
        List<Double> pixels = new ArrayList<>();
        model(
                "image-classification",
                input -> {
                    NumericElements numbers = NumericElements.of(input);
                    pixels.addAll(List.of(numbers.get(0), numbers.get(1), numbers.get(2)));
                    return scores(0, 0, 0, 1, 0);
                });
        answers("image-classification", png(0xff8000), "{\"predicted_class\":3}");
        assertEquals(List.of(Shape.of(1, 224, 224, 3)), shapes);
        assertArrayEquals(
                new double[] {1, 128 / 255.0, 0},
                pixels.stream().mapToDouble(Double::doubleValue).toArray(),
                1e-7);
    }

    private static byte[] png(int rgb) throws IOException {
        BufferedImage image = new BufferedImage(30, 20, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                image.setRGB(x, y, rgb);
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(image, "png", out);
        return out.toByteArray();
    }

    @Test
    void imageThatIsNone() {
        model("image-classification", input -> scores(1));
        assertInstanceOf(BadInputException.class, failure("image-classification", new byte[0]));
        assertInstanceOf(
                BadInputException.class, failure("image-classification", "<html>".getBytes()));
    }

    @Test
    void detection() throws InterruptedException {
        model(
                "object-detection",
                input ->
                        TFloat32.tensorOf(
                                StdArrays.ndCopyOf(
                                        new float[][][] {
                                            {{2, 0.75f, 0, 0.125f, 0.5f, 1}, {3, 0.25f, 0, 0, 1, 1}}
                                        })));
        answers(
                "object-detection",
                "{\"image_data\": [[[0.5], [1]], [[0], [2.5e-1]], [[1], [1]]]}",
                "{\"detections\":[{\"class_id\":2,\"confidence\":0.75,\"xmin\":0.0,\"ymin\":0.125,"
                        + "\"xmax\":0.5,\"ymax\":1.0}]}");
        assertEquals(List.of(Shape.of(1, 3, 2, 1)), shapes);
    }

    @Test
    void detectionWithoutAnArray() {
        model("object-detection", input -> scores(1));
        for (String body :
                List.of(
                        "{}",
                        "{\"image_data\": \"x\"}",
                        "{\"image_data\": [[1], [1, 2]]}",
                        "[",
                        "")) {
            assertInstanceOf(BadInputException.class, failure("object-detection", body), body);
        }
    }
}
