package io.bactrian.format;

import com.google.protobuf.ByteString;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.JsonType;
import io.bactrian.tensor.TensorBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.Example;
import org.tensorflow.proto.Feature;

/**
 * The reader of TensorFlow Serving's classify and regress requests: {@code {"signature_name": "…",
 * "context": {…}, "examples": [{…}, …]}}, of which each object becomes a {@code tf.train.Example}
 * with the features of the context in addition. Rules and error texts are those of its
 * json_tensor.cc (2.20):
 *
 * <ul>
 *   <li>A feature is a value or a list of values of one kind.
 *   <li>A string or {@code {"b64": "…"}} is bytes, a number with a fraction or an exponent float,
 *       any other number and a boolean int64.
 * </ul>
 */
public final class ExamplesRequestReader {

    private static final int NOWHERE = -1;

    private final JsonScanner json;
    private final JsonTensorReader strings;

    private ExamplesRequestReader(JsonScanner json) {
        this.json = json;
        this.strings = new JsonTensorReader(json, new TensorFlowServingErrors());
    }

    /**
     * {@return the request}
     *
     * @param json the request in UTF-8
     * @param method classify or regress, for the error
     * @throws BadInputException if it is not a valid request
     */
    public static ExamplesRequest read(byte[] json, String method) {
        return new ExamplesRequestReader(new JsonScanner(json, Dialect.TENSORFLOW_SERVING))
                .read(method);
    }

    private ExamplesRequest read(String method) {
        int first = json.peekDocument();
        int document = json.position();
        int signature = NOWHERE;
        int context = NOWHERE;
        int examples = NOWHERE;
        if (first != '{') {
            json.skipValue();
            throw error(document, "Is not object");
        }
        if (json.enter()) {
            do {
                String name = json.name();
                json.peek();
                int at = json.position();
                // The first of several members of one name counts.
                if (name.equals("signature_name") && signature == NOWHERE) {
                    signature = at;
                } else if (name.equals("context") && context == NOWHERE) {
                    context = at;
                } else if (name.equals("examples") && examples == NOWHERE) {
                    examples = at;
                }
                json.skipValue();
            } while (json.nextMember());
        }
        json.endDocument();
        String signatureName = signatureName(document, signature);
        Example shared =
                context == NOWHERE ? Example.getDefaultInstance() : exampleAt(context, null);
        if (examples == NOWHERE) {
            throw error(
                    document,
                    "When method is " + method + ", key 'examples' is expected and was not found");
        }
        return new ExamplesRequest(signatureName, examples(document, examples, shared));
    }

    private @Nullable String signatureName(int document, int at) {
        if (at == NOWHERE) {
            return null;
        }
        json.moveTo(at);
        if (json.peek() != '"') {
            throw error(
                    document,
                    "not formatted correctly. 'signature_name' key must be a string value.");
        }
        String name = new String(json.readString(), StandardCharsets.UTF_8);
        return name.isEmpty() ? null : name;
    }

    private List<byte[]> examples(int document, int at, Example shared) {
        json.moveTo(at);
        if (json.peek() != '[') {
            throw error(document, "Expecting 'examples' value to be an list/array");
        }
        if (!json.enter()) {
            throw error(document, "'examples' value is an empty array");
        }
        List<byte[]> examples = new ArrayList<>();
        do {
            json.peek();
            examples.add(exampleAt(json.position(), shared).toByteArray());
        } while (json.nextElement());
        return examples;
    }

    /**
     * {@return the Example of an object, behind which the scanner is then}
     *
     * @param shared features that it has unless it names them itself; null for none
     */
    private Example exampleAt(int at, @Nullable Example shared) {
        json.moveTo(at);
        int first = json.peek();
        if (first != '{') {
            throw new BadInputException(
                    "Example must be JSON object but got JSON "
                            + JsonType.ofText(first).rapidJsonName());
        }
        Example.Builder example = shared == null ? Example.newBuilder() : shared.toBuilder();
        if (json.enter()) {
            do {
                String name = json.name();
                example.getFeaturesBuilder().putFeature(name, feature(name));
            } while (json.nextMember());
        }
        return example.build();
    }

    private Feature feature(String name) {
        Feature.Builder feature = Feature.newBuilder();
        if (json.peek() != '[') {
            add(name, feature);
        } else if (json.enter()) {
            do {
                add(name, feature);
            } while (json.nextElement());
        }
        return feature.build();
    }

    private void add(String name, Feature.Builder feature) {
        int first = json.peek();
        switch (JsonType.ofText(first)) {
            case STRING -> addString(name, feature);
            case OBJECT -> {
                if (!strings.isBase64Object()) {
                    throw unexpectedType(name, first);
                }
                addString(name, feature);
            }
            case TRUE, FALSE -> {
                require(name, feature, Feature.KindCase.INT64_LIST);
                json.skipValue();
                feature.getInt64ListBuilder().addValue(first == 't' ? 1 : 0);
            }
            case NUMBER -> addNumber(name, feature);
            case NULL, ARRAY -> throw unexpectedType(name, first);
        }
    }

    private void addString(String name, Feature.Builder feature) {
        require(name, feature, Feature.KindCase.BYTES_LIST);
        TensorBuffer one = new TensorBuffer(DType.STRING);
        strings.read(one);
        feature.getBytesListBuilder().addValue(ByteString.copyFrom(one.getString(0)));
    }

    private void addNumber(String name, Feature.Builder feature) {
        int at = json.position();
        boolean found = json.scanNumber();
        if (found && json.isLong()) {
            require(name, feature, Feature.KindCase.INT64_LIST);
            feature.getInt64ListBuilder().addValue(json.longValue());
            return;
        }
        double number = found ? json.doubleValue() : Double.NaN;
        if (isInteger(at)) {
            throw new BadInputException(
                    "Feature: " + name + " has uint64 element. Only int64 is supported.");
        }
        require(name, feature, Feature.KindCase.FLOAT_LIST);
        feature.getFloatListBuilder().addValue((float) number);
    }

    /** Whether the number has neither a fraction nor an exponent, so that it is beyond int64. */
    private boolean isInteger(int at) {
        int end = json.position();
        json.moveTo(at);
        String text = JsonExcerpt.of(json);
        json.moveTo(end);
        return text.chars().allMatch(c -> c == '-' || (c >= '0' && c <= '9'));
    }

    private static void require(String name, Feature.Builder feature, Feature.KindCase kind) {
        Feature.KindCase before = feature.getKindCase();
        if (before != kind && before != Feature.KindCase.KIND_NOT_SET) {
            throw new BadInputException(
                    "Unexpected element type in feature: "
                            + name
                            + " expecting type: "
                            + switch (before) {
                                case BYTES_LIST -> "bytes";
                                case FLOAT_LIST -> "float";
                                default -> "int64";
                            });
        }
    }

    private static BadInputException unexpectedType(String name, int first) {
        return new BadInputException(
                "Feature: "
                        + name
                        + " has element with unexpected JSON type: "
                        + JsonType.ofText(first).rapidJsonName());
    }

    private BadInputException error(int document, String fault) {
        json.moveTo(document);
        return new BadInputException("JSON Value: " + JsonExcerpt.of(json) + " " + fault);
    }
}
