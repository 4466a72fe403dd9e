package io.bactrian.model;

import io.bactrian.model.graph.ImportableGraph;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.TensorSpec;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto;

/**
 * A {@code saved_model.pb}, parsed without TensorFlow's runtime: its tags, signatures and graph.
 *
 * <p>Signatures are parsed here, since TensorFlow Java treats an unknown rank as a scalar and
 * rejects a whole model because of one signature that disagrees with the graph.
 */
final class SavedModelFile {

    /** Marks the operation that initializes tables and variables; not a callable signature. */
    private static final String INIT_OP = "__saved_model_init_op";

    private static final long MIN_CONSTANT_BYTES = 1 << 10;

    private static final String SERVE_TAG = "serve";
    private static final Set<String> VARIABLE_OPS = Set.of("VarHandleOp", "VariableV2", "Variable");

    private final Path directory;
    private final SavedModel proto;
    private final MetaGraphDef metaGraph;

    private SavedModelFile(Path directory, SavedModel proto, MetaGraphDef metaGraph) {
        this.directory = directory;
        this.proto = proto;
        this.metaGraph = metaGraph;
    }

    /**
     * @param directory the folder with {@code saved_model.pb}
     * @throws ModelLoadException if the file is missing or damaged, or has no graph to serve
     */
    static SavedModelFile read(Path directory) {
        Path file = directory.resolve("saved_model.pb");
        checkReadable(directory);
        SavedModel proto;
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            proto = SavedModel.parseFrom(in);
        } catch (IOException e) {
            throw new ModelLoadException(
                    file + " is not a readable SavedModel: " + FileErrorMessage.of(e), e);
        }
        List<List<String>> tags = new ArrayList<>();
        for (MetaGraphDef candidate : proto.getMetaGraphsList()) {
            List<String> graphTags = List.copyOf(candidate.getMetaInfoDef().getTagsList());
            if (graphTags.equals(List.of(SERVE_TAG)) || proto.getMetaGraphsCount() == 1) {
                return new SavedModelFile(directory, proto, candidate);
            }
            tags.add(graphTags);
        }
        throw new ModelLoadException(
                tags.isEmpty()
                        ? file + " has no graph: it is empty or not a SavedModel"
                        : file + " has no graph tagged \"serve\", only " + tags);
    }

    /** {@return the folder with {@code saved_model.pb}} */
    Path directory() {
        return directory;
    }

    /**
     * Checks that all files are readable, since TensorFlow's message does not say how to fix it.
     */
    private static void checkReadable(Path directory) {
        for (String part : List.of("saved_model.pb", "variables", "assets")) {
            Path path = directory.resolve(part);
            if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                continue;
            }
            try (Stream<Path> files = Files.walk(path)) {
                for (Path file : (Iterable<Path>) files::iterator) {
                    if (!Files.isReadable(file)) {
                        throw new ModelLoadException(
                                (Files.exists(file)
                                                ? "permission denied: "
                                                : "dangling symbolic link: ")
                                        + file);
                    }
                }
            } catch (IOException | UncheckedIOException e) {
                throw new ModelLoadException(FileErrorMessage.of(e), e);
            }
        }
    }

    /** {@return the tags of the served graph} */
    String[] tags() {
        return metaGraph.getMetaInfoDef().getTagsList().toArray(String[]::new);
    }

    /** {@return the served graph with its metadata} */
    MetaGraphDef metaGraph() {
        return metaGraph;
    }

    /** {@return the serialized size of the graph in bytes} */
    long graphBytes() {
        return metaGraph.getGraphDef().getSerializedSize();
    }

    /**
     * {@return the serialized size of the constants in the graph and its functions, in bytes} Small
     * constants are not counted.
     */
    long constantBytes() {
        GraphDef graph = metaGraph.getGraphDef();
        return Stream.concat(
                        graph.getNodeList().stream(),
                        graph.getLibrary().getFunctionList().stream()
                                .flatMap(function -> function.getNodeDefList().stream()))
                .filter(node -> node.getOp().equals("Const"))
                .mapToLong(NodeDef::getSerializedSize)
                .filter(bytes -> bytes >= MIN_CONSTANT_BYTES)
                .sum();
    }

    /** {@return the version of TensorFlow that wrote the file; may be empty} */
    String tensorFlowVersion() {
        return metaGraph.getMetaInfoDef().getTensorflowVersion();
    }

    /**
     * Checks that the variables' files exist. TensorFlow would load the model without them and fail
     * in each run.
     *
     * @throws ModelLoadException if the graph has variables and their files are missing
     */
    void checkVariables() {
        if (Files.isRegularFile(directory.resolve("variables").resolve("variables.index"))) {
            return;
        }
        GraphDef graph = metaGraph.getGraphDef();
        for (NodeDef node : graph.getNodeList()) {
            if (VARIABLE_OPS.contains(node.getOp())) {
                throw new ModelLoadException(
                        "the SavedModel in "
                                + directory
                                + " has variables (\""
                                + node.getName()
                                + "\") but no variables/variables.index with their values");
            }
        }
    }

    /** {@return the declared signatures by name} */
    Map<String, Signature> signatures() {
        Map<String, Signature> signatures = new TreeMap<>();
        metaGraph
                .getSignatureDefMap()
                .forEach(
                        (name, definition) -> {
                            if (!name.equals(INIT_OP)) {
                                signatures.put(name, signature(name, definition));
                            }
                        });
        return signatures;
    }

    /**
     * {@return this SavedModel if TensorFlow can import its graph; otherwise a SavedModel without
     * the nodes that need unregistered operations}
     *
     * @param tensors names of the tensors of runnable signatures
     * @throws ModelLoadException if these tensors need an unregistered operation
     */
    @SuppressWarnings("ReferenceEquality") // Comparing contents would take long.
    SavedModelFile importable(Collection<String> tensors) {
        GraphDef graph = ImportableGraph.of(metaGraph, tensors);
        if (graph == metaGraph.getGraphDef()) {
            return this;
        }
        String missing = ImportableGraph.missing(graph);
        if (missing != null) {
            throw new ModelLoadException(
                    "the SavedModel in "
                            + directory
                            + " can't be loaded here: operation "
                            + missing
                            + " is not registered: load the library that registers it (BACTRIAN_OP_LIBRARIES)");
        }
        MetaGraphDef changed = metaGraph.toBuilder().setGraphDef(graph).build();
        SavedModel.Builder copy = proto.toBuilder();
        copy.setMetaGraphs(proto.getMetaGraphsList().indexOf(metaGraph), changed);
        return new SavedModelFile(directory, copy.build(), changed);
    }

    /**
     * Writes a copy of this SavedModel without signatures except for the initializer, so that
     * TensorFlow Java has none to reject. Variables and assets are symbolic links.
     *
     * @param target an empty folder
     */
    void writeWithoutSignatures(Path target) throws IOException {
        SavedModel.Builder copy = proto.toBuilder();
        for (MetaGraphDef.Builder graph : copy.getMetaGraphsBuilderList()) {
            SignatureDef init = graph.getSignatureDefMap().get(INIT_OP);
            graph.clearSignatureDef();
            if (init != null) {
                graph.putSignatureDef(INIT_OP, init);
            }
        }
        try (OutputStream out = Files.newOutputStream(target.resolve("saved_model.pb"))) {
            copy.build().writeTo(out);
        }
        for (String folder : List.of("variables", "assets")) {
            Path source = directory.resolve(folder);
            if (Files.isDirectory(source)) {
                Files.createSymbolicLink(target.resolve(folder), source.toAbsolutePath());
            }
        }
    }

    private static Signature signature(String name, SignatureDef definition) {
        List<String> problems = new ArrayList<>();
        Map<String, TensorSpec> inputs = specs("input", definition.getInputsMap(), problems);
        Map<String, TensorSpec> outputs = specs("output", definition.getOutputsMap(), problems);
        if (outputs.isEmpty()) {
            problems.add("it has no outputs");
        }
        return new Signature(
                name,
                definition.getMethodName(),
                inputs,
                outputs,
                problems.isEmpty() ? null : String.join("; ", problems));
    }

    private static Map<String, TensorSpec> specs(
            String kind, Map<String, TensorInfo> infos, List<String> problems) {
        Map<String, TensorSpec> specs = new LinkedHashMap<>();
        infos.forEach(
                (name, info) -> {
                    specs.put(
                            name,
                            new TensorSpec(
                                    name,
                                    info.getName(),
                                    info.getDtype(),
                                    shape(info.getTensorShape())));
                    if (info.getEncodingCase() != TensorInfo.EncodingCase.NAME) {
                        problems.add(
                                kind
                                        + " \""
                                        + name
                                        + "\" is a sparse or ragged tensor, which TensorFlow Java can't"
                                        + " pass: export it as dense ones");
                    } else if (!DType.isSupported(info.getDtype())) {
                        problems.add(
                                kind
                                        + " \""
                                        + name
                                        + "\" has dtype "
                                        + DType.nameOf(info.getDtype())
                                        + ", which TensorFlow Java has no tensor class for: cast it in the"
                                        + " exported function");
                    }
                });
        return specs;
    }

    private static Shape shape(TensorShapeProto proto) {
        return proto.getUnknownRank()
                ? Shape.unknown()
                : Shape.of(
                        proto.getDimList().stream()
                                .mapToLong(TensorShapeProto.Dim::getSize)
                                .toArray());
    }
}
