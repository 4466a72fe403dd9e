package io.bactrian.format;

import io.bactrian.error.ServingException;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.TensorBuffer;
import io.bactrian.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TType;

/**
 * The reader of TensorFlow Serving's predict requests, straight into tensors: {@code {"instances":
 * […]}} by rows and {@code {"inputs": …}} by columns, with an optional {@code "signature_name"}.
 * Rules and error texts are those of its json_tensor.cc (2.20):
 *
 * <ul>
 *   <li>A row is a value, if the signature has one input, or an object whose names are exactly the
 *       inputs'. All rows have one shape; the tensors get the number of rows before it.
 *   <li>By columns an input is a value of any rank, alone or named in an object.
 *   <li>Only the dtypes of the signature are enforced; shapes come from the nesting. See {@link
 *       JsonTensorReader} for what a dtype takes.
 *   <li>Other members of the request are ignored; of members with the same name the first counts.
 * </ul>
 *
 * <p>The {@link Dialect} decides about text after the request and, by columns, about names that are
 * no input's.
 *
 * <p>It differs where TensorFlow Serving would answer wrongly or not at all: uint8 and uint16 are
 * checked for their range, float16 and bfloat16 are read, and text must be UTF-8.
 *
 * <p>That a text is not JSON is reported before anything else that is wrong with it. Still, the
 * usual request is read in one pass: the tensors are read with the signature named so far, and a
 * second time only if a later {@code "signature_name"} names another one.
 */
public final class PredictRequestReader {

    private static final int NOWHERE = -1;

    private final JsonScanner json;
    private final JsonTensorReader values;
    private final Function<@Nullable String, Map<String, TensorSpec>> inputsOf;

    private int document;
    private int signatureAt = NOWHERE;
    private int instancesAt = NOWHERE;
    private int inputsAt = NOWHERE;
    private @Nullable String signatureName;

    /** The signature with which tensors were read before the whole document was. */
    private @Nullable String earlySignatureName;

    /** The tensors read so; null if that failed, or once they are taken. */
    private @Nullable NamedTensors early;

    /** The failure to read them, which counts unless the rest of the document says otherwise. */
    private @Nullable RuntimeException earlyFailure;

    private PredictRequestReader(
            JsonScanner json, Function<@Nullable String, Map<String, TensorSpec>> inputsOf) {
        this.json = json;
        this.values = new JsonTensorReader(json, new TensorFlowServingErrors());
        this.inputsOf = inputsOf;
    }

    /**
     * {@return the request, whose tensors the caller must close}
     *
     * @param json the request in UTF-8
     * @param dialect the grammar and the rules for unknown members
     * @param inputsOf maps a signature's name, or null for the default signature, to its inputs by
     *     name; for an unknown signature it throws the error to report; it may be called twice
     * @throws BadInputException if it is not a valid predict request
     * @throws IllegalArgumentException if TensorFlow Java does not support the dtype of an input
     */
    public static PredictRequest read(
            byte[] json,
            Dialect dialect,
            Function<@Nullable String, Map<String, TensorSpec>> inputsOf) {
        return new PredictRequestReader(new JsonScanner(json, dialect), inputsOf).read();
    }

    /**
     * Reads a request as {@link #read(byte[], Dialect, Function)} does.
     *
     * @param json the request in UTF-8, from the buffer's position to its limit, which are not
     *     changed
     * @param dialect the grammar and the rules for unknown members
     * @param inputsOf maps a signature's name, or null for the default signature, to its inputs by
     *     name
     * @return the request, whose tensors the caller must close
     */
    public static PredictRequest read(
            ByteBuffer json,
            Dialect dialect,
            Function<@Nullable String, Map<String, TensorSpec>> inputsOf) {
        if (json.hasArray()) {
            int start = json.arrayOffset() + json.position();
            JsonScanner scanner = new JsonScanner(json.array(), start, json.remaining(), dialect);
            return new PredictRequestReader(scanner, inputsOf).read();
        }
        byte[] bytes = new byte[json.remaining()];
        json.duplicate().get(bytes);
        return read(bytes, dialect, inputsOf);
    }

    private PredictRequest read() {
        int first = json.peekDocument();
        document = json.position();
        if (first != '{') {
            json.skipValue();
            json.endDocument();
            throw documentError("Is not object");
        }
        try {
            readMembers();
            json.endDocument();
            PredictLayout layout = layout();
            return new PredictRequest(signatureName, layout, takeTensors(layout));
        } finally {
            dropEarly();
        }
    }

    private void readMembers() {
        if (!json.enter()) {
            return;
        }
        do {
            String name = json.name();
            int first = json.peek();
            int at = json.position();
            if (name.equals("signature_name") && signatureAt == NOWHERE) {
                signatureAt = at;
                readSignatureName(first);
            } else if (name.equals("instances") && instancesAt == NOWHERE) {
                instancesAt = at;
                readEarly(PredictLayout.ROW, at);
            } else if (name.equals("inputs") && inputsAt == NOWHERE) {
                inputsAt = at;
                readEarly(PredictLayout.COLUMN, at);
            } else {
                json.skipValue();
            }
        } while (json.nextMember());
    }

    private void readSignatureName(int first) {
        if (first == '"') {
            String name = new String(json.readString(), StandardCharsets.UTF_8);
            signatureName = name.isEmpty() ? null : name;
        } else {
            json.skipValue();
        }
    }

    /**
     * Reads the tensors with the signature named so far. A failure is kept for later: that the
     * document is not JSON, or names another signature, matters more.
     */
    private void readEarly(PredictLayout layout, int at) {
        dropEarly();
        earlySignatureName = signatureName;
        earlyFailure = null;
        try {
            early = tensors(layout, inputs());
        } catch (ServingException | IllegalArgumentException e) {
            earlyFailure = e;
            json.moveTo(at);
            json.skipValue();
        }
    }

    private void dropEarly() {
        if (early != null) {
            early.close();
            early = null;
        }
    }

    private PredictLayout layout() {
        if (signatureAt != NOWHERE) {
            json.moveTo(signatureAt);
            if (json.peek() != '"') {
                throw documentError(
                        "not formatted correctly. 'signature_name' key must be a string value.");
            }
        }
        if (instancesAt != NOWHERE && inputsAt != NOWHERE) {
            inputs();
            throw documentError(
                    "Not formatted correctly expecting only one of 'inputs' or 'instances' keys to"
                            + " exist ");
        }
        if (instancesAt == NOWHERE && inputsAt == NOWHERE) {
            inputs();
            throw new BadInputException("Missing 'inputs' or 'instances' key");
        }
        return instancesAt != NOWHERE ? PredictLayout.ROW : PredictLayout.COLUMN;
    }

    private NamedTensors takeTensors(PredictLayout layout) {
        if (!Objects.equals(earlySignatureName, signatureName)) {
            json.moveTo(layout == PredictLayout.ROW ? instancesAt : inputsAt);
            return tensors(layout, inputs());
        }
        if (earlyFailure != null) {
            throw earlyFailure;
        }
        NamedTensors taken = Objects.requireNonNull(early);
        early = null;
        return taken;
    }

    private Map<String, TensorSpec> inputs() {
        Map<String, TensorSpec> inputs = inputsOf.apply(signatureName);
        if (inputs.isEmpty()) {
            throw new BadInputException(
                    "Failed to get input map for signature: "
                            + (signatureName == null ? "DEFAULT" : signatureName));
        }
        return inputs;
    }

    /** Reads the tensors from the value at the scanner. */
    private NamedTensors tensors(PredictLayout layout, Map<String, TensorSpec> inputs) {
        Map<String, Column> columns = new LinkedHashMap<>();
        inputs.forEach((name, spec) -> columns.put(name, new Column(spec)));
        if (layout == PredictLayout.ROW) {
            readRows(columns);
        } else {
            readColumns(columns);
        }
        try (NamedTensors.Builder tensors = NamedTensors.builder()) {
            columns.forEach((name, column) -> tensors.put(name, column.build()));
            return tensors.build();
        }
    }

    private void readColumns(Map<String, Column> columns) {
        if (json.peek() != '{' || values.isBase64Object()) {
            if (columns.size() > 1) {
                throw new BadInputException(
                        "inputs is a plain value/list, but expecting an object as multiple input"
                                + " tensors required as per tensorinfo_map");
            }
            only(columns).read();
            return;
        }
        if (json.enter()) {
            do {
                String name = json.name();
                Column column = columns.get(name);
                if (column == null && !json.dialect().ignoresUnknownInputs()) {
                    throw new BadInputException(
                            "'inputs' names \""
                                    + name
                                    + "\", which is no input: expected "
                                    + String.join(", ", new TreeSet<>(columns.keySet())));
                }
                if (column == null || column.shape != null) {
                    json.skipValue();
                } else {
                    column.read();
                }
            } while (json.nextMember());
        }
        columns.forEach(
                (name, column) -> {
                    if (column.shape == null) {
                        throw new BadInputException(
                                "Missing named input: " + name + " in 'inputs' object.");
                    }
                });
    }

    private void readRows(Map<String, Column> columns) {
        int first = json.peek();
        int list = json.position();
        if (first != '[') {
            throw documentError("Expecting 'instances' to be an list/array");
        }
        if (!json.enter()) {
            throw documentError("No values in 'instances' array");
        }
        if (json.peek() == '{' && !values.isBase64Object()) {
            readObjects(columns);
            return;
        }
        if (columns.size() > 1) {
            throw new BadInputException(
                    "instances is a plain list, but expecting list of objects as multiple input"
                            + " tensors required as per tensorinfo_map");
        }
        // Rows of one shape are a tensor with a dimension more. Only if they are not, it takes
        // looking at each to say why.
        Column column = only(columns);
        json.moveTo(list);
        try {
            column.read();
        } catch (BadInputException e) {
            json.moveTo(list);
            throw faultInRows(column.spec, e);
        }
    }

    private BadInputException faultInRows(TensorSpec spec, BadInputException otherwise) {
        json.enter();
        Column column = new Column(spec);
        int row = 0;
        do {
            if (json.peek() == '{' && !values.isBase64Object()) {
                return new BadInputException(
                        "Expecting value/list but got object at item " + row + " of input list");
            }
            try {
                column.readRow();
            } catch (BadInputException e) {
                return new BadInputException(
                        "Failed to process element: "
                                + row
                                + " of 'instances' list. Error: INVALID_ARGUMENT: "
                                + e.getMessage());
            }
            row++;
        } while (json.nextElement());
        return otherwise;
    }

    private void readObjects(Map<String, Column> columns) {
        int row = 0;
        do {
            if (json.peek() != '{' || values.isBase64Object()) {
                throw new BadInputException(
                        "Expecting object but got list at item " + row + " of input list");
            }
            int object = json.position();
            int missing = columns.size();
            if (json.enter()) {
                do {
                    missing -= readMember(columns, row) ? 1 : 0;
                } while (json.nextMember());
            }
            if (missing > 0) {
                json.moveTo(object);
                throw new BadInputException(
                        "Failed to process element: "
                                + row
                                + " of 'instances' list. JSON object: "
                                + JsonExcerpt.of(json)
                                + " keys must be equal to: "
                                + String.join(",", new TreeSet<>(columns.keySet())));
            }
            row++;
        } while (json.nextElement());
    }

    /** Answers whether the member is an input's that the row had not given before. */
    private boolean readMember(Map<String, Column> columns, int row) {
        String name = json.name();
        Column column = columns.get(name);
        if (column != null && column.rows > row) {
            json.skipValue();
            return false;
        }
        try {
            if (column == null) {
                throw new BadInputException("JSON object: does not have named input: " + name);
            }
            column.readRow();
            return true;
        } catch (BadInputException e) {
            throw new BadInputException(
                    "Failed to process element: "
                            + row
                            + " key: "
                            + name
                            + " of 'instances' list. Error: INVALID_ARGUMENT: "
                            + e.getMessage());
        }
    }

    private BadInputException documentError(String fault) {
        json.moveTo(document);
        return new BadInputException("JSON Value: " + JsonExcerpt.of(json) + " " + fault);
    }

    private static Column only(Map<String, Column> columns) {
        return columns.values().iterator().next();
    }

    /** What is read of an input. */
    private final class Column {

        private final TensorSpec spec;
        private final TensorBuffer elements;

        /** The shape of the whole, or of a row once {@link #rows} is not 0. */
        private @Nullable Shape shape;

        private int rows;

        Column(TensorSpec spec) {
            this.spec = spec;
            this.elements = new TensorBuffer(spec.dtype());
        }

        void read() {
            shape = values.read(elements);
        }

        void readRow() {
            Shape row = values.read(elements);
            if (shape == null) {
                shape = row;
            } else if (shape.size() != row.size()) {
                throw new BadInputException(
                        "Expecting tensor size: " + shape.size() + " but got: " + row.size());
            } else if (!shape.equals(row)) {
                throw new BadInputException(
                        "Expecting shape " + format(shape) + " but got: " + format(row));
            }
            rows++;
        }

        TType build() {
            Shape whole = Objects.requireNonNull(shape);
            return elements.build(rows > 0 ? whole.prepend(rows) : whole);
        }

        private static String format(Shape shape) {
            return Arrays.stream(shape.asArray())
                    .mapToObj(Long::toString)
                    .collect(Collectors.joining(",", "[", "]"));
        }
    }
}
