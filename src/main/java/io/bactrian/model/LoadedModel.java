package io.bactrian.model;

import io.bactrian.limit.Deadline;
import io.bactrian.limit.DeadlineExceededException;
import io.bactrian.limit.InsufficientMemoryException;
import io.bactrian.limit.MemoryBudget;
import io.bactrian.model.graph.RowIndependence;
import io.bactrian.model.graph.RowIndependence.Verdict;
import io.bactrian.model.graph.SignatureEffects;
import io.bactrian.model.graph.UnrestoredVariables;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.TensorFlowStatus;
import io.bactrian.tensor.TensorSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tensorflow.Graph;
import org.tensorflow.Output;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.types.family.TType;

/**
 * One version of a SavedModel in memory, ready to run. Safe for use by many threads at once.
 *
 * <p>A run takes place on the thread that calls: {@code RunOptions.inter_op_thread_pool = -1}
 * spares a small model two thread hops, which cost more than its arithmetic.
 */
public final class LoadedModel implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LoadedModel.class);

    /** Words and figures by which TensorFlow says that a tensor has the wrong shape. */
    private static final Pattern SHAPES =
            Pattern.compile(
                    "\\[\\d+(, ?\\d+)+]|\\b(shapes?|dimensions?|sizes?|ranks?)\\b",
                    Pattern.CASE_INSENSITIVE);

    private final String name;
    private final long version;
    private final Path path;
    private final Path strippedCopy;
    private final SortedMap<String, Signature> signatures = new TreeMap<>();
    private final List<String> remarks = new ArrayList<>();

    /** By signature. */
    private final Map<String, Verdict> rowIndependence = new TreeMap<>();

    /** The model as it was read, or what was made of it before anybody else knew this object. */
    private GraphSession graph;

    /** What the graph's constants take; null if it is the model as it was read. */
    private MemoryBudget.Reservation constants;

    private LoadedModel(
            String name,
            long version,
            SavedModelFile file,
            SavedModelBundle bundle,
            Path strippedCopy,
            Map<String, Signature> declared) {
        this.name = name;
        this.version = version;
        this.path = file.directory();
        this.strippedCopy = strippedCopy;
        for (Signature signature : declared.values()) {
            Signature checked = checkAgainstGraph(bundle.graph(), signature);
            signatures.put(checked.name(), checked);
        }
        this.graph = new GraphSession(bundle, DistinctSignatures.of(file.metaGraph(), runnable()));
    }

    private List<Signature> runnable() {
        return signatures.values().stream().filter(each -> each.problem() == null).toList();
    }

    /**
     * Loads the SavedModel in {@code path}, warms it up, and turns its variables into constants if
     * that is wanted and pays.
     *
     * @param name the name it is served under
     * @param version its version
     * @param path the folder with {@code saved_model.pb}; it is only read
     * @param config how TensorFlow is to run it
     * @throws ModelLoadException if it can't be served, saying why
     */
    public static LoadedModel load(String name, long version, Path path, TensorFlowConfig config) {
        return load(name, version, path, config, true);
    }

    /**
     * Loads a SavedModel to look at it: unlike {@link #load}, its own warm-up requests, which may
     * have side effects, are not run, and nothing is optimized.
     *
     * @throws ModelLoadException if it can't be served, saying why
     */
    public static LoadedModel inspect(String name, long version, Path path) {
        return load(name, version, path, TensorFlowConfig.defaults().withoutOptimization(), false);
    }

    private static LoadedModel load(
            String name, long version, Path path, TensorFlowConfig config, boolean replay) {
        String nameAndVersion = "\"" + name + "\" version " + version;
        LoadMemory.PROCESS.checkHeap(nameAndVersion, path);
        SavedModelFile file = SavedModelFile.read(path);
        try (LoadMemory.Reservation memory = LoadMemory.PROCESS.reserve(nameAndVersion, file)) {
            if (memory.warning() != null) {
                // Said now: a process that the system kills while it loads says nothing later.
                LOG.warn("{} version {}: {}", name, version, memory.warning());
            }
            boolean enough = !config.optimize() || memory.isRoomy();
            LoadedModel model =
                    loadReserved(
                            name,
                            version,
                            file,
                            enough ? config : config.withoutOptimization(),
                            replay);
            if (memory.warning() != null) {
                model.remarks.add(memory.warning());
            }
            if (!enough) {
                model.remarks.add("not optimized: there is not enough memory to try it");
            }
            return model;
        }
    }

    private static LoadedModel loadReserved(
            String name,
            long version,
            SavedModelFile complete,
            TensorFlowConfig config,
            boolean replay) {
        Path path = complete.directory();
        complete.checkVariables();
        Map<String, Signature> signatures = analyzed(complete);
        if (signatures.isEmpty()) {
            throw new ModelLoadException("the SavedModel in " + path + " has no signature to call");
        }
        checkRunnable(path, signatures);
        Path stripped = null;
        LoadedModel model = null;
        try {
            SavedModelFile file = complete.importable(tensorsOfRunnable(signatures.values()));
            ConfigProto session = GraphSession.configuration(config.toProto(), signatures.values());
            SavedModelBundle bundle = file == complete ? bundleAsItIs(file, session) : null;
            if (bundle == null) {
                stripped = Files.createTempDirectory("bactrian-");
                file.writeWithoutSignatures(stripped);
                bundle = bundle(stripped, file, session);
            }
            signatures = restore(file, bundle, signatures);
            model = new LoadedModel(name, version, file, bundle, stripped, signatures);
            checkRunnable(path, model.signatures);
            WarmUp warmUp = new WarmUp(model.graph, model.runnable());
            if (replay) {
                warmUp.replay(path);
            }
            warmUp.runTheRest();
            model.remarks.addAll(warmUp.remarks());
            model.analyzeRows(file.metaGraph().getGraphDef());
            // A model of which a run does not end can't be compared with another.
            if (config.optimize() && warmUp.isComplete()) {
                model.optimize(file, config);
            }
            return model;
        } catch (RuntimeException | IOException e) {
            if (model != null) {
                model.close();
            } else {
                delete(stripped);
            }
            if (e instanceof ModelLoadException told) {
                throw told;
            }
            throw new ModelLoadException(
                    "can't load the SavedModel in " + path + ": " + TensorFlowErrorMessage.of(e),
                    e);
        }
    }

    /** {@return the signatures with what their operations involve} */
    private static Map<String, Signature> analyzed(SavedModelFile file) {
        SignatureEffects.Analysis analysis =
                new SignatureEffects.Analysis(file.metaGraph().getGraphDef());
        Map<String, Signature> signatures = file.signatures();
        signatures.replaceAll(
                (name, signature) -> {
                    SignatureEffects effects =
                            analysis.of(tensors(signature.inputs()), tensors(signature.outputs()));
                    Signature analyzed = signature.withEffects(effects);
                    return signature.problem() == null && effects.unavailable() != null
                            ? analyzed.withProblem(effects.unavailable())
                            : analyzed;
                });
        return signatures;
    }

    private static List<String> tensorsOfRunnable(Collection<Signature> signatures) {
        List<String> tensors = new ArrayList<>();
        for (Signature signature : signatures) {
            if (signature.problem() == null) {
                tensors.addAll(tensors(signature.inputs()));
                tensors.addAll(tensors(signature.outputs()));
            }
        }
        return tensors;
    }

    /**
     * {@return null if TensorFlow Java refuses it for one signature that disagrees with the graph}
     */
    private static SavedModelBundle bundleAsItIs(SavedModelFile file, ConfigProto config) {
        try {
            return bundle(file.directory(), file, config);
        } catch (IllegalArgumentException refused) {
            return null;
        }
    }

    private static List<String> tensors(Map<String, TensorSpec> specs) {
        return specs.values().stream().map(TensorSpec::tensorName).toList();
    }

    private static SavedModelBundle bundle(Path path, SavedModelFile file, ConfigProto config) {
        return SavedModelBundle.loader(path.toString())
                .withTags(file.tags())
                .withConfigProto(config)
                .load();
    }

    /**
     * Restores what the SavedModel's own restore operation does not.
     *
     * @return the signatures, those that need a variable without a value marked so
     */
    private static Map<String, Signature> restore(
            SavedModelFile file, SavedModelBundle bundle, Map<String, Signature> signatures) {
        UnrestoredVariables variables = UnrestoredVariables.of(file.metaGraph());
        List<NodeDef> empty = CheckpointRestore.fill(variables, bundle, file.directory());
        if (empty.isEmpty() || variables.areAssigned()) {
            return signatures;
        }
        Map<String, Signature> checked = new TreeMap<>(signatures);
        for (NodeDef variable : empty) {
            String problem =
                    "its variable \""
                            + variable.getName()
                            + "\" has no value: neither the SavedModel's restore operation nor its"
                            + " object graph leads to one in the checkpoint";
            checked.replaceAll(
                    (name, signature) ->
                            signature.problem() == null && variables.uses(name, variable)
                                    ? signature.withProblem(problem)
                                    : signature);
        }
        return checked;
    }

    public String name() {
        return name;
    }

    public long version() {
        return version;
    }

    /** {@return the folder it was loaded from} */
    public Path path() {
        return path;
    }

    /** {@return every signature by name, those that can't be run included} */
    public SortedMap<String, Signature> signatures() {
        return signatures;
    }

    /** {@return what the operator should know of how this model was loaded, in sentences} */
    public List<String> remarks() {
        return List.copyOf(remarks);
    }

    /**
     * {@return whether there is such a signature and it can be run}
     *
     * @param signatureName as {@link #signature} takes it
     */
    public boolean canRun(String signatureName) {
        Signature signature = signatures.get(nameOrDefault(signatureName));
        return signature != null && signature.problem() == null;
    }

    private String nameOrDefault(String signatureName) {
        if (signatureName != null) {
            return signatureName;
        }
        return signatures.containsKey(Signature.DEFAULT) || signatures.size() > 1
                ? Signature.DEFAULT
                : signatures.firstKey();
    }

    /**
     * {@return a signature that can be run}
     *
     * @param signatureName null for {@value Signature#DEFAULT}, or for the only one there is
     * @throws BadInputException if there is none of that name or it can't be run, saying why
     */
    public Signature signature(String signatureName) {
        String wanted = nameOrDefault(signatureName);
        Signature signature = signatures.get(wanted);
        if (signature == null) {
            throw new BadInputException(
                    "Serving signature name: \""
                            + wanted
                            + "\" not found in signature def: model \""
                            + name
                            + "\" has "
                            + signatures.keySet());
        }
        if (signature.problem() != null) {
            throw new BadInputException(Signature.unavailable(wanted, signature.problem()));
        }
        return signature;
    }

    /**
     * Runs the model, without an end where a signature finds none.
     *
     * @param signature one of this model's, from {@link #signature}
     * @param inputs the tensors by input name; the caller goes on owning them
     * @return the outputs by name, owned by the caller
     * @throws BadInputException if the inputs do not fit, naming the one that does not
     * @throws InsufficientMemoryException if memory ran out
     * @throws PredictionException if the model failed
     */
    public NamedTensors predict(Signature signature, NamedTensors inputs) {
        return run(signature, signature.bind(inputs.asMap()), Deadline.none());
    }

    /**
     * Runs the model on the calling thread, or on TensorFlow's where the signature may not end by
     * itself.
     *
     * @param signature one of this model's, from {@link #signature}
     * @param bound the tensors as {@link Signature#bind} gave them; the caller goes on owning them
     * @param deadline when a signature that may not end by itself is ended
     * @return the outputs by name, owned by the caller
     * @throws BadInputException if the model refused the inputs
     * @throws DeadlineExceededException if the run did not end in time
     * @throws InsufficientMemoryException if memory ran out
     * @throws PredictionException if the model failed
     */
    NamedTensors run(Signature signature, Map<String, TType> bound, Deadline deadline) {
        try {
            return graph.run(signature, bound, deadline);
        } catch (SessionRunException e) {
            throw e.forCaller(name, signature, bound);
        }
    }

    private static void checkRunnable(Path path, Map<String, Signature> signatures) {
        if (signatures.values().stream().allMatch(each -> each.problem() != null)) {
            throw new ModelLoadException(
                    "no signature of the SavedModel in "
                            + path
                            + " can be run here: "
                            + signatures.values().stream()
                                    .map(each -> "\"" + each.name() + "\": " + each.problem())
                                    .collect(Collectors.joining("; ")));
        }
    }

    private void analyzeRows(GraphDef graph) {
        for (Signature signature : runnable()) {
            rowIndependence.put(
                    signature.name(),
                    RowIndependence.of(
                            graph,
                            signature.effects(),
                            signature.inputs().values(),
                            signature.outputs().values()));
        }
    }

    /** {@return whether the rows of a signature that can be run are proven to be independent} */
    Verdict rowIndependence(Signature signature) {
        return rowIndependence.get(signature.name());
    }

    /**
     * Runs a signature on zeros of the shapes that a caller will always give it, unless the run
     * could be noticed. That it fails proves nothing but where a request fails alike.
     *
     * @param shapes known shapes, by input; any others are as the signature has them
     * @return what TensorFlow has against the shapes; null if nothing, or if it was not tried
     */
    public String refusal(Signature signature, Map<String, Shape> shapes) {
        if (signature.effects().notRunUnasked() != null) {
            return null;
        }
        try (NamedTensors inputs = SyntheticInputs.zeros(signature, shapes)) {
            graph.run(signature, inputs.asMap()).close();
            return null;
        } catch (SessionRunException e) {
            boolean ofShapes =
                    e.status() == TensorFlowStatus.INVALID_ARGUMENT
                            && SHAPES.matcher(e.said()).find();
            return ofShapes ? e.said() : null;
        }
    }

    /** Goes on with what {@link ModelOptimizer} makes of the model, if it makes anything. */
    private void optimize(SavedModelFile file, TensorFlowConfig config) {
        ModelOptimizer.Outcome outcome =
                ModelOptimizer.optimize(
                        file.metaGraph(),
                        graph,
                        DistinctSignatures.of(file.metaGraph(), runnable()),
                        config);
        if (outcome.remark() != null) {
            remarks.add(outcome.remark());
        }
        if (outcome.graph() != null) {
            graph.close();
            graph = outcome.graph();
            constants = outcome.constants();
        }
    }

    /**
     * The graph knows better than the signature: TensorFlow Serving's own test models declare
     * shapes and dtypes that their graphs do not have.
     */
    private static Signature checkAgainstGraph(Graph graph, Signature declared) {
        if (declared.problem() != null) {
            return declared;
        }
        List<String> problems = new ArrayList<>();
        Map<String, TensorSpec> inputs = graphs(graph, "input", declared.inputs(), problems);
        Map<String, TensorSpec> outputs = graphs(graph, "output", declared.outputs(), problems);
        Signature checked = declared.withTensors(inputs, outputs);
        return problems.isEmpty() ? checked : checked.withProblem(String.join("; ", problems));
    }

    private static Map<String, TensorSpec> graphs(
            Graph graph, String kind, Map<String, TensorSpec> specs, List<String> problems) {
        Map<String, TensorSpec> checked = new LinkedHashMap<>();
        for (TensorSpec spec : specs.values()) {
            checked.put(spec.name(), spec);
            Output<?> output = GraphSession.output(graph, spec.tensorName());
            if (output == null) {
                problems.add(
                        kind
                                + " \""
                                + spec.name()
                                + "\" names no tensor of the graph: "
                                + spec.tensorName());
                continue;
            }
            if (!DType.isSupported(output.dataType())
                    || DType.of(output.dataType()) != spec.dtype()) {
                problems.add(
                        kind
                                + " \""
                                + spec.name()
                                + "\" is declared "
                                + DType.nameOf(spec.dataType())
                                + " but is "
                                + DType.nameOf(output.dataType())
                                + " in the graph");
            } else if (kind.equals("input")) {
                checked.put(
                        spec.name(),
                        new TensorSpec(
                                spec.name(), spec.tensorName(), spec.dataType(), output.shape()));
            }
        }
        return checked;
    }

    /** {@return runs under way} */
    int runs() {
        return graph.runs();
    }

    /** Refuses further runs, and frees the model's memory as soon as those under way have ended. */
    @Override
    public void close() {
        graph.close();
        if (constants != null) {
            constants.close();
        }
        delete(strippedCopy);
    }

    private static void delete(Path folder) {
        if (folder == null) {
            return;
        }
        try (var children = Files.list(folder)) {
            for (Path child : (Iterable<Path>) children::iterator) {
                Files.delete(child);
            }
            Files.delete(folder);
        } catch (IOException e) {
            // Left behind in the system's folder for temporary files.
        }
    }

    @Override
    public String toString() {
        return name + " version " + version;
    }
}
