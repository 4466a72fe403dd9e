package io.bactrian.postprocess;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.limit.InsufficientMemoryException;
import io.bactrian.limit.MemoryBudget;
import io.bactrian.pipeline.ExchangeMemory;
import io.bactrian.pipeline.ImageGeometry;
import io.bactrian.pipeline.NotAcceptableException;
import io.bactrian.pipeline.PipelineConstants;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.RequestItems;
import io.bactrian.postprocess.mask.MaskEncoding;
import io.bactrian.postprocess.mask.MaskImage;
import io.bactrian.postprocess.mask.MaskSize;
import io.bactrian.preprocess.image.ImageLayout;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.TensorValues;
import io.bactrian.testing.Exchanges;
import io.bactrian.testing.Signatures;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MaskPostprocessorTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Classes 0, 2; 1, 1. */
    private static final float[][][][] SCORES = {
        {{{0.9f, 0.1f, 0}, {0.1f, 0.2f, 0.7f}}, {{0, 0.6f, 0.4f}, {0.3f, 0.5f, 0.2f}}}
    };

    private final DefaultCamelContext context = new DefaultCamelContext();
    private final MaskPostprocessor mask = new MaskPostprocessor();
    private long open;

    @BeforeEach
    void start() {
        open = NamedTensors.open();
        mask.setCamelContext(context);
        mask.setSize(MaskSize.MODEL);
    }

    @AfterEach
    void everyTensorIsClosed() throws IOException {
        mask.stop();
        context.close();
        assertTrue(NamedTensors.open() <= open);
    }

    private Exchange process(Object scores, DType dtype, ImageGeometry... images) {
        Exchange exchange = new DefaultExchange(context);
        ImageGeometry.keep(exchange, List.of(images));
        return process(exchange, scores, dtype);
    }

    private Exchange process(Exchange exchange, Object scores, DType dtype) {
        NamedTensors outputs =
                NamedTensors.of("masks", TensorValues.toTensor(scores, dtype, "masks"));
        exchange.getMessage().setBody(outputs);
        Exchange answer = new DefaultExchange(context);
        try (outputs) {
            mask.process(exchange);
            answer.getMessage().setBody(exchange.getMessage().getBody());
            answer.getMessage().setHeaders(exchange.getMessage().getHeaders());
            return answer;
        } finally {
            Exchanges.done(exchange);
        }
    }

    private static String json(Exchange exchange) {
        try {
            return JSON.writeValueAsString(exchange.getMessage().getBody()).replace('"', '\'');
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    private String rows(Object scores, DType dtype, ImageGeometry... images) {
        mask.setEncoding(MaskEncoding.CLASSES);
        mask.setField("");
        return json(process(scores, dtype, images)).replaceAll(".*'mask':(.*)}", "$1");
    }

    @Test
    void classesHaveAreaBoxAndRunLengths() {
        mask.setLabels("sky, road, car");
        assertEquals(
                "{'width':2,'height':2,'classes':["
                        + "{'class_id':1,'label':'road','area':2,'bbox':[0,1,2,1],"
                        + "'segmentation':{'size':[2,2],'counts':'1110'}},"
                        + "{'class_id':2,'label':'car','area':1,'bbox':[1,0,1,1],"
                        + "'segmentation':{'size':[2,2],'counts':'211'}}]}",
                json(process(SCORES, DType.FLOAT32)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "COUNTS; 'segmentation':{'size':[2,2],'counts':[1,1,1,1]}",
                "POLYGONS; 'segmentation':[[0,1,1,1]]",
                "NONE; 'bbox':[0,1,2,1]}"
            })
    void pixelsAreEncodedAsAsked(MaskEncoding encoding, String expected) {
        mask.setEncoding(encoding);
        String answer = json(process(SCORES, DType.FLOAT32));
        assertTrue(answer.contains(expected), answer);
        assertEquals(encoding == MaskEncoding.NONE, !answer.contains("segmentation"), answer);
    }

    @Test
    void backgroundIsListedIfThereIsNone() {
        mask.setBackground(-1);
        mask.setEncoding(MaskEncoding.NONE);
        assertTrue(json(process(SCORES, DType.FLOAT32)).contains("'class_id':0,'area':1"));
    }

    @Test
    void channelsMayComeFirst() {
        float[][][][] scores = {{{{0.9f, 0.1f}, {0, 0.3f}}, {{0.1f, 0.9f}, {0.6f, 0.2f}}}};
        mask.setLayout(ImageLayout.NCHW);
        assertEquals("[[0,1],[1,0]]", rows(scores, DType.FLOAT32));
    }

    @Test
    void firstOfEqualScoresAndNanAreTheHighest() {
        for (ImageLayout layout : ImageLayout.values()) {
            mask.setLayout(layout);
            float[][][][] scores =
                    layout == ImageLayout.NHWC
                            ? new float[][][][] {{{{1, 1}, {0, Float.NaN}, {-2, -1}}}}
                            : new float[][][][] {{{{1, 0, -2}}, {{1, Float.NaN, -1}}}};
            assertEquals("[[0,1,1]]", rows(scores, DType.FLOAT32), layout.toString());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "NONE;    0.6; [[0,2],[1,0]]",
                "NONE;    ;    [[0,2],[1,1]]",
                "SOFTMAX; 0.42; [[0,2],[1,0]]",
                "SIGMOID; 0.63; [[0,2],[1,0]]"
            })
    void pixelBelowTheThresholdIsOfClassZero(
            Activation activation, Double threshold, String expected) {
        mask.setActivation(activation);
        mask.setThreshold(threshold);
        assertEquals(expected, rows(SCORES, DType.FLOAT32));
    }

    @Test
    void singleScoreIsThatOfClassOne() {
        float[][][][] probabilities = {{{{0.5f}, {0.49f}, {0.9f}}}};
        assertEquals("[[1,0,1]]", rows(probabilities, DType.FLOAT32));
        mask.setThreshold(0.9);
        assertEquals("[[0,0,1]]", rows(probabilities, DType.FLOAT32));
        mask.setThreshold(null);
        mask.setActivation(Activation.SIGMOID);
        float[][][] logits = {{{0, -0.1f, 3}}};
        assertEquals("[[1,0,1]]", rows(logits, DType.FLOAT32));
    }

    @Test
    void integersAreClasses() {
        assertEquals("[[0,255],[3,0]]", rows(new long[][][] {{{0, 255}, {3, 0}}}, DType.INT64));
        assertEquals("[[0,1]]", rows(new boolean[][][][] {{{{false}, {true}}}}, DType.BOOL));
        assertEquals(
                "MaskPostprocessor: output \"masks\" is int32 [1, 1, 1] with 256, expected classes"
                        + " from 0 to 255",
                fault(new int[][][] {{{256}}}, DType.INT32));
    }

    private String fault(Object scores, DType dtype) {
        return assertThrows(PipelineFaultException.class, () -> process(scores, dtype))
                .getMessage();
    }

    @Test
    void maskHasTheSizeOfTheImageThatWasSent() {
        mask.setSize(MaskSize.ORIGINAL);
        assertEquals(
                "[[0,2,2],[1,1,1]]",
                rows(SCORES, DType.FLOAT32, ImageGeometry.stretched(3, 2, 2, 2)));
        assertEquals(
                "MaskPostprocessor: size is original, but the steps before kept the sizes of 0 images,"
                        + " and the model gave the masks of 1; set size: model for masks of the"
                        + " model's size",
                fault(SCORES, DType.FLOAT32));
    }

    @Test
    void listOfImagesHasAListOfMasks() {
        mask.setEncoding(MaskEncoding.CLASSES);
        mask.setField("");
        assertEquals(
                "[{'width':1,'height':1,'mask':[[1]]},{'width':1,'height':1,'mask':[[0]]}]",
                json(process(new int[][][] {{{1}}, {{0}}}, DType.INT32)));
    }

    private Exchange accepting(String type, Object scores, DType dtype, boolean list) {
        Exchange exchange = new DefaultExchange(context);
        exchange.getMessage().setHeader(PipelineConstants.ACCEPT, type);
        RequestItems.setList(exchange, list);
        return process(exchange, scores, dtype);
    }

    private static int[] colors(byte[] png) throws IOException {
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(png));
        boolean gray = image.getType() == BufferedImage.TYPE_BYTE_GRAY;
        int[] colors = new int[image.getWidth() * image.getHeight()];
        for (int i = 0; i < colors.length; i++) {
            int x = i % image.getWidth();
            int y = i / image.getWidth();
            // Of gray, getRGB makes other levels.
            colors[i] =
                    gray
                            ? 0x010101 * image.getRaster().getSample(x, y, 0)
                            : image.getRGB(x, y) & 0xffffff;
        }
        return colors;
    }

    @ParameterizedTest
    @CsvSource({
        "PALETTE, 0x000000, 0x008000, 0x800000",
        "CLASSES, 0x000000, 0x020202, 0x010101",
        "BINARY,  0x000000, 0xffffff, 0xffffff"
    })
    void imageIsAnsweredWhereItIsAccepted(MaskImage image, String a, String b, String c)
            throws IOException {
        mask.setImage(image);
        Exchange exchange = accepting("image/png", SCORES, DType.FLOAT32, false);
        assertEquals("image/png", exchange.getMessage().getHeader(Exchange.CONTENT_TYPE));
        byte[] png = (byte[]) exchange.getMessage().getBody();
        assertArrayEquals(
                new int[] {
                    Integer.decode(a), Integer.decode(b), Integer.decode(c), Integer.decode(c)
                },
                colors(png));
        mask.setEncoding(MaskEncoding.PNG);
        Map<?, ?> answer = (Map<?, ?>) process(SCORES, DType.FLOAT32).getMessage().getBody();
        assertArrayEquals(png, Base64.getDecoder().decode((String) answer.get("mask")));
    }

    /** As the pipeline's author may write it among what it produces. */
    @Test
    void mediaTypeIsInAnyCaseOfLetters() {
        Exchange exchange = accepting("Image/PNG", SCORES, DType.FLOAT32, false);
        assertTrue(exchange.getMessage().getBody() instanceof byte[]);
    }

    @Test
    void listIsNoImage() {
        String message =
                assertThrows(
                                NotAcceptableException.class,
                                () -> accepting("image/png", SCORES, DType.FLOAT32, true))
                        .getMessage();
        assertEquals(
                "a list of images has a list of masks: only application/json can be answered",
                message);
    }

    @Test
    void colorsAreThoseOfThePalette() throws IOException {
        mask.setPalette("#010203, #ff8000,#0a0B0c");
        byte[] png =
                (byte[])
                        accepting("image/png", SCORES, DType.FLOAT32, false).getMessage().getBody();
        assertArrayEquals(new int[] {0x010203, 0x0a0b0c, 0xff8000, 0xff8000}, colors(png));
        mask.setPalette("#010203");
        assertEquals(
                "MaskPostprocessor: palette has 1 colors, but the model gave class 2",
                assertThrows(
                                PipelineFaultException.class,
                                () -> accepting("image/png", SCORES, DType.FLOAT32, false))
                        .getMessage());
        assertEquals(
                "palette must be at most 256 colors such as #ff8000 with commas between, got red",
                assertThrows(PipelineFaultException.class, () -> mask.setPalette("red"))
                        .getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "float32 -1 4 4 300; output \"masks\"; 300 channels in the layout NHWC, the most are 256; set layout if they are in another dimension",
                "float32 -1 4; expected scores of pixels, of shape [images, height, width, channels] or [images, height, width], but output; ",
                "string -1 4 4; expected numbers, but; ",
                "float32 -1 4 4 3; labels has 2 names for 3 classes; "
            })
    void outputThatIsNoMaskIsAFaultAtStart(String output, String expected, String more) {
        mask.setLabels("a, b");
        String message =
                assertThrows(
                                PipelineFaultException.class,
                                () ->
                                        mask.bindOutputs(
                                                List.of(Signatures.outputs("masks " + output))))
                        .getMessage();
        assertTrue(
                message.contains(expected) && message.contains(more == null ? "" : more), message);
    }

    @Test
    void memoryIsReservedForTheMaskAndTheAnswer() {
        MemoryBudget budget = new MemoryBudget(1 << 20);
        context.getRegistry().bind(ExchangeMemory.BUDGET, budget);
        mask.setSize(MaskSize.ORIGINAL);
        process(SCORES, DType.FLOAT32, ImageGeometry.stretched(500, 500, 2, 2));
        assertEquals(0, budget.reserved());
        assertThrows(
                InsufficientMemoryException.class,
                () -> process(SCORES, DType.FLOAT32, ImageGeometry.stretched(700, 700, 2, 2)));
        assertEquals(0, budget.reserved());
        mask.setSize(MaskSize.MODEL);
        int[][][] noise = new int[1][160][160];
        for (int i = 0; i < 160 * 160; i++) {
            noise[0][i / 160][i % 160] = (i + i / 160) % 2;
        }
        assertThrows(InsufficientMemoryException.class, () -> process(noise, DType.INT32));
        assertEquals(0, budget.reserved());
    }
}
