package io.bactrian.model.graph;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.model.graph.RowIndependence.Verdict;
import io.bactrian.tensor.TensorSpec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto;

/**
 * The results of the analysis for Keras models and functions that {@code
 * src/test/python/make_row_models.py} creates.
 */
class RowIndependenceTest {

    private static final Path GRAPHS = Path.of("src", "test", "resources", "row-independence");

    @TestFactory
    Stream<DynamicTest> independentRowsAreProven() throws IOException {
        return tests("independent", true);
    }

    @TestFactory
    Stream<DynamicTest> dependentRowsAreNotProvenIndependent() throws IOException {
        return tests("dependent", false);
    }

    private static Stream<DynamicTest> tests(String folder, boolean expected) throws IOException {
        List<Path> files;
        try (Stream<Path> children = Files.list(GRAPHS.resolve(folder))) {
            files = children.sorted().toList();
        }
        assertFalse(files.isEmpty());
        return files.stream()
                .map(
                        file ->
                                DynamicTest.dynamicTest(
                                        file.getFileName().toString().replace(".pb.gz", ""),
                                        () -> check(file, expected)));
    }

    private static void check(Path file, boolean expected) throws IOException {
        MetaGraphDef graph;
        try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
            graph = SavedModel.parseFrom(in).getMetaGraphs(0);
        }
        var signature = graph.getSignatureDefOrThrow("serving_default");
        Collection<TensorSpec> inputs = specs(signature.getInputsMap());
        Collection<TensorSpec> outputs = specs(signature.getOutputsMap());
        SignatureEffects effects =
                new SignatureEffects.Analysis(graph.getGraphDef())
                        .of(names(inputs), names(outputs));
        Verdict verdict = RowIndependence.of(graph.getGraphDef(), effects, inputs, outputs);
        if (expected) {
            assertTrue(verdict.isProven(), verdict::reason);
        } else {
            assertFalse(verdict.isProven(), "it is not independent");
            assertFalse(verdict.reason().isBlank());
        }
    }

    private static List<String> names(Collection<TensorSpec> specs) {
        return specs.stream().map(TensorSpec::tensorName).toList();
    }

    private static Collection<TensorSpec> specs(Map<String, TensorInfo> infos) {
        List<TensorSpec> specs = new ArrayList<>();
        infos.forEach(
                (name, info) ->
                        specs.add(
                                new TensorSpec(
                                        name,
                                        info.getName(),
                                        info.getDtype(),
                                        Shape.of(
                                                info.getTensorShape().getDimList().stream()
                                                        .mapToLong(TensorShapeProto.Dim::getSize)
                                                        .toArray()))));
        return specs;
    }
}
