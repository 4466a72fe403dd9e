package io.bactrian.format;

import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.NamedTensors;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.tensorflow.types.family.TType;

/**
 * The reader of an inference request of the Open Inference Protocol: JSON, after which tensors may
 * follow as binary data. Members that it does not know are ignored, but for parameters that would
 * change the answer; a known member that comes twice is an error.
 */
public final class InferRequestReader {

    private static final Set<String> MEMBERS = Set.of("id", "parameters", "inputs", "outputs");
    private static final Set<String> OUTPUT_MEMBERS = Set.of("name", "parameters");

    /** An input or output as objects, beside its elements. */
    private static final int TENSOR_BYTES = 1024;

    private final JsonScanner scanner;
    private final InferJson json;
    private final @Nullable ByteBuffer binary;
    private final InferMemory memory;
    private final List<InferRequest.Output> outputs = new ArrayList<>();
    private final Set<String> outputNames = new HashSet<>();
    private @Nullable String id;
    private @Nullable String signatureName;
    private boolean binaryOutputs;
    private boolean hasInputs;

    private InferRequestReader(
            byte[] body, int jsonLength, @Nullable ByteBuffer binary, LongConsumer reserve) {
        this.scanner = new JsonScanner(body, 0, jsonLength, Dialect.BACTRIAN);
        this.json = new InferJson(scanner);
        this.binary = binary;
        this.memory = new InferMemory(body, jsonLength, reserve);
    }

    /**
     * {@return the request, whose tensors the caller must close}
     *
     * @param body JSON in UTF-8
     * @param reserve called with the total of what reading the request allocates, and again
     *     whenever it is found to be more, before it is allocated
     * @throws BadInputException if it is not a valid request
     */
    public static InferRequest read(byte[] body, LongConsumer reserve) {
        return new InferRequestReader(body, body.length, null, reserve).read();
    }

    /**
     * {@return the request, whose tensors the caller must close}
     *
     * @param body JSON in UTF-8, and the binary data of its inputs after each other
     * @param jsonLength the length of the JSON in bytes, at most the body's
     * @param reserve as for {@link #read(byte[], LongConsumer)}
     * @throws BadInputException if it is not a valid request
     */
    public static InferRequest read(byte[] body, int jsonLength, LongConsumer reserve) {
        ByteBuffer binary = ByteBuffer.wrap(body, jsonLength, body.length - jsonLength);
        return new InferRequestReader(body, jsonLength, binary, reserve).read();
    }

    private InferRequest read() {
        if (scanner.peekDocument() != '{') {
            throw new BadInputException("the request is not a JSON object");
        }
        try (NamedTensors.Builder tensors = NamedTensors.builder()) {
            json.object("", MEMBERS, (member, where) -> readMember(member, where, tensors));
            scanner.endDocument();
            if (!hasInputs) {
                throw new BadInputException("the request has no \"inputs\"");
            }
            if (binary != null && binary.hasRemaining()) {
                throw new BadInputException(
                        binary.remaining() + " bytes after the binary data of the inputs");
            }
            return new InferRequest(
                    id, signatureName, tensors.build(), List.copyOf(outputs), binaryOutputs);
        }
    }

    private void readMember(String member, String where, NamedTensors.Builder tensors) {
        switch (member) {
            case "id" -> id = json.string(where);
            case "parameters" -> json.parameters(where, this::readParameter);
            case "inputs" -> {
                hasInputs = true;
                json.list(where, at -> readInput(at, tensors));
            }
            case "outputs" -> json.list(where, this::readOutput);
            default -> json.skip();
        }
    }

    private void readParameter(String parameter, String where) {
        switch (parameter) {
            case "signature_name" -> signatureName = json.string(where);
            case "binary_data_output" -> binaryOutputs = json.bool(where);
            default -> json.skip();
        }
    }

    private void readInput(String where, NamedTensors.Builder tensors) {
        memory.addFixed(TENSOR_BYTES);
        InferInputReader input = new InferInputReader(json, binary, memory, where);
        TType tensor = input.read();
        try {
            tensors.put(input.name(), tensor);
        } catch (IllegalArgumentException e) {
            throw new BadInputException(where + ": a second input named \"" + input.name() + "\"");
        }
    }

    private void readOutput(String where) {
        memory.addFixed(TENSOR_BYTES);
        OutputReader output = new OutputReader();
        json.object(where, OUTPUT_MEMBERS, output::readMember);
        if (output.name == null) {
            throw new BadInputException(where + " has no \"name\"");
        }
        if (!outputNames.add(output.name)) {
            throw new BadInputException(where + ": \"" + output.name + "\" is asked for twice");
        }
        outputs.add(new InferRequest.Output(output.name, output.isBinary));
    }

    /** What is read of an output that is asked for. */
    private final class OutputReader {

        private @Nullable String name;
        private @Nullable Boolean isBinary;

        void readMember(String member, String where) {
            switch (member) {
                case "name" -> name = json.string(where);
                case "parameters" -> json.parameters(where, this::readParameter);
                default -> json.skip();
            }
        }

        private void readParameter(String parameter, String where) {
            switch (parameter) {
                case "binary_data" -> isBinary = json.bool(where);
                case "classification" -> throw InferJson.unsupported(where);
                default -> json.skipParameter(parameter, where);
            }
        }
    }
}
