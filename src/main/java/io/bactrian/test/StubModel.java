package io.bactrian.test;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.limit.Deadline;
import io.bactrian.model.LoadedModel;
import io.bactrian.model.Model;
import io.bactrian.model.ModelDirectory;
import io.bactrian.model.ModelLoader;
import io.bactrian.model.ModelRepository;
import io.bactrian.model.ModelVersions;
import io.bactrian.model.Signature;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.TensorSpec;
import io.bactrian.tensor.TensorValues;
import io.bactrian.tensorflow.TensorFlowComponent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;
import org.opentest4j.AssertionFailedError;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TType;

/**
 * A model without TensorFlow's arithmetic: it has signatures, answers what a test says, and keeps
 * the tensors that reached it. Routes are bound to its signatures as to a SavedModel's, and inputs
 * that do not match are refused alike.
 *
 * <p>Answers that are set where the model is declared hold for the whole class, those that a test
 * sets for that test.
 *
 * <pre>{@code
 * static final StubModel MODEL =
 *         StubModel.named("spam")
 *                 .input("text", "string", -1)
 *                 .output("probabilities", "float32", -1, 2)
 *                 .answer("probabilities", new float[][] {{0.1f, 0.9f}});
 * }</pre>
 */
public final class StubModel implements Model {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final String name;
    private final Map<String, Signature> signatures;
    private final List<Prediction> predictions = new CopyOnWriteArrayList<>();
    private Path folder = Path.of("").toAbsolutePath();
    private Behavior behavior = new Behavior();
    private Behavior declared = behavior;

    /** What the model answers. */
    private static final class Behavior {

        private final Map<String, Object> outputs = new LinkedHashMap<>();
        private @Nullable Function<Prediction, Map<String, ?>> computed;
        private @Nullable RuntimeException failure;

        Behavior copy() {
            Behavior copy = new Behavior();
            copy.outputs.putAll(outputs);
            copy.computed = computed;
            copy.failure = failure;
            return copy;
        }
    }

    private StubModel(String name, Map<String, Signature> signatures) {
        this.name = name;
        this.signatures = new TreeMap<>(signatures);
    }

    /**
     * {@return a model without inputs and outputs, to be given them}
     *
     * @param name the name that routes have it by, as in {@code tensorflow:name}
     */
    public static StubModel named(String name) {
        Signature empty = Signature.of(Signature.DEFAULT, Map.of(), Map.of());
        return new StubModel(name, Map.of(Signature.DEFAULT, empty));
    }

    /**
     * {@return a model with the signatures of a SavedModel, which is read and not run}
     *
     * @param name the model's name
     * @param savedModel the folder of the SavedModel, or of its versions
     * @throws io.bactrian.model.ModelLoadException if there is none
     */
    public static StubModel like(String name, Path savedModel) {
        Collection<ModelVersions> found = ModelDirectory.read(savedModel).models();
        if (found.size() != 1) {
            throw new IllegalArgumentException(
                    savedModel + " must be one SavedModel, but has " + found.size());
        }
        ModelVersions files = found.iterator().next();
        try (LoadedModel model =
                ModelLoader.inspect(files.name(), files.latest(), files.latestPath(), false)) {
            return new StubModel(name, model.signatures());
        }
    }

    /**
     * {@return a model with the signatures that {@code bactrian inspect --json} has printed}
     *
     * @param name the model's name in that document
     * @param inspection the file with the document
     */
    public static StubModel inspected(String name, Path inspection) {
        try {
            for (JsonNode model : JSON.readTree(inspection.toFile()).path("models")) {
                if (model.path("name").asText().equals(name)) {
                    return new StubModel(name, signatures(model));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        throw new IllegalArgumentException("there is no model \"" + name + "\" in " + inspection);
    }

    private static Map<String, Signature> signatures(JsonNode model) {
        Map<String, Signature> signatures = new TreeMap<>();
        for (JsonNode version : model.path("versions")) {
            if (version.path("served").asBoolean()) {
                for (JsonNode signature : version.path("signatures")) {
                    String signatureName = signature.path("name").asText();
                    signatures.put(
                            signatureName,
                            Signature.of(
                                    signatureName,
                                    specs(signature.path("inputs")),
                                    specs(signature.path("outputs"))));
                }
            }
        }
        return signatures;
    }

    private static Map<String, TensorSpec> specs(JsonNode tensors) {
        Map<String, TensorSpec> specs = new TreeMap<>();
        for (JsonNode tensor : tensors) {
            JsonNode dimensions = tensor.path("shape");
            long[] shape = new long[dimensions.size()];
            for (int i = 0; i < shape.length; i++) {
                shape[i] = dimensions.get(i).asLong();
            }
            TensorSpec spec =
                    spec(
                            tensor.path("name").asText(),
                            tensor.path("dtype").asText(),
                            dimensions.isArray() ? Shape.of(shape) : Shape.unknown());
            specs.put(spec.name(), spec);
        }
        return specs;
    }

    private static TensorSpec spec(String tensor, String dtype, Shape shape) {
        return new TensorSpec(tensor, "stub:0", DType.named(dtype).dataType(), shape);
    }

    /**
     * Adds an input to the default signature.
     *
     * @param tensor the input's name
     * @param dtype such as {@code float32} or {@code string}
     * @param shape its shape, -1 for a dimension of any size
     * @return this model
     */
    public StubModel input(String tensor, String dtype, long... shape) {
        Signature old = defaultSignature();
        Map<String, TensorSpec> inputs = new TreeMap<>(old.inputs());
        inputs.put(tensor, spec(tensor, dtype, Shape.of(shape)));
        signatures.put(Signature.DEFAULT, Signature.of(old.name(), inputs, old.outputs()));
        return this;
    }

    /**
     * Adds an output to the default signature.
     *
     * @param tensor the output's name
     * @param dtype such as {@code float32} or {@code string}
     * @param shape its shape, -1 for a dimension of any size
     * @return this model
     */
    public StubModel output(String tensor, String dtype, long... shape) {
        Signature old = defaultSignature();
        Map<String, TensorSpec> outputs = new TreeMap<>(old.outputs());
        outputs.put(tensor, spec(tensor, dtype, Shape.of(shape)));
        signatures.put(Signature.DEFAULT, Signature.of(old.name(), old.inputs(), outputs));
        return this;
    }

    private Signature defaultSignature() {
        return signatures.getOrDefault(
                Signature.DEFAULT, Signature.of(Signature.DEFAULT, Map.of(), Map.of()));
    }

    /**
     * Has the routes of a context run this model, and no SavedModels: for tests that start their
     * context themselves, as with CamelTestSupport. To be called before routes are added.
     *
     * @param context the context, before its routes are added
     * @param more other models that the routes run
     * @return this model
     */
    public StubModel addTo(CamelContext context, StubModel... more) {
        ModelRepository models = ModelRepository.empty();
        models.substitute(this);
        for (StubModel each : more) {
            models.substitute(each);
        }
        TensorFlowComponent component = new TensorFlowComponent();
        component.setRepository(models);
        component.addTo(context);
        return this;
    }

    /**
     * Sets the folder in which a processor's files are looked for, such as labels.
     *
     * @param files the folder
     * @return this model
     */
    public StubModel folder(Path files) {
        folder = files.toAbsolutePath();
        return this;
    }

    /**
     * Answers predictions with a value for an output.
     *
     * @param output the output's name
     * @param value a number, text or boolean, or an array or list of them, nested to the output's
     *     rank
     * @return this model
     */
    public StubModel answer(String output, Object value) {
        behavior.outputs.put(output, value);
        behavior.computed = null;
        behavior.failure = null;
        return this;
    }

    /**
     * Answers each prediction with what a function makes of it.
     *
     * @param function gives the outputs by name, as for {@link #answer(String, Object)}
     * @return this model
     */
    public StubModel answer(Function<Prediction, Map<String, ?>> function) {
        behavior.computed = function;
        behavior.failure = null;
        return this;
    }

    /**
     * Has predictions fail.
     *
     * @param failure what each prediction throws
     * @return this model
     */
    public StubModel fail(RuntimeException failure) {
        behavior.failure = failure;
        return this;
    }

    /**
     * Asserts that there was exactly one prediction, and gives it.
     *
     * @return the prediction, with copies of its inputs
     */
    public Prediction verify() {
        return verify(1);
    }

    /**
     * Asserts how many predictions there were since the test began.
     *
     * @param times at least 1
     * @return the last one
     */
    public Prediction verify(int times) {
        int actual = predictions.size();
        if (actual != times) {
            throw new AssertionFailedError(
                    "predictions of model \"" + name + "\": expected " + times + ", was " + actual,
                    times,
                    actual);
        }
        return predictions.get(times - 1);
    }

    /** Asserts that there was no prediction since the test began. */
    public void verifyNotCalled() {
        if (!predictions.isEmpty()) {
            throw new AssertionFailedError(
                    "model \"" + name + "\" was called, with " + predictions.get(0));
        }
    }

    /** {@return the predictions since the test began, in order} */
    public List<Prediction> predictions() {
        return List.copyOf(predictions);
    }

    /** Takes what it answers now for what it was declared to answer. */
    void declare() {
        declared = behavior.copy();
    }

    /** Forgets the predictions, and what a test had it answer. */
    public void reset() {
        predictions.clear();
        behavior = declared.copy();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean canRun(@Nullable String signatureName) {
        return signatures.containsKey(wanted(signatureName));
    }

    private String wanted(@Nullable String signatureName) {
        if (signatureName == null && signatures.size() == 1) {
            return signatures.keySet().iterator().next();
        }
        return signatureName == null ? Signature.DEFAULT : signatureName;
    }

    @Override
    public Signature signature(@Nullable String signatureName) {
        Signature signature = signatures.get(wanted(signatureName));
        if (signature == null) {
            throw new BadInputException(
                    "model \""
                            + name
                            + "\" has no signature \""
                            + wanted(signatureName)
                            + "\", only "
                            + signatures.keySet());
        }
        return signature;
    }

    @Override
    public void prepare(Signature signature) {
        // There is nothing to measure.
    }

    @Override
    public @Nullable String refusal(Signature signature, Map<String, Shape> shapes) {
        return null;
    }

    @Override
    public NamedTensors predict(Signature signature, Map<String, TType> inputs, Deadline deadline) {
        Prediction prediction = new Prediction(signature.name(), signature.bind(inputs));
        predictions.add(prediction);
        Behavior now = behavior;
        if (now.failure != null) {
            throw now.failure;
        }
        Map<String, ?> outputs =
                now.computed == null ? now.outputs : now.computed.apply(prediction);
        return tensors(signature, outputs);
    }

    private NamedTensors tensors(Signature signature, Map<String, ?> outputs) {
        List<String> missing = new ArrayList<>(signature.outputs().keySet());
        missing.removeAll(outputs.keySet());
        if (!missing.isEmpty()) {
            throw new IllegalStateException(
                    "StubModel \"" + name + "\" has no answer for " + missing);
        }
        try (NamedTensors.Builder tensors = NamedTensors.builder()) {
            outputs.forEach(
                    (output, value) -> tensors.put(output, tensor(signature, output, value)));
            return tensors.build();
        }
    }

    private TType tensor(Signature signature, String output, Object value) {
        TensorSpec spec = signature.outputs().get(output);
        if (spec == null) {
            throw new IllegalStateException(
                    "StubModel \""
                            + name
                            + "\" has no output \""
                            + output
                            + "\", only "
                            + signature.outputs().keySet());
        }
        TType tensor = tensor(spec, value);
        if (!spec.accepts(tensor.shape())) {
            String shape = TensorSpec.format(tensor.shape());
            tensor.close();
            throw new IllegalStateException(
                    "StubModel \""
                            + name
                            + "\" answers output \""
                            + output
                            + "\" with shape "
                            + shape
                            + ", but it is "
                            + spec.describe());
        }
        return tensor;
    }

    /** What a test has the model answer is no input of the request. */
    private TType tensor(TensorSpec spec, Object value) {
        try {
            return TensorValues.toTensor(value, spec.dtype(), spec.name());
        } catch (BadInputException e) {
            throw new IllegalStateException(
                    "StubModel \"" + name + "\" can't answer " + e.getMessage(), e);
        }
    }

    @Override
    public Path path() {
        return folder;
    }

    @Override
    public String toString() {
        return "StubModel " + name;
    }
}
