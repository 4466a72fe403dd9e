package io.bactrian.inference;

import io.bactrian.format.InferRequest;
import io.bactrian.format.InferRequestReader;
import io.bactrian.format.InferResponse;
import io.bactrian.format.InferResponseWriter;
import io.bactrian.format.RawInputReader;
import io.bactrian.invocation.Answer;
import io.bactrian.invocation.ReadingReservation;
import io.bactrian.invocation.ReceivedRequest;
import io.bactrian.invocation.RequestHeaders;
import io.bactrian.limit.Deadline;
import io.bactrian.limit.MemoryBudget;
import io.bactrian.model.Model;
import io.bactrian.model.ModelNotFoundException;
import io.bactrian.model.ModelRepository;
import io.bactrian.model.ModelVersions;
import io.bactrian.model.Signature;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.NamedTensors;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A request of the Open Inference Protocol to a model, whatever pipelines it has: tensors in and
 * out, in JSON or as binary data after it.
 */
public final class InferenceRequest implements ReceivedRequest {

    /** The header with the length of the JSON, of requests and answers that have binary data. */
    public static final String JSON_LENGTH = "Inference-Header-Content-Length";

    private static final Pattern LENGTH = Pattern.compile("\\d{1,10}");

    private final Head head;
    private final byte[] body;

    private InferenceRequest(Head head, byte[] body) {
        this.head = head;
        this.body = body;
    }

    /** The head of a request to a model that is served, whose body may still be to come. */
    public static final class Head {

        private final Model model;
        private final String modelName;
        private final String version;
        private final @Nullable Long jsonLength;
        private final MemoryBudget budget;

        /**
         * @param repository the models
         * @param path the model
         * @param headers the request's
         * @param budget the memory that all requests together may take
         * @throws ModelNotFoundException if there is no such model or version
         * @throws io.bactrian.model.ModelLoadException if the model can't be served
         * @throws BadInputException if the length of the JSON is no number
         */
        public Head(
                ModelRepository repository,
                InferencePath path,
                RequestHeaders headers,
                MemoryBudget budget) {
            ModelVersions files = path.find(repository);
            this.modelName = path.model();
            this.version = InferencePath.versionOf(files);
            this.model = repository.model(path.model());
            this.jsonLength = jsonLength(headers.all(JSON_LENGTH));
            this.budget = budget;
        }

        private static @Nullable Long jsonLength(List<String> values) {
            if (values.isEmpty()) {
                return null;
            }
            String value = values.get(0).strip();
            if (values.size() > 1 || !LENGTH.matcher(value).matches()) {
                throw new BadInputException(
                        "the header " + JSON_LENGTH + " must be one number of bytes");
            }
            return Long.valueOf(value);
        }

        /** {@return the name of the model, whatever the path calls it} */
        public String modelName() {
            return model.name();
        }

        /**
         * {@return the whole request}
         *
         * @param body the request's, as it was sent but for its content coding
         */
        public InferenceRequest with(byte[] body) {
            return new InferenceRequest(this, body);
        }
    }

    @Override
    public Answer invoke(Deadline deadline) {
        try (ReadingReservation memory = new ReadingReservation(head.budget)) {
            InferRequest request = read(memory::reserve);
            try (NamedTensors inputs = request.inputs()) {
                Signature signature = head.model.signature(request.signatureName());
                checkOutputs(request, signature);
                try (NamedTensors outputs =
                        head.model.predict(signature, inputs.asMap(), deadline)) {
                    return answer(
                            InferResponseWriter.write(
                                    head.modelName, head.version, request, outputs.asMap()));
                }
            }
        }
    }

    private InferRequest read(LongConsumer reserve) {
        Long jsonLength = head.jsonLength;
        if (jsonLength == null) {
            return InferRequestReader.read(body, reserve);
        }
        if (jsonLength > body.length) {
            throw new BadInputException(
                    JSON_LENGTH
                            + " is "
                            + jsonLength
                            + ", more than the "
                            + body.length
                            + " bytes of the body");
        }
        return jsonLength == 0
                ? RawInputReader.read(body, head.model.signature(null).inputs(), reserve)
                : InferRequestReader.read(body, jsonLength.intValue(), reserve);
    }

    private static void checkOutputs(InferRequest request, Signature signature) {
        for (InferRequest.Output output : request.outputs()) {
            if (!signature.outputs().containsKey(output.name())) {
                throw new BadInputException(
                        "no output \""
                                + output.name()
                                + "\": signature \""
                                + signature.name()
                                + "\" has "
                                + signature.outputs().keySet());
            }
        }
    }

    private static Answer answer(InferResponse response) {
        if (!response.isBinary()) {
            return Answer.json(200, response.body());
        }
        Map<String, List<String>> headers =
                Map.of(
                        "Content-Type",
                        List.of("application/octet-stream"),
                        JSON_LENGTH,
                        List.of(Integer.toString(response.jsonLength())));
        return new Answer(200, headers, response.body());
    }
}
