package io.bactrian.format;

import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NestedListShape;
import io.bactrian.tensor.PathErrors;
import io.bactrian.tensor.TensorBuffer;
import io.bactrian.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TType;

/** The reader of one input of a request of the Open Inference Protocol. */
final class InferInputReader {

    private static final Set<String> MEMBERS =
            Set.of("name", "datatype", "shape", "data", "parameters");

    private static final int NOWHERE = -1;

    private final InferJson json;
    private final @Nullable ByteBuffer binary;
    private final InferMemory memory;
    private final String where;

    private @Nullable String name;
    private @Nullable Shape shape;
    private @Nullable InferenceDatatype datatype;
    private long binarySize = NOWHERE;

    /** Where the JSON data stand. */
    private int dataAt = NOWHERE;

    private @Nullable TensorBuffer elements;
    private @Nullable Shape dataShape;

    /**
     * @param json stands before the input
     * @param binary the binary data of this and further inputs, of which this takes its own; null
     *     if the request does not say where they begin
     * @param memory what reading the request takes
     * @param where the input's place in the request
     */
    InferInputReader(
            InferJson json, @Nullable ByteBuffer binary, InferMemory memory, String where) {
        this.json = json;
        this.binary = binary;
        this.memory = memory;
        this.where = where;
    }

    /** {@return the tensor, which the caller must close} */
    TType read() {
        json.object(where, MEMBERS, this::readMember);
        if (name == null) {
            throw missing("name");
        }
        if (shape == null) {
            throw missing("shape");
        }
        if (datatype == null) {
            throw missing("datatype");
        }
        DType dtype = datatype.dtype(where + ".datatype");
        if (binarySize != NOWHERE) {
            if (dataAt != NOWHERE) {
                throw new BadInputException(where + " has both data and binary_data_size");
            }
            return binary(dtype, shape);
        }
        if (dataAt == NOWHERE) {
            throw missing("data");
        }
        if (elements == null) {
            int end = json.scanner().position();
            json.scanner().moveTo(dataAt);
            readData(dtype);
            json.scanner().moveTo(end);
        }
        return fromJson(shape);
    }

    /** {@return the input's name, once it is read} */
    String name() {
        return Objects.requireNonNull(name);
    }

    private BadInputException missing(String member) {
        return new BadInputException(where + " has no \"" + member + "\"");
    }

    private void readMember(String member, String at) {
        switch (member) {
            case "name" -> name = json.string(at);
            case "datatype" -> datatype = InferenceDatatype.named(json.string(at), at);
            case "shape" -> shape = readShape(at);
            case "data" -> {
                json.scanner().peek();
                dataAt = json.scanner().position();
                if (datatype == null) {
                    // Read when the datatype is known.
                    json.skip();
                } else {
                    readData(datatype.dtype(where + ".datatype"));
                }
            }
            case "parameters" ->
                    json.parameters(
                            at,
                            (parameter, place) -> {
                                if (parameter.equals("binary_data_size")) {
                                    binarySize = json.count(place);
                                } else {
                                    json.skipParameter(parameter, place);
                                }
                            });
            default -> json.skip();
        }
    }

    private Shape readShape(String at) {
        List<Long> sizes = new ArrayList<>();
        json.list(
                at,
                place -> {
                    sizes.add(json.count(place));
                    if (sizes.size() > NestedListShape.MAX_RANK) {
                        // Refused before more of them are kept.
                        RawTensors.shape(sizes, at);
                    }
                });
        return RawTensors.shape(sizes, at);
    }

    private void readData(DType dtype) {
        memory.addJson(dtype);
        TensorBuffer buffer = new TensorBuffer(dtype);
        dataShape =
                new JsonTensorReader(json.scanner(), new PathErrors(where + ".data")).read(buffer);
        elements = buffer;
    }

    private TType fromJson(Shape declared) {
        Shape nested = Objects.requireNonNull(dataShape);
        boolean flat = nested.numDimensions() == 1 && nested.size() == declared.size();
        if (!flat && !nested.equals(declared)) {
            throw new BadInputException(
                    where
                            + ": data of shape "
                            + TensorSpec.format(nested)
                            + " for shape "
                            + TensorSpec.format(declared));
        }
        return Objects.requireNonNull(elements).build(declared);
    }

    private TType binary(DType dtype, Shape declared) {
        String at = where + ".parameters.binary_data_size";
        if (binary == null) {
            throw new BadInputException(
                    at
                            + ": the length of the JSON before binary data must be in the header"
                            + " Inference-Header-Content-Length");
        }
        if (binarySize > binary.remaining()) {
            throw new BadInputException(
                    at
                            + ": "
                            + binarySize
                            + " bytes, but only "
                            + binary.remaining()
                            + " are left of the body");
        }
        memory.addFixed(RawTensors.readingBytes(dtype, binarySize));
        ByteBuffer data = binary.slice().limit((int) binarySize);
        binary.position(binary.position() + (int) binarySize);
        return RawTensors.read(dtype, declared, data, at);
    }
}
