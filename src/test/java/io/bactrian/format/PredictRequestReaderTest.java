package io.bactrian.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.StringTensors;
import io.bactrian.tensor.TensorSpec;
import io.bactrian.tensor.TensorValues;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.tensorflow.ndarray.Shape;

class PredictRequestReaderTest {

    private static final Dialect THEIRS = Dialect.TENSORFLOW_SERVING;
    private static final String DEFAULT = "x:float32";

    private long openTensors;
    private long openPointers;

    /** Loading TensorFlow creates pointers that are never freed. */
    @BeforeAll
    static void loadTensorFlow() {
        DType.FLOAT32.allocate(Shape.of(1)).close();
    }

    @BeforeEach
    void count() {
        openTensors = NamedTensors.open();
        openPointers = Pointer.totalCount();
    }

    @AfterEach
    void nothingLeft() {
        assertTrue(NamedTensors.open() <= openTensors);
        // The garbage collector may have freed objects of other tests meanwhile.
        assertTrue(Pointer.totalCount() <= openPointers);
    }

    /** Signatures by name; each is a list of {@code name:dtype}. */
    private static Function<String, Map<String, TensorSpec>> signatures(
            Map<String, String> byName) {
        return name -> {
            String inputs = byName.get(name == null ? "" : name);
            if (inputs == null) {
                throw new BadInputException(
                        "Serving signature name: \"" + name + "\" not found in signature def");
            }
            Map<String, TensorSpec> specs = new LinkedHashMap<>();
            for (String input : inputs.split(",")) {
                if (!input.isEmpty()) {
                    String[] parts = input.split(":");
                    specs.put(
                            parts[0],
                            new TensorSpec(
                                    parts[0],
                                    parts[0] + ":0",
                                    DType.named(parts[1]).dataType(),
                                    Shape.unknown()));
                }
            }
            return specs;
        };
    }

    /** Reads a request in TensorFlow Serving's dialect. */
    private static PredictRequest read(String inputs, String json) {
        return read(inputs, json, THEIRS);
    }

    private static PredictRequest read(String inputs, String json, Dialect dialect) {
        return PredictRequestReader.read(
                json.getBytes(StandardCharsets.UTF_8), dialect, signatures(Map.of("", inputs)));
    }

    private static String describe(PredictRequest request) {
        try (NamedTensors inputs = request.inputs()) {
            StringBuilder text = new StringBuilder(request.layout().toString());
            inputs.asMap()
                    .forEach(
                            (name, tensor) ->
                                    text.append(' ')
                                            .append(name)
                                            .append(TensorSpec.format(tensor.shape()))
                                            .append('=')
                                            .append(TensorValues.toJava(tensor)));
            return text.toString();
        }
    }

    private static String fault(String inputs, String json) {
        return fault(inputs, json, THEIRS);
    }

    private static String fault(String inputs, String json, Dialect dialect) {
        return assertThrows(BadInputException.class, () -> describe(read(inputs, json, dialect)))
                .getMessage();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                // Rows.
                "x:float32|{\"instances\":[1.0,2.0,5.0]}|ROW x[3]=[1.0, 2.0, 5.0]",
                "x:float32|{\"instances\":[[1,2],[3,4]]}|ROW x[2, 2]=[[1.0, 2.0], [3.0, 4.0]]",
                "x:float32|{\"instances\":[[[1],[2]]]}|ROW x[1, 2, 1]=[[[1.0], [2.0]]]",
                "x:float32|{\"instances\":[{\"x\":1},{\"x\":2}]}|ROW x[2]=[1.0, 2.0]",
                "x:float32|{\"instances\":[[],[]]}|ROW x[2, 0]=[[], []]",
                "a:int32,b:float32|{\"instances\":[{\"a\":1,\"b\":[2,3]},{\"b\":[4,5],\"a\":6}]}"
                        + "|ROW a[2]=[1, 6] b[2, 2]=[[2.0, 3.0], [4.0, 5.0]]",
                "s:string|{\"instances\":[\"a\",{\"b64\":\"YsOp\"}]}|ROW s[2]=[a, bé]",
                "s:string|{\"instances\":[{\"b64\":\"YQ==\"},\"b\"]}|ROW s[2]=[a, b]",
                "s:string|{\"instances\":[{\"s\":{\"b64\":\"YQ\"}}]}|ROW s[1]=[a]",
                "s:string|{\"instances\":[[{\"b64\":\"YQ==\"}],[\"b\"]]}|ROW s[2, 1]=[[a], [b]]",
                // Columns.
                "x:float32|{\"inputs\":2}|COLUMN x[]=2.0",
                "x:float32|{\"inputs\":[[1,2]]}|COLUMN x[1, 2]=[[1.0, 2.0]]",
                "x:float32|{\"inputs\":[]}|COLUMN x[0]=[]",
                "x:float32|{\"inputs\":{\"x\":[1]}}|COLUMN x[1]=[1.0]",
                "a:int32,b:string|{\"inputs\":{\"z\":{},\"b\":[\"u\"],\"a\":7,\"y\":[]}}"
                        + "|COLUMN a[]=7 b[1]=[u]",
                "s:string|{\"inputs\":{\"b64\":\"YQ==\"}}|COLUMN s[]=a",
                "s:string|{\"inputs\":\"a\"}|COLUMN s[]=a",
                // Types.
                "x:float32|{\"inputs\":[NaN,Infinity,-Infinity,1e39,-1e39]}"
                        + "|COLUMN x[5]=[NaN, Infinity, -Infinity, Infinity, -Infinity]",
                "x:float64|{\"inputs\":[1,0.1,NaN,-Inf]}|COLUMN x[4]=[1.0, 0.1, NaN, -Infinity]",
                "x:float16|{\"inputs\":[0.1,65504,65520,1e-9,2049,2051]}"
                        + "|COLUMN x[6]=[0.099975586, 65504.0, Infinity, 0.0, 2048.0, 2052.0]",
                "x:bfloat16|{\"inputs\":[0.1,257,259,1e39]}"
                        + "|COLUMN x[4]=[0.100097656, 256.0, 260.0, Infinity]",
                "x:uint8|{\"inputs\":[0,255,-0]}|COLUMN x[3]=[0, 255, 0]",
                "x:uint16|{\"inputs\":[0,65535]}|COLUMN x[2]=[0, 65535]",
                "x:int32|{\"inputs\":[-2147483648,2147483647]}"
                        + "|COLUMN x[2]=[-2147483648, 2147483647]",
                "x:int64|{\"inputs\":[-9223372036854775808,9223372036854775807]}"
                        + "|COLUMN x[2]=[-9223372036854775808, 9223372036854775807]",
                "x:bool|{\"inputs\":[true,false]}|COLUMN x[2]=[true, false]",
                // The document.
                "x:float32|{\"instances\":[1]} {\"instances\":[2]}|ROW x[1]=[1.0]",
                "x:float32|{\"instances\":[1]} trailing|ROW x[1]=[1.0]",
                "x:float32|{\"instances\":[1],\"instances\":[2]}|ROW x[1]=[1.0]",
                "x:float32|{\"inputs\":{\"x\":1,\"x\":\"no\"}}|COLUMN x[]=1.0",
                "x:float32|{\"instances\":[{\"x\":1,\"x\":2},{\"x\":3}]}|ROW x[2]=[1.0, 3.0]",
                "x:float32|{\"more\":[{\"deep\":null}],\"instances\":[1],\"less\":0}|ROW x[1]=[1.0]",
                "x:float32|{\"\\u0069nputs\":1}|COLUMN x[]=1.0",
                "é:float32|{\"inputs\":{\"\\u00e9\":1}}|COLUMN é[]=1.0",
            })
    void readsRowAndColumnLayout(String inputs, String json, String expected) {
        assertEquals(expected, describe(read(inputs, json)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                // The document.
                "x:float32|``|JSON Parse error: The document is empty",
                "x:float32|whatever|JSON Parse error: Invalid value. at offset: 0",
                "x:float32|[1, 2]|JSON Value: [1, 2] Is not object",
                "x:float32|{\"instances\":[\"x\"],|"
                        + "JSON Parse error: Missing a name for object member. at offset: 19",
                "x:float32|{\"instances\":[1e400]}|"
                        + "JSON Parse error: Number too big to be stored in double. at offset: 14",
                "x:float32|{}|Missing 'inputs' or 'instances' key",
                "x:float32|{\"signature_name\":5,\"inputs\":1}|JSON Value: {\\n"
                        + "    \"signature_name\": 5,\\n    \"inputs\": 1\\n} not formatted correctly."
                        + " 'signature_name' key must be a string value.",
                "x:float32|{\"instances\":[1],\"inputs\":[2]}|JSON Value: {\\n"
                        + "    \"instances\": [1],\\n    \"inputs\": [2]\\n} Not formatted correctly"
                        + " expecting only one of 'inputs' or 'instances' keys to exist ",
                "x:float32|{\"instances\":{\"x\":1}}|JSON Value: {\\n    \"instances\": {\\n"
                        + "        \"x\": 1\\n    }\\n} Expecting 'instances' to be an list/array",
                "x:float32|{\"instances\":[]}|JSON Value: {\\n    \"instances\": []\\n}"
                        + " No values in 'instances' array",
                "``|{\"inputs\":1}|Failed to get input map for signature: DEFAULT",
                // Rows.
                "a:int32,b:int32|{\"instances\":[1]}|instances is a plain list, but expecting list"
                        + " of objects as multiple input tensors required as per tensorinfo_map",
                "x:float32|{\"instances\":[{\"x\":1},2]}|"
                        + "Expecting object but got list at item 1 of input list",
                "x:float32|{\"instances\":[1,{\"x\":1}]}|"
                        + "Expecting value/list but got object at item 1 of input list",
                "x:float32|{\"instances\":[\"][\"]}|Failed to process element: 0 of 'instances' list."
                        + " Error: INVALID_ARGUMENT: JSON Value: \"][\" Type: String is not of"
                        + " expected type: float",
                "x:float32|{\"instances\":[{\"junk\":\"data\"}]}|Failed to process element: 0 key:"
                        + " junk of 'instances' list. Error: INVALID_ARGUMENT: JSON object: does not"
                        + " have named input: junk",
                "b:int32,a:int32|{\"instances\":[{\"a\":1}]}|Failed to process element: 0 of"
                        + " 'instances' list. JSON object: {\\n    \"a\": 1\\n} keys must be equal to:"
                        + " a,b",
                "x:float32|{\"instances\":[{}]}|Failed to process element: 0 of 'instances' list."
                        + " JSON object: {} keys must be equal to: x",
                "x:float32|{\"instances\":[[1,2],[3]]}|Failed to process element: 1 of 'instances'"
                        + " list. Error: INVALID_ARGUMENT: Expecting tensor size: 2 but got: 1",
                "x:float32|{\"instances\":[[[1,2]],[[1],[2]]]}|Failed to process element: 1 of"
                        + " 'instances' list. Error: INVALID_ARGUMENT: Expecting shape [1,2] but got:"
                        + " [2,1]",
                "x:float32|{\"instances\":[[[1],[2,3]]]}|Failed to process element: 0 of 'instances'"
                        + " list. Error: INVALID_ARGUMENT: Encountered list at unexpected size: 2 at"
                        + " level: 1 expected size: 1",
                "x:float32|{\"instances\":[[1],2]}|Failed to process element: 1 of 'instances' list."
                        + " Error: INVALID_ARGUMENT: Expecting shape [1] but got: []",
                "x:float32|{\"instances\":[{\"x\":[1,2]},{\"x\":[1]}]}|Failed to process element: 1"
                        + " key: x of 'instances' list. Error: INVALID_ARGUMENT: Expecting tensor"
                        + " size: 2 but got: 1",
                "s:string|{\"instances\":[{\"b64\":\"*\"}]}|Failed to process element: 0 of"
                        + " 'instances' list. Error: INVALID_ARGUMENT: Unable to base64 decode",
                // Columns.
                "a:int32,b:int32|{\"inputs\":[1]}|inputs is a plain value/list, but expecting an"
                        + " object as multiple input tensors required as per tensorinfo_map",
                "a:int32,b:int32|{\"inputs\":{\"a\":1}}|Missing named input: b in 'inputs' object.",
                "x:float32|{\"inputs\":[[1,2],[3]]}|Encountered list at unexpected size: 1 at level:"
                        + " 1 expected size: 2",
                "x:float32|{\"inputs\":[[],[1]]}|Encountered list at unexpected size: 1 at level: 1"
                        + " expected size: 0",
                "x:float32|{\"inputs\":[1,[2]]}|Encountered list at unexpected level: 1 expected < 1",
                "x:float32|{\"inputs\":[[1],2]}|JSON Value: 2 found at incorrect level: 2 in the JSON"
                        + " DOM. Expected at level: 2",
                "s:string|{\"inputs\":[{\"b64\":1}]}|JSON Value: {\\n    \"b64\": 1\\n} not formatted"
                        + " correctly for base64 data",
                "s:string|{\"inputs\":[{\"b64\":\"YQ==\",\"c\":1}]}|JSON Value: {\\n    \"b64\":"
                        + " \"YQ==\",\\n    \"c\": 1\\n} not formatted correctly for base64 data",
                // Types.
                "x:float32|{\"inputs\":[1,null]}|JSON Value: null Type: Null is not of expected"
                        + " type: float",
                "x:float64|{\"inputs\":true}|JSON Value: true Type: True is not of expected type:"
                        + " double",
                "x:float16|{\"inputs\":false}|JSON Value: false Type: False is not of expected type:"
                        + " half",
                "x:float32|{\"inputs\":[{\"a\":[1,2]}]}|JSON Value: {\\n    \"a\": [1, 2]\\n} Type:"
                        + " Object is not of expected type: float",
                "x:int32|{\"inputs\":1.0}|JSON Value: 1.0 Type: Number is not of expected type: int32",
                "x:int32|{\"inputs\":1e2}|JSON Value: 1e2 Type: Number is not of expected type: int32",
                "x:int32|{\"inputs\":2147483648}|JSON Value: 2147483648 Type: Number is not of"
                        + " expected type: int32",
                "x:int64|{\"inputs\":9223372036854775808}|JSON Value: 9223372036854775808 Type:"
                        + " Number is not of expected type: int64",
                "x:int64|{\"inputs\":-9223372036854775809}|JSON Value: -9223372036854775809 Type:"
                        + " Number is not of expected type: int64",
                "x:int64|{\"inputs\":NaN}|JSON Value: NaN Type: Number is not of expected type: int64",
                "x:uint8|{\"inputs\":256}|JSON Value: 256 Type: Number is not of expected type: uint8",
                "x:uint8|{\"inputs\":-1}|JSON Value: -1 Type: Number is not of expected type: uint8",
                "x:uint16|{\"inputs\":65536}|JSON Value: 65536 Type: Number is not of expected type:"
                        + " uint16",
                "x:bool|{\"inputs\":1}|JSON Value: 1 Type: Number is not of expected type: bool",
                "s:string|{\"inputs\":1}|JSON Value: 1 Type: Number is not of expected type: string",
                "x:float64|{\"inputs\":1e309}|"
                        + "JSON Parse error: Number too big to be stored in double. at offset: 10",
            })
    void invalidRequestsReportTensorFlowServingsErrors(String inputs, String json, String message) {
        assertEquals(
                message.replace("\\n", "\n"),
                fault(inputs == null ? "" : inputs, json == null ? "" : json));
    }

    /** Requests that {@link Dialect#BACTRIAN} rejects and TensorFlow Serving accepts. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "x:float32|{\"instances\":[1]}{\"instances\":[2]}|JSON Parse error: The document root"
                        + " must not be followed by other values. at offset: 17",
                "x:float32|{\"instances\":[1]}\\n{\"instances\":[2]}\\n|JSON Parse error: The document"
                        + " root must not be followed by other values. at offset: 18",
                "x:float32|{\"inputs\":[1]} trailing|JSON Parse error: The document root must not be"
                        + " followed by other values. at offset: 15",
                "x:float32|{\"inputs\":[1]}]|JSON Parse error: The document root must not be followed"
                        + " by other values. at offset: 14",
                "x:float32|{\"inputs\":[1],\"signature_name\":\"\"},|JSON Parse error: The document"
                        + " root must not be followed by other values. at offset: 34",
                "x:float32|{\"inputs\":{\"x\":[1],\"y\":[2]}}|'inputs' names \"y\", which is no input:"
                        + " expected x",
                "b:int32,a:int32|{\"inputs\":{\"c\":1}}|'inputs' names \"c\", which is no input:"
                        + " expected a, b",
                "x:float32|{\"inputs\":[-Inf]}|JSON Parse error: Invalid value. at offset: 15",
                "x:float32|{\"inputs\":[Inf]}|JSON Parse error: Invalid value. at offset: 14",
                "x:float32|{\"inputs\":[-NaN]}|JSON Parse error: Invalid value. at offset: 12",
            })
    void bactriansDialectRejectsWhatTensorFlowServingIgnores(
            String inputs, String json, String message) {
        String text = json.replace("\\n", "\n");
        assertEquals(message, fault(inputs, text, Dialect.BACTRIAN));
        if (!inputs.startsWith("b")) {
            describe(read(inputs, text, THEIRS));
        }
    }

    @ParameterizedTest
    @EnumSource(Dialect.class)
    void bothDialectsReadNonFiniteNumbersAndTheFirstOfEqualNames(Dialect dialect) {
        String nonFinite = "{\"inputs\":[NaN,Infinity,-Infinity]}";
        assertEquals(
                "COLUMN x[3]=[NaN, Infinity, -Infinity]",
                describe(read(DEFAULT, nonFinite, dialect)));
        String first = "\uFEFF{\"instances\":[1],\"instances\":[2], \"a\":{}}\r\n \t";
        assertEquals("ROW x[1]=[1.0]", describe(read(DEFAULT, first, dialect)));
    }

    @Test
    void signatureNameMayComeBeforeOrAfterTheTensors() {
        var signatures = signatures(Map.of("", DEFAULT, "i", "n:int32"));
        for (String json :
                List.of(
                        "{\"signature_name\":\"i\",\"inputs\":[1,2]}",
                        "{\"inputs\":[1,2],\"signature_name\":\"i\"}",
                        "{\"inputs\":[1,2],\"signature_name\":\"i\",\"signature_name\":5}")) {
            PredictRequest request =
                    PredictRequestReader.read(
                            json.getBytes(StandardCharsets.UTF_8), THEIRS, signatures);
            assertEquals("i", request.signatureName());
            assertEquals("COLUMN n[2]=[1, 2]", describe(request));
        }
        for (String json : List.of("{\"inputs\":1}", "{\"inputs\":1,\"signature_name\":\"\"}")) {
            PredictRequest request =
                    PredictRequestReader.read(
                            json.getBytes(StandardCharsets.UTF_8), THEIRS, signatures);
            assertNull(request.signatureName());
            assertEquals("COLUMN x[]=1.0", describe(request));
        }
    }

    @Test
    void modelWithoutDefaultSignatureNeedsASignatureName() {
        var signatures = signatures(Map.of("s", "t:string"));
        byte[] late =
                "{\"instances\":[\"a\"],\"signature_name\":\"s\"}".getBytes(StandardCharsets.UTF_8);
        assertEquals("ROW t[1]=[a]", describe(PredictRequestReader.read(late, THEIRS, signatures)));
        byte[] none = "{\"instances\":[\"a\"]}".getBytes(StandardCharsets.UTF_8);
        BadInputException error =
                assertThrows(
                        BadInputException.class,
                        () -> PredictRequestReader.read(none, THEIRS, signatures));
        assertEquals(
                "Serving signature name: \"null\" not found in signature def", error.getMessage());
    }

    @Test
    void failureToReadTheTensorsIsReportedWithoutAnotherAttempt() {
        List<String> asked = new ArrayList<>();
        byte[] json =
                "{\"signature_name\":\"s\",\"inputs\":[\"x\"]}".getBytes(StandardCharsets.UTF_8);
        BadInputException error =
                assertThrows(
                        BadInputException.class,
                        () ->
                                PredictRequestReader.read(
                                        json,
                                        THEIRS,
                                        name -> {
                                            asked.add(name);
                                            return signatures(Map.of("s", DEFAULT)).apply(name);
                                        }));
        assertTrue(error.getMessage().contains("is not of expected type: float"), error.toString());
        assertEquals(List.of("s"), asked);
    }

    @Test
    void defectOfTheSignatureLookUpIsNotHeldBack() {
        byte[] json = "{\"inputs\":[1], no JSON".getBytes(StandardCharsets.UTF_8);
        assertThrows(
                NullPointerException.class,
                () ->
                        PredictRequestReader.read(
                                json,
                                THEIRS,
                                name -> {
                                    throw new NullPointerException();
                                }));
    }

    @Test
    void invalidJsonIsReportedBeforeAnyOtherFault() {
        assertTrue(fault(DEFAULT, "{\"inputs\":\"x\", 1}").startsWith("JSON Parse error: "));
        assertTrue(fault("", "{\"inputs\":1").startsWith("JSON Parse error: "));
    }

    @Test
    void stringsKeepTheirRawBytes() {
        String json = "{\"inputs\":[{\"b64\":\"/wCA\"},\"\\u0000é\",{\"b64\":\"YQ==\\n\"}]}";
        try (NamedTensors inputs = read("s:string", json).inputs()) {
            byte[][] strings = StringTensors.bytes(inputs.get("s"));
            assertArrayEquals(new byte[] {(byte) 0xff, 0, (byte) 0x80}, strings[0]);
            assertArrayEquals("\0é".getBytes(StandardCharsets.UTF_8), strings[1]);
            assertArrayEquals(new byte[] {'a'}, strings[2]);
        }
    }

    @Test
    void readsHeapAndDirectBuffers() {
        byte[] json = "##{\"inputs\":[1,2]}##".getBytes(StandardCharsets.UTF_8);
        ByteBuffer part = ByteBuffer.wrap(json, 1, json.length - 2).slice();
        part.position(1).limit(part.limit() - 1);
        ByteBuffer direct = ByteBuffer.allocateDirect(json.length).put(json);
        direct.position(2).limit(json.length - 2);
        for (ByteBuffer buffer : List.of(part, direct, part.asReadOnlyBuffer())) {
            int position = buffer.position();
            PredictRequest request =
                    PredictRequestReader.read(buffer, THEIRS, signatures(Map.of("", DEFAULT)));
            assertEquals("COLUMN x[2]=[1.0, 2.0]", describe(request));
            assertEquals(position, buffer.position());
        }
    }

    @Test
    void deepNestingIsReadOrRejectedWithoutRecursion() {
        int depth = 500_000;
        String deep = "[".repeat(depth) + "1" + "]".repeat(depth);
        assertEquals("more than 254 dimensions", fault(DEFAULT, "{\"inputs\":" + deep + "}"));
        assertEquals(
                "Failed to process element: 0 of 'instances' list. Error: INVALID_ARGUMENT: more"
                        + " than 254 dimensions",
                fault(DEFAULT, "{\"instances\":" + deep + "}"));
        assertEquals(
                "COLUMN x[]=1.0", describe(read(DEFAULT, "{\"a\":" + deep + ",\"inputs\":1}")));
        assertTrue(fault(DEFAULT, "{\"inputs\":" + "[".repeat(depth)).startsWith("JSON Parse"));
        String objects = "{\"a\":".repeat(depth) + "1" + "}".repeat(depth);
        assertTrue(fault(DEFAULT, "{\"inputs\":[" + objects + "]}").contains("Type: Object"));
    }

    @Test
    void longExcerptsAreTruncated() {
        String fault = fault(DEFAULT, "{\"inputs\":\"" + "é".repeat(1_000_000) + "\"}");
        assertEquals(
                "JSON Value: \"" + "é".repeat(255) + " Type: String is not of expected type: float",
                fault);
        assertTrue(fault(DEFAULT, "[" + "1,".repeat(1_000_000) + "1]").length() < 300);
    }

    /** Values equal those read by Jackson and the JDK, for any shape and white space. */
    @Test
    void readsTheSameValuesAsJackson() throws Exception {
        ObjectMapper jackson = new ObjectMapper();
        Random random = new Random(7);
        for (int i = 0; i < 500; i++) {
            int rank = 1 + random.nextInt(4);
            int[] sizes = random.ints(rank, 1, 6).toArray();
            StringBuilder json = new StringBuilder();
            String[] spaces = {"", " ", "\n ", "\t"};
            append(json, sizes, 0, random, spaces[random.nextInt(4)]);
            List<?> expected = jackson.readValue(json.toString(), List.class);
            for (String form : List.of("instances", "inputs")) {
                String request = "{\"" + form + "\":" + json + "}";
                try (NamedTensors inputs = read("x:float64", request).inputs()) {
                    assertEquals(expected, TensorValues.toJava(inputs.get("x")), request);
                }
            }
            // With an element removed, or replaced by a list, it is not a tensor.
            String text = json.toString();
            int last = text.lastIndexOf('5');
            if (rank > 1 && sizes[0] > 1) {
                String shorter = text.substring(0, last - 2) + "[]" + text.substring(last + 1);
                assertThrows(
                        BadInputException.class,
                        () -> read("x:float64", "{\"inputs\":" + shorter + "}"));
            }
        }
    }

    /** Every number ends with 5, so that the last one is found easily. */
    private static void append(
            StringBuilder json, int[] sizes, int level, Random random, String space) {
        if (level == sizes.length) {
            json.append(random.nextInt(10)).append(".").append(random.nextInt(1000)).append('5');
            return;
        }
        json.append('[').append(space);
        for (int i = 0; i < sizes[level]; i++) {
            json.append(i > 0 ? space + "," + space : "");
            append(json, sizes, level + 1, random, space);
        }
        json.append(space).append(']');
    }
}
