package io.bactrian.preprocess;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.bactrian.limit.InsufficientMemoryException;
import io.bactrian.limit.MemoryBudget;
import io.bactrian.pipeline.ExchangeTensors;
import io.bactrian.pipeline.ImageGeometry;
import io.bactrian.pipeline.ItemErrors;
import io.bactrian.pipeline.RejectedItems;
import io.bactrian.pipeline.RequestItems;
import io.bactrian.preprocess.image.ImageFit;
import io.bactrian.preprocess.image.ImageLibrary;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.NativeMemory;
import io.bactrian.testing.Exchanges;
import io.bactrian.testing.TfRecords;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.BytesList;
import org.tensorflow.proto.Example;
import org.tensorflow.proto.Feature;
import org.tensorflow.proto.Features;
import org.tensorflow.types.family.TType;

/** The bodies that have images: bytes, base64, JSON and forms. */
class ImageBodiesTest {

    private static final byte[] SMALL = ImageOracle.bytes("png-small.png");
    private static final byte[] LARGE = ImageOracle.bytes("png-rgb.png");
    private static final String JSON = "application/json";
    private static final String FORM = "multipart/form-data; boundary=\"a b\"";

    private final DefaultCamelContext context = new DefaultCamelContext();
    private final ImagePreprocessor preprocessor = uint8();
    private long openBefore;

    @BeforeEach
    void count() {
        openBefore = NamedTensors.open();
    }

    @AfterEach
    void nothingIsLeftOpen() {
        context.stop();
        assertTrue(NamedTensors.open() <= openBefore);
    }

    private static ImagePreprocessor uint8() {
        ImagePreprocessor preprocessor = new ImagePreprocessor();
        preprocessor.setWidth(8);
        preprocessor.setHeight(6);
        preprocessor.setDtype(DType.UINT8);
        return preprocessor;
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** The images of a request, and whether they are a list. */
    private record Made(byte[] pixels, Shape shape, boolean list) {}

    private Exchange exchange(Object body, String contentType) {
        Exchange exchange = new DefaultExchange(context);
        exchange.getMessage().setBody(body);
        exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, contentType);
        return exchange;
    }

    private Made run(Object body, String contentType) {
        return run(exchange(body, contentType), exchange -> {});
    }

    private Made run(Exchange exchange, Consumer<Exchange> check) {
        try {
            preprocessor.process(exchange);
            check.accept(exchange);
            try (NamedTensors.Reference tensors = ExchangeTensors.read(exchange)) {
                TType tensor = tensors.select(null);
                ByteBuffer memory = NativeMemory.of(tensor);
                byte[] bytes = new byte[memory.remaining()];
                memory.get(bytes);
                return new Made(bytes, tensor.shape(), RequestItems.isList(exchange));
            }
        } finally {
            Exchanges.done(exchange);
        }
    }

    private String refusal(Object body, String contentType) {
        return assertThrows(BadInputException.class, () -> run(body, contentType)).getMessage();
    }

    private byte[] raw(byte[] image) {
        return run(image, "image/png").pixels();
    }

    private static byte[] json(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** A part of a form, whose file name is null for a field. */
    private record Part(String field, String file, byte[] content) {}

    private static byte[] form(Part... parts) {
        ByteArrayOutputStream form = new ByteArrayOutputStream();
        for (Part part : parts) {
            form.writeBytes(
                    json(
                            "--a b\r\nContent-Disposition: form-data; name=\""
                                    + part.field()
                                    + "\""
                                    + (part.file() == null
                                            ? ""
                                            : "; filename=\""
                                                    + part.file()
                                                    + "\"\r\nContent-Type: image/png")
                                    + "\r\n\r\n"));
            form.writeBytes(part.content());
            form.writeBytes(json("\r\n"));
        }
        form.writeBytes(json("--a b--\r\n"));
        return form.toByteArray();
    }

    @Test
    void oneImageIsTheSameHoweverItIsSent() {
        byte[] expected = raw(LARGE);
        String base64 = base64(LARGE);
        String url = Base64.getUrlEncoder().withoutPadding().encodeToString(LARGE);
        String mime = Base64.getMimeEncoder().encodeToString(LARGE);
        String uri = "data:image/png;name=a.png;base64," + base64;
        List<Made> made = new ArrayList<>();
        for (String text : List.of(base64, url, mime, uri)) {
            made.add(run(json(text), "text/plain; charset=utf-8"));
            made.add(run(text, "application/octet-stream"));
            made.add(run(Map.of("image", text), JSON));
            made.add(run(json("{\"id\": 3, \"image\": " + quoted(text) + "}"), JSON));
            made.add(run(json(quoted(text)), JSON));
            made.add(run(Map.of("image", Map.of("b64", text)), JSON));
        }
        made.add(run(form(new Part("image", "a.png", LARGE)), FORM));
        made.add(run(form(new Part("image", null, json(base64))), FORM));
        made.add(
                run(
                        form(new Part("text", null, json("a")), new Part("upload", "a.png", LARGE)),
                        FORM));
        for (Made each : made) {
            assertArrayEquals(expected, each.pixels());
            assertEquals(Shape.of(1, 6, 8, 3), each.shape());
            assertFalse(each.list());
        }
    }

    @Test
    void imagesAreReadOfAFeatureOfExamples() {
        preprocessor.setField("image/encoded");
        byte[] large = example("image/encoded", LARGE);
        Made one = run(large, "application/x-tfexample");
        assertArrayEquals(raw(LARGE), one.pixels());
        assertFalse(one.list());
        Made two =
                run(TfRecords.of(example("image/encoded", SMALL), large), "application/x-tfrecord");
        assertEquals(Shape.of(2, 6, 8, 3), two.shape());
        assertArrayEquals(
                one.pixels(),
                Arrays.copyOfRange(two.pixels(), one.pixels().length, 2 * one.pixels().length));
        assertTrue(two.list());
        assertEquals(
                "feature \"image/encoded\" of record 0: the PNG image is truncated",
                refusal(
                        TfRecords.of(example("image/encoded", Arrays.copyOf(SMALL, 60))),
                        "application/x-tfrecord"));
    }

    private static byte[] example(String feature, byte[] image) {
        BytesList list = BytesList.newBuilder().addValue(ByteString.copyFrom(image)).build();
        Features features =
                Features.newBuilder()
                        .putFeature(feature, Feature.newBuilder().setBytesList(list).build())
                        .build();
        return Example.newBuilder().setFeatures(features).build().toByteArray();
    }

    private static String quoted(String text) {
        return "\"" + text.replace("\r\n", "\\r\\n") + "\"";
    }

    @Test
    void severalImagesAreOneBatchInTheirOrder() {
        byte[] expected = Arrays.copyOf(raw(LARGE), 2 * 6 * 8 * 3);
        System.arraycopy(raw(SMALL), 0, expected, 6 * 8 * 3, 6 * 8 * 3);
        String large = base64(LARGE);
        String small = base64(SMALL);
        List<Made> made =
                List.of(
                        run(List.of(large, small), JSON),
                        run(Map.of("image", List.of(large, small)), JSON),
                        run(List.of(Map.of("image", large), Map.of("image", small)), JSON),
                        run(json("[\"" + large + "\", {\"b64\": \"" + small + "\"}]"), JSON),
                        run(
                                form(
                                        new Part("image", "a.png", LARGE),
                                        new Part("image", "b.png", SMALL)),
                                FORM),
                        run(
                                form(
                                        new Part("first", "a.png", LARGE),
                                        new Part("second", "b.png", SMALL)),
                                FORM));
        for (Made each : made) {
            assertArrayEquals(expected, each.pixels());
            assertEquals(Shape.of(2, 6, 8, 3), each.shape());
            assertTrue(each.list());
        }
        assertTrue(run(List.of(large), JSON).list());
    }

    @ParameterizedTest
    @EnumSource(ImageLibrary.class)
    void batchesHaveTheImagesGeometries(ImageLibrary library) {
        preprocessor.setLibrary(library);
        preprocessor.setFit(ImageFit.PAD);
        byte[] first = raw(LARGE);
        Made both =
                run(
                        exchange(List.of(base64(SMALL), base64(LARGE)), JSON),
                        exchange -> {
                            List<ImageGeometry> geometries = ImageGeometry.of(exchange);
                            assertEquals(30, geometries.get(0).originalWidth());
                            assertEquals(96, geometries.get(1).originalWidth());
                        });
        assertArrayEquals(first, Arrays.copyOfRange(both.pixels(), first.length, 2 * first.length));
    }

    @Test
    void imagesOfAnySizeMustBeOfOneInARequest() {
        preprocessor.setFit(ImageFit.NONE);
        assertEquals(
                Shape.of(2, 20, 30, 3), run(List.of(base64(SMALL), base64(SMALL)), JSON).shape());
        assertEquals(
                "body[1]: the PNG image of 96x72 pixels makes 96x72 pixels for the model, but the"
                        + " request's first image 30x20: all images of a request must have one"
                        + " size",
                refusal(List.of(base64(SMALL), base64(LARGE)), JSON));
    }

    @Test
    void errorsNameTheFieldAndTheIndex() {
        String good = base64(SMALL);
        String broken = base64(Arrays.copyOf(SMALL, SMALL.length / 2));
        assertEquals("missing field \"image\"", refusal(Map.of("picture", good), JSON));
        assertEquals("field \"image\" is not base64", refusal(Map.of("image", "?!"), JSON));
        assertEquals(
                "field \"image\" must be a string of base64, got a number",
                refusal(Map.of("image", 3), JSON));
        assertEquals(
                "field \"image\" must be a string of base64, got null",
                refusal(Collections.singletonMap("image", null), JSON));
        assertEquals(
                "field \"image\": the PNG image is truncated",
                refusal(Map.of("image", broken), JSON));
        assertEquals(
                "field \"image\" is a data URI without ;base64,",
                refusal(Map.of("image", "data:image/svg+xml,%3Csvg/%3E"), JSON));
        assertEquals(
                "image[1]: the PNG image is truncated",
                refusal(Map.of("image", List.of(good, broken)), JSON));
        assertEquals(
                "body[1].image is not base64",
                refusal(List.of(Map.of("image", good), Map.of("image", "é")), JSON));
        assertEquals(
                "body[0] must be a string of base64, got an object",
                refusal(List.of(Map.of("picture", good)), JSON));
        assertEquals(
                "image is empty, expected at least one image",
                refusal(Map.of("image", List.of()), JSON));
        assertEquals(
                "the body is not base64", refusal(SMALL.clone(), "text/plain; charset=latin1"));
        assertEquals("the body is empty: expected an image", refusal(new byte[0], "text/plain"));
        assertEquals("the body is empty: expected JSON", refusal(new byte[0], JSON));
        assertEquals(
                "file 1 of the form, \"image\": the PNG image is truncated",
                refusal(
                        form(
                                new Part("image", "a.png", SMALL),
                                new Part("image", "b.png", Arrays.copyOf(SMALL, SMALL.length / 2))),
                        FORM));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"image\": ", "{\"image\": \"\"} x", "[", "nul"})
    void jsonThatIsNoneIsRefused(String text) {
        assertNotNull(refusal(json(text), JSON));
    }

    @Test
    void formsThatAreNoneAreRefused() {
        byte[] form = form(new Part("image", "a.png", SMALL));
        String incomplete =
                "the body is not complete multipart/form-data with the boundary of its content"
                        + " type";
        for (int length : new int[] {0, 5, 50, 150, form.length - 10}) {
            assertEquals(incomplete, refusal(Arrays.copyOf(form, length), FORM), () -> "" + length);
        }
        assertEquals(incomplete, refusal(form, "multipart/form-data"));
        assertEquals(incomplete, refusal(form, "multipart/form-data; boundary=other"));
        assertEquals(
                "the form has no file: expected one in the field \"image\"",
                refusal(form(new Part("text", null, json("a"))), FORM));
        Part[] many = new Part[102];
        Arrays.fill(many, new Part("text", null, json("a")));
        assertEquals("the form has more than 100 fields", refusal(form(many), FORM));
    }

    @Test
    void moreImagesThanTheMostAreRefused() {
        preprocessor.setMaxImages(2);
        String small = base64(SMALL);
        assertEquals(
                "body has 3 images, the most are 2", refusal(List.of(small, small, small), JSON));
        Part part = new Part("image", "a.png", SMALL);
        assertEquals(
                "the form has 3 images, the most are 2", refusal(form(part, part, part), FORM));
    }

    @Test
    void imagesThatAreWrongAreAnsweredAlone() {
        preprocessor.setItemErrors(ItemErrors.ANSWER);
        byte[] small = raw(SMALL);
        String broken = base64(ImageOracle.bytes("png-bad-data.png"));
        List<Object> items = List.of("?!", base64(SMALL), broken, 3, base64(SMALL));
        Made made =
                run(
                        exchange(items, JSON),
                        exchange -> {
                            RejectedItems rejected = RejectedItems.of(exchange);
                            assertNotNull(rejected);
                            List<Object> answers = rejected.complete(List.of("a", "b"));
                            assertEquals(
                                    List.of("a", "b"), List.of(answers.get(1), answers.get(4)));
                            assertEquals(Map.of("error", "body[0] is not base64"), answers.get(0));
                            assertTrue(answers.get(2).toString().startsWith("{error=body[2]: the"));
                            assertEquals(2, ImageGeometry.of(exchange).size());
                        });
        assertEquals(Shape.of(2, 6, 8, 3), made.shape());
        assertArrayEquals(small, Arrays.copyOf(made.pixels(), small.length));
        assertTrue(refusal(List.of("?!", broken), JSON).startsWith("all 2 items are wrong"));
        assertEquals("the body is not base64", refusal("?!", "text/plain"));
    }

    /** Whatever it is sent in, an image is refused by its header. */
    @Test
    void aBombInBase64MeetsTheSameLimits() {
        byte[] bomb = ImageOracle.bytes("png-bomb-30000x30000.png");
        String why =
                "the PNG image is 30000x30000, 900000000 pixels: more than the limit of 89478485";
        assertEquals(why, refusal(bomb, "image/png"));
        assertEquals(why, refusal(json(base64(bomb)), "text/plain"));
        assertEquals("field \"image\": " + why, refusal(Map.of("image", base64(bomb)), JSON));
        assertEquals(
                "file 0 of the form, \"image\": " + why,
                refusal(form(new Part("image", "a.png", bomb)), FORM));
    }

    @Test
    void aBatchIsReservedBeforeItIsDecodedAndGivenBack() {
        MemoryBudget budget = new MemoryBudget(20_000_000);
        context.getRegistry().bind("memoryBudget", budget);
        preprocessor.setWidth(200);
        preprocessor.setHeight(200);
        String jpeg = base64(ImageOracle.bytes("jpeg-420.jpg"));
        long image = 200 * 200 * 3;
        for (Object body :
                List.of(List.of(jpeg, jpeg), json("[\"" + jpeg + "\", \"" + jpeg + "\"]"))) {
            Exchange exchange = exchange(body, JSON);
            preprocessor.process(exchange);
            assertEquals(2 * image, budget.reserved());
            Exchanges.done(exchange);
            assertEquals(0, budget.reserved());
        }
        preprocessor.setMaxImages(1000);
        Exchange tooMany = exchange(Collections.nCopies(200, jpeg), JSON);
        InsufficientMemoryException e =
                assertThrows(
                        InsufficientMemoryException.class, () -> preprocessor.process(tooMany));
        assertTrue(e.getMessage().startsWith("decoding 200 images takes "), e.getMessage());
        assertEquals(0, budget.reserved());
        Exchanges.done(tooMany);
        Exchange hostile = exchange(json("[" + "[],".repeat(1_000_000) + "[]]"), JSON);
        assertThrows(InsufficientMemoryException.class, () -> preprocessor.process(hostile));
        assertEquals(0, budget.reserved());
        Exchanges.done(hostile);
    }
}
