package io.bactrian.inference;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.format.InferenceDatatype;
import io.bactrian.invocation.Answer;
import io.bactrian.model.ModelNotFoundException;
import io.bactrian.model.ModelRepository;
import io.bactrian.model.ModelVersions;
import io.bactrian.model.Signature;
import io.bactrian.tensor.TensorSpec;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import org.tensorflow.ndarray.Shape;

/**
 * The metadata and health of the server and its models in the Open Inference Protocol. A model's
 * inputs and outputs are those of its default signature.
 */
public final class InferenceMetadata {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final ModelRepository repository;

    /**
     * @param repository the models
     */
    public InferenceMetadata(ModelRepository repository) {
        this.repository = repository;
    }

    /** {@return name, version and extensions of the server} */
    public static Answer server() {
        String version = InferenceMetadata.class.getPackage().getImplementationVersion();
        ObjectNode json = JSON.objectNode().put("name", "bactrian");
        json.put("version", version == null ? "development" : version);
        json.putArray("extensions").add("binary_tensor_data");
        return answer(200, json);
    }

    /** {@return that the server is there} */
    public static Answer live() {
        return answer(200, JSON.objectNode().put("live", true));
    }

    /**
     * {@return whether the server is ready for inference: 200 or 503}
     *
     * @param isReady whether it is
     */
    public static Answer ready(boolean isReady) {
        return answer(isReady ? 200 : 503, JSON.objectNode().put("ready", isReady));
    }

    /**
     * {@return whether a model is ready, or its metadata}
     *
     * @param path the model, and what is asked for
     * @throws ModelNotFoundException if there is no such model or version
     * @throws io.bactrian.model.ModelLoadException if its metadata are asked for and it can't be
     *     served
     */
    public Answer of(InferencePath path) {
        ModelVersions files = path.find(repository);
        return path.action() == null ? metadata(path, files) : ready(path, files);
    }

    private Answer ready(InferencePath path, ModelVersions files) {
        boolean isReady = !repository.failures().containsKey(files.name());
        return answer(
                isReady ? 200 : 503,
                JSON.objectNode().put("name", path.model()).put("ready", isReady));
    }

    private Answer metadata(InferencePath path, ModelVersions files) {
        Signature signature = repository.model(path.model()).signature(null);
        ObjectNode json = JSON.objectNode().put("name", path.model());
        json.putArray("versions").add(InferencePath.versionOf(files));
        json.put("platform", "tensorflow_savedmodel");
        json.set("inputs", tensors(signature.inputs().values()));
        json.set("outputs", tensors(signature.outputs().values()));
        return answer(200, json);
    }

    private static ArrayNode tensors(Collection<TensorSpec> specs) {
        ArrayNode json = JSON.arrayNode();
        for (TensorSpec spec : specs) {
            ObjectNode tensor = json.addObject().put("name", spec.name());
            tensor.put("datatype", InferenceDatatype.nameOf(spec.dataType()));
            ArrayNode shape = tensor.putArray("shape");
            // The protocol has no shape of unknown rank: any number of elements comes closest.
            Shape declared = spec.shape().isUnknown() ? Shape.of(-1) : spec.shape();
            for (long size : declared.asArray()) {
                shape.add(size);
            }
        }
        return json;
    }

    private static Answer answer(int status, ObjectNode json) {
        return Answer.json(status, json.toString().getBytes(StandardCharsets.UTF_8));
    }
}
