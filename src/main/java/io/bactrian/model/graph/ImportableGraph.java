package io.bactrian.model.graph;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.AssetFileDef;
import org.tensorflow.proto.CollectionDef;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NodeDef;

/**
 * The part of a SavedModel's graph that TensorFlow can import. TensorFlow rejects a whole graph
 * because of one node or function with an unregistered operation, even if it is not needed.
 */
public final class ImportableGraph {

    private static final String INIT_OP = "__saved_model_init_op";
    private static final String ASSETS = "saved_model_assets";

    /** Collections with operations that run when a SavedModel is loaded. */
    private static final List<String> INITIALIZERS =
            List.of("saved_model_main_op", "legacy_init_op", "table_initializer");

    private ImportableGraph() {}

    /**
     * {@return the graph itself if all its operations are registered; otherwise the part that the
     * tensors and loading need}
     *
     * @param metaGraph the SavedModel's meta graph
     * @param tensors names of the tensors of runnable signatures
     */
    public static GraphDef of(MetaGraphDef metaGraph, Collection<String> tensors) {
        GraphDef graph = metaGraph.getGraphDef();
        if (missing(graph) == null) {
            return graph;
        }
        List<String> needed = new ArrayList<>(tensors);
        needed.addAll(neededToLoad(metaGraph));
        return new ReachedOperations.Finder(graph).prune(needed);
    }

    /**
     * {@return an unregistered operation of the graph, or null}
     *
     * @param graph a graph, whose functions are searched, too
     */
    public static @Nullable String missing(GraphDef graph) {
        List<String> functions =
                graph.getLibrary().getFunctionList().stream()
                        .map(each -> each.getSignature().getName())
                        .toList();
        return Stream.concat(
                        graph.getNodeList().stream(),
                        graph.getLibrary().getFunctionList().stream()
                                .flatMap(each -> each.getNodeDefList().stream()))
                .map(NodeDef::getOp)
                .distinct()
                .filter(each -> !functions.contains(each))
                .filter(each -> RegisteredOperations.find(each) == null)
                .findFirst()
                .orElse(null);
    }

    private static List<String> neededToLoad(MetaGraphDef metaGraph) {
        List<String> needed = new ArrayList<>();
        needed.add(metaGraph.getSaverDef().getRestoreOpName());
        needed.add(metaGraph.getSaverDef().getFilenameTensorName());
        assets(metaGraph).forEach(each -> needed.add(each.getTensorInfo().getName()));
        if (metaGraph.containsSignatureDef(INIT_OP)) {
            metaGraph
                    .getSignatureDefOrThrow(INIT_OP)
                    .getOutputsMap()
                    .values()
                    .forEach(each -> needed.add(each.getName()));
        }
        for (String name : INITIALIZERS) {
            needed.addAll(
                    metaGraph
                            .getCollectionDefOrDefault(name, CollectionDef.getDefaultInstance())
                            .getNodeList()
                            .getValueList());
        }
        return needed;
    }

    /**
     * Asset paths, which TensorFlow feeds to the initializer. TensorFlow 1 has them in a
     * collection.
     */
    private static List<AssetFileDef> assets(MetaGraphDef metaGraph) {
        List<AssetFileDef> assets = new ArrayList<>(metaGraph.getAssetFileDefList());
        for (Any any :
                metaGraph
                        .getCollectionDefOrDefault(ASSETS, CollectionDef.getDefaultInstance())
                        .getAnyList()
                        .getValueList()) {
            try {
                assets.add(AssetFileDef.parseFrom(any.getValue()));
            } catch (InvalidProtocolBufferException e) {
                throw new IllegalArgumentException("damaged collection " + ASSETS, e);
            }
        }
        return assets;
    }
}
