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
import java.util.Set;
import java.util.TreeMap;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.TensorProto;

/**
 * Runs a model's signatures before requests come, so that the first does not pay for TensorFlow's
 * graph optimization: with the {@linkplain WarmUpRequests requests} that the model brings, else
 * with zeros and empty strings.
 *
 * <p>The former are asked for by whoever made the model; the latter nobody asked for, so a
 * signature that has side effects is not run with them. A run that fails proves nothing but that
 * the model dislikes its input: it becomes a remark.
 */
final class WarmUp {

    private final GraphSession graph;
    private final Map<String, Signature> signatures = new TreeMap<>();
    private final Set<String> warm = new HashSet<>();
    private final List<String> remarks = new ArrayList<>();
    private boolean complete = true;

    /** What is left of it for runs with synthetic inputs that may not end. */
    private Duration timeForLoops = GraphSession.SYNTHETIC_RUN_LIMIT;

    /**
     * @param signatures those of the graph that can be run
     */
    WarmUp(GraphSession graph, List<Signature> signatures) {
        this.graph = graph;
        signatures.forEach(each -> this.signatures.put(each.name(), each));
    }

    /** {@return what was not run, and why} */
    List<String> remarks() {
        return remarks;
    }

    /** {@return whether every run has ended, and every other would} */
    boolean isComplete() {
        return complete;
    }

    /** Runs the requests that the SavedModel in {@code directory} brings. */
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
                String problem = request == null ? "it is no Predict request" : replay(request);
                if (problem != null) {
                    failed++;
                    first = first == null ? "record " + records + ": " + problem : first;
                }
            }
        } catch (IOException e) {
            remarks.add(
                    "its " + WarmUpRequests.FILE + " was not read to the end: " + e.getMessage());
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

    /** {@return why a request failed, or null} */
    private String replay(WarmUpRequests.Request request) {
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
            // Tensors that TensorFlow refuses, or that are not the signature's.
            return String.valueOf(e.getMessage());
        }
    }

    /** Runs what no request of the model's own has warmed up, if that changes nothing. */
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
            boolean mayNotEnd = signature.effects().loop() != null;
            if (mayNotEnd && timeForLoops.isZero()) {
                complete = false;
                remark(signature, "is not warm: another took all the time there is for loops");
                continue;
            }
            Deadline deadline = Deadline.after(timeForLoops);
            try (NamedTensors inputs = SyntheticInputs.zeros(signature)) {
                graph.run(signature, inputs.asMap(), deadline).close();
            } catch (SessionRunException e) {
                remark(signature, "is not warm: with zeros and empty strings it " + failure(e));
            }
            timeForLoops = mayNotEnd ? deadline.remaining() : timeForLoops;
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

    /** {@return the tensors, owned by the caller} TensorFlow itself reads them, as constants. */
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
