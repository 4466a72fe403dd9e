package io.bactrian.model;

import io.bactrian.limit.Deadline;
import io.bactrian.session.RunOutputs;
import io.bactrian.session.SessionRunException;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.TensorFlowStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.TensorProto;

/**
 * The warm-up of a model: runs its signatures before requests arrive, so that no request pays for
 * TensorFlow's graph optimization. It replays the {@linkplain WarmUpRequests requests} that the
 * SavedModel contains, and runs the other signatures on zeros and empty strings.
 *
 * <p>The model's author asked for the former. Nobody asked for the latter, so they do not run
 * signatures with side effects. A failed run shows only that the model rejects the input, and
 * becomes a remark.
 */
final class WarmUp {

    private final GraphSession graph;
    private final Map<String, Signature> signatures = new TreeMap<>();
    private final Set<String> warm = new HashSet<>();
    private final List<String> remarks = new ArrayList<>();
    private boolean complete = true;

    /** The remaining time for runs that may be endless. */
    private Duration remainingTime = GraphSession.SYNTHETIC_RUN_LIMIT;

    /**
     * @param graph the model's graph
     * @param signatures the signatures that can be run
     */
    WarmUp(GraphSession graph, List<Signature> signatures) {
        this.graph = graph;
        signatures.forEach(each -> this.signatures.put(each.name(), each));
    }

    /** {@return sentences about what was not warmed up, and why} */
    List<String> remarks() {
        return remarks;
    }

    /** {@return whether all runs have ended and no signature may be endless} */
    boolean isComplete() {
        return complete;
    }

    /** Replays the requests that the SavedModel in {@code directory} contains. */
    void replay(Path directory) {
        int records = 0;
        int failed = 0;
        String first = null;
        try (WarmUpRequests requests = WarmUpRequests.open(directory)) {
            while (requests != null && requests.hasNext() && complete) {
                if (records == WarmUpRequests.MAX_RECORDS) {
                    throw new IOException("it has more than " + records + " records");
                }
                WarmUpRequests.Request request = requests.next();
                records++;
                String problem = request == null ? "it is not a Predict request" : replay(request);
                if (problem != null) {
                    failed++;
                    first = first == null ? "record " + records + ": " + problem : first;
                }
            }
        } catch (IOException e) {
            remarks.add(
                    "its "
                            + WarmUpRequests.FILE
                            + " could not be read completely: "
                            + e.getMessage());
        }
        if (failed > 0) {
            remarks.add(
                    failed
                            + " of "
                            + records
                            + " requests of its "
                            + WarmUpRequests.FILE
                            + " failed; "
                            + first);
        }
    }

    /** {@return why a request failed; null if it succeeded} */
    private @Nullable String replay(WarmUpRequests.Request request) {
        String name = request.signature().isEmpty() ? Signature.DEFAULT : request.signature();
        Signature signature = signatures.get(name);
        if (signature == null) {
            return "there is no signature \"" + name + "\" that can be run";
        }
        try (NamedTensors inputs = tensors(request.inputs())) {
            graph.run(signature, signature.bind(inputs.asMap())).close();
            warm.add(name);
            return null;
        } catch (SessionRunException e) {
            return "signature \"" + name + "\" " + failure(e);
        } catch (RuntimeException e) {
            // TensorFlow or the signature rejects the tensors.
            return String.valueOf(e.getMessage());
        }
    }

    /**
     * Runs the signatures that no replayed request has warmed up, except those with side effects.
     */
    void runRemaining() {
        for (Signature signature : signatures.values()) {
            if (warm.contains(signature.name())) {
                continue;
            }
            String reason = signature.effects().syntheticRunBlocker();
            if (reason != null) {
                remark(signature, "was not run: " + reason);
                complete &= signature.effects().uninterruptible() == null;
                continue;
            }
            boolean mayRunForever = signature.effects().loop() != null;
            if (mayRunForever && remainingTime.isZero()) {
                complete = false;
                remark(signature, "is not warm: other signatures used up the time limit for loops");
                continue;
            }
            Deadline deadline = Deadline.after(remainingTime);
            try (NamedTensors inputs = SyntheticInputs.zeros(signature)) {
                graph.run(signature, inputs.asMap(), deadline).close();
            } catch (SessionRunException e) {
                remark(signature, "is not warm: on zeros and empty strings it " + failure(e));
            }
            if (mayRunForever) {
                remainingTime = Objects.requireNonNull(deadline.remaining());
            }
        }
    }

    private String failure(SessionRunException e) {
        if (e.status() == TensorFlowStatus.DEADLINE_EXCEEDED) {
            complete = false;
            return "does not end";
        }
        return "fails: " + e.summary();
    }

    private void remark(Signature signature, String what) {
        remarks.add("signature \"" + signature.name() + "\" " + what);
    }

    /**
     * {@return the tensors, owned by the caller} TensorFlow parses them, as constants of a graph.
     */
    private static NamedTensors tensors(Map<String, TensorProto> values) {
        GraphDef.Builder constants = GraphDef.newBuilder();
        List<String> nodes = new ArrayList<>();
        for (TensorProto value : values.values()) {
            nodes.add("value" + nodes.size());
            constants
                    .addNodeBuilder()
                    .setName(nodes.get(nodes.size() - 1))
                    .setOp("Const")
                    .putAttr("dtype", AttrValue.newBuilder().setType(value.getDtype()).build())
                    .putAttr("value", AttrValue.newBuilder().setTensor(value).build());
        }
        if (nodes.isEmpty()) {
            return NamedTensors.builder().build();
        }
        try (GraphSession graph =
                        GraphSession.of(
                                constants.build(),
                                new DistinctSignatures(List.of(), Map.of()),
                                ConfigProto.getDefaultInstance());
                RunOutputs read = graph.fetch(nodes);
                NamedTensors.Builder tensors = NamedTensors.builder()) {
            int index = 0;
            for (String name : values.keySet()) {
                tensors.put(name, read.take(index++));
            }
            return tensors.build();
        }
    }
}
