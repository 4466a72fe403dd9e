package io.bactrian.tfserving;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.invocation.Answer;
import io.bactrian.model.ModelLoadException;
import io.bactrian.model.ModelNotFoundException;
import io.bactrian.model.ModelRepository;
import io.bactrian.model.ModelVersions;
import io.bactrian.model.ServedModel;
import io.bactrian.model.Signature;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.TensorSpec;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;

/**
 * The status and the metadata of models in TensorFlow Serving's REST API: the state of a model's
 * version, and its signatures, as the JSON of its protocol buffers (get_model_status.proto,
 * get_model_metadata.proto). The highest version is the one served, and the only one described.
 */
public final class ModelDescriptions {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final ModelRepository repository;

    /**
     * @param repository the models, which are loaded
     */
    public ModelDescriptions(ModelRepository repository) {
        this.repository = repository;
    }

    /**
     * {@return the description at a path}
     *
     * @param description the model, and what is asked for
     * @throws ModelNotFoundException if there is no such model or version
     * @throws BadInputException if the path has a label, of which there are none
     */
    public Answer of(ModelPath.Description description) {
        ModelPath path = description.path();
        path.requireNoLabel();
        ModelVersions files = repository.find(path.model());
        if (files == null || files.versions().isEmpty()) {
            throw new ModelNotFoundException(
                    "Could not find any versions of model " + path.model());
        }
        if (path.version() != null && path.version() != files.latest()) {
            throw new ModelNotFoundException(
                    "Could not find version " + path.version() + " of model " + path.model());
        }
        ObjectNode described =
                description.metadata() ? metadata(path.model(), files) : status(files);
        return Answer.json(200, described.toString().getBytes(StandardCharsets.UTF_8));
    }

    private ObjectNode status(ModelVersions files) {
        String failure = failure(files);
        ObjectNode version = JSON.objectNode().put("version", Long.toString(files.latest()));
        version.put("state", failure == null ? "AVAILABLE" : "END");
        version.putObject("status")
                .put("error_code", failure == null ? "OK" : "UNKNOWN")
                .put("error_message", failure == null ? "" : failure);
        ObjectNode status = JSON.objectNode();
        status.putArray("model_version_status").add(version);
        return status;
    }

    /** {@return why a model can't be served, without the server's folders; null if it can} */
    private @Nullable String failure(ModelVersions files) {
        try {
            repository.model(files.name());
            return null;
        } catch (ModelLoadException e) {
            return e.getMessage();
        }
    }

    private ObjectNode metadata(String name, ModelVersions files) {
        ServedModel model = repository.get(files.name());
        ObjectNode metadata = JSON.objectNode();
        metadata.putObject("model_spec")
                .put("name", name)
                .put("signature_name", "")
                .put("version", Long.toString(files.latest()));
        ObjectNode signatures = JSON.objectNode();
        for (Map.Entry<String, Signature> each : model.model().signatures().entrySet()) {
            signatures.set(each.getKey(), signature(each.getValue()));
        }
        metadata.putObject("metadata").putObject("signature_def").set("signature_def", signatures);
        return metadata;
    }

    private static ObjectNode signature(Signature signature) {
        ObjectNode json = JSON.objectNode();
        json.set("inputs", tensors(signature.inputs()));
        json.set("outputs", tensors(signature.outputs()));
        json.put("method_name", signature.methodName());
        json.putObject("defaults");
        return json;
    }

    private static ObjectNode tensors(SortedMap<String, TensorSpec> specs) {
        ObjectNode json = JSON.objectNode();
        specs.forEach(
                (name, spec) -> {
                    ObjectNode tensor = json.putObject(name);
                    tensor.put("dtype", spec.dataType().name());
                    tensor.set("tensor_shape", shape(spec.shape()));
                    tensor.put("name", spec.tensorName());
                });
        return json;
    }

    private static ObjectNode shape(Shape shape) {
        ObjectNode json = JSON.objectNode();
        ArrayNode dimensions = json.putArray("dim");
        if (!shape.isUnknown()) {
            for (long size : shape.asArray()) {
                dimensions.addObject().put("size", Long.toString(size)).put("name", "");
            }
        }
        return json.put("unknown_rank", shape.isUnknown());
    }
}
