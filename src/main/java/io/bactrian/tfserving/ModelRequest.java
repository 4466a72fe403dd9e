package io.bactrian.tfserving;

import io.bactrian.error.ErrorKind;
import io.bactrian.format.Dialect;
import io.bactrian.format.ExamplesRequest;
import io.bactrian.format.ExamplesRequestReader;
import io.bactrian.format.JsonMemory;
import io.bactrian.format.PredictRequest;
import io.bactrian.format.PredictRequestReader;
import io.bactrian.format.PredictResponseWriter;
import io.bactrian.format.ResultsWriter;
import io.bactrian.format.TensorFlowServingStatus;
import io.bactrian.invocation.Answer;
import io.bactrian.invocation.ErrorAnswer;
import io.bactrian.invocation.ReadingReservation;
import io.bactrian.invocation.ReceivedRequest;
import io.bactrian.limit.Deadline;
import io.bactrian.limit.MemoryBudget;
import io.bactrian.model.Model;
import io.bactrian.model.ModelNotFoundException;
import io.bactrian.model.ModelRepository;
import io.bactrian.model.ModelVersions;
import io.bactrian.model.PredictionException;
import io.bactrian.model.Signature;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.StringTensors;
import io.bactrian.tensor.TensorSpec;
import java.util.Map;
import org.tensorflow.ndarray.Shape;

/**
 * A request of TensorFlow Serving's REST API to a model, whatever pipelines it has. Rules, answers,
 * error texts and statuses are TensorFlow Serving's: {@link Dialect#TENSORFLOW_SERVING}.
 */
public final class ModelRequest implements ReceivedRequest {

    /** The input of signatures that take Examples. */
    private static final String INPUTS = "inputs";

    /** As objects, serialized, and in the tensor. */
    private static final int EXAMPLE_COPIES = 3;

    private final ModelMethod method;
    private final Model model;
    private final MemoryBudget budget;
    private final byte[] body;

    private ModelRequest(Head head, byte[] body) {
        this.method = head.method;
        this.model = head.model;
        this.budget = head.budget;
        this.body = body;
    }

    /** The head of a request to a model that is served, whose body may still be to come. */
    public static final class Head {

        private final ModelMethod method;
        private final Model model;
        private final MemoryBudget budget;

        /**
         * @param repository the models
         * @param prediction the model, and what it is to do
         * @param budget the memory that all requests together may take
         * @throws ModelNotFoundException if the model or the version is not served
         * @throws io.bactrian.model.ModelLoadException if the model can't be served
         * @throws BadInputException if the path has a label, of which there are none
         */
        public Head(
                ModelRepository repository, ModelPath.Prediction prediction, MemoryBudget budget) {
            ModelPath path = prediction.path();
            this.method = prediction.method();
            this.budget = budget;
            path.requireNoLabel();
            ModelVersions files = repository.find(path.model());
            boolean served =
                    files != null
                            && (path.version() == null
                                    || (!files.versions().isEmpty()
                                            && path.version() == files.latest()));
            if (!served) {
                throw new ModelNotFoundException(
                        "Servable not found for request: " + path.servable());
            }
            this.model = repository.model(path.model());
        }

        /** {@return the name of the model} */
        public String modelName() {
            return model.name();
        }

        /**
         * {@return the whole request}
         *
         * @param body the request's, as it was sent but for its content coding
         */
        public ModelRequest with(byte[] body) {
            return new ModelRequest(this, body);
        }
    }

    @Override
    public Answer invoke(Deadline deadline) {
        try {
            byte[] answer =
                    method == ModelMethod.PREDICT ? predict(deadline) : runExamples(deadline);
            return Answer.json(200, answer);
        } catch (PredictionException e) {
            if (e.kind() == ErrorKind.INTERNAL) {
                throw e;
            }
            return Answer.of(
                    new ErrorAnswer(TensorFlowServingStatus.of(e.status()), e.callerMessage()));
        }
    }

    private byte[] predict(Deadline deadline) {
        try (ReadingReservation memory = new ReadingReservation(budget)) {
            PredictRequest request =
                    PredictRequestReader.read(
                            body,
                            Dialect.TENSORFLOW_SERVING,
                            name -> {
                                Map<String, TensorSpec> inputs = model.signature(name).inputs();
                                memory.reserve(bytesAsTensors(inputs));
                                return inputs;
                            });
            try (NamedTensors inputs = request.inputs();
                    NamedTensors outputs =
                            model.predict(
                                    model.signature(request.signatureName()),
                                    inputs.asMap(),
                                    deadline)) {
                return PredictResponseWriter.write(outputs.asMap(), request.layout());
            }
        }
    }

    private long bytesAsTensors(Map<String, TensorSpec> inputs) {
        return inputs.values().stream()
                .mapToLong(spec -> bytesAsTensor(spec.dtype()))
                .max()
                .orElse(0);
    }

    private long bytesAsTensor(DType dtype) {
        return JsonMemory.bytesAsTensor(body, 0, body.length, dtype);
    }

    private byte[] runExamples(Deadline deadline) {
        try (ReadingReservation memory = new ReadingReservation(budget)) {
            memory.reserve(EXAMPLE_COPIES * bytesAsTensor(DType.STRING));
            ExamplesRequest request = ExamplesRequestReader.read(body, method.toString());
            Signature signature = model.signature(request.signatureName());
            int examples = request.examples().size();
            requireExamplesInput(signature);
            try (NamedTensors inputs =
                            NamedTensors.of(
                                    INPUTS,
                                    StringTensors.of(
                                            Shape.of(examples),
                                            request.examples().toArray(byte[][]::new)));
                    NamedTensors outputs = model.predict(signature, inputs.asMap(), deadline)) {
                return method == ModelMethod.CLASSIFY
                        ? ResultsWriter.classifications(outputs.asMap(), examples)
                        : ResultsWriter.regressions(outputs.asMap(), examples);
            }
        }
    }

    private void requireExamplesInput(Signature signature) {
        if (signature.inputs().size() != 1) {
            throw new BadInputException("Expected one input Tensor.");
        }
        if (!signature.inputs().containsKey(INPUTS)) {
            throw new BadInputException(
                    "No "
                            + (method == ModelMethod.CLASSIFY ? "classification" : "regression")
                            + " inputs found in SignatureDef: there is "
                            + signature.inputs().keySet());
        }
    }
}
