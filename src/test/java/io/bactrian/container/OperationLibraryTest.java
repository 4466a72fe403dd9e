package io.bactrian.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bactrian.model.ModelLoadException;
import io.bactrian.testing.TestModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tensorflow.TensorFlow;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.types.TFloat32;

/** Libraries of custom operations. */
class OperationLibraryTest {

    @RegisterExtension final TestServer server = TestServer.notStarted();

    /** A model that computes {@code y = 2 x} by a custom operation. */
    private void twice() throws IOException {
        Path model = server.models.resolve("twice/1");
        TestModels.model(
                model, TFloat32.class, Shape.of(Shape.UNKNOWN_SIZE), (tf, x) -> tf.math.neg(x));
        Path file = model.resolve("saved_model.pb");
        SavedModel.Builder changed = SavedModel.parseFrom(Files.readAllBytes(file)).toBuilder();
        for (NodeDef.Builder node :
                changed.getMetaGraphsBuilder(0).getGraphDefBuilder().getNodeBuilderList()) {
            if (node.getOp().equals("Neg")) {
                node.setOp("BactrianTestTwice").clearAttr();
            }
        }
        Files.write(file, changed.build().toByteArray());
    }

    @Test
    void librariesAreLoadedBeforeModels() throws Exception {
        twice();
        Path library = compiled();
        server.start("BACTRIAN_OP_LIBRARIES", library.toString());
        assertEquals(
                "{\"outputs\":[2.0,5.0]}",
                server.http().post("/invocations", "{\"inputs\": {\"x\": [1.0, 2.5]}}").body());
    }

    private Path compiled() throws IOException, InterruptedException {
        Path memory = Path.of("/proc/self/maps");
        assumeTrue(Files.exists(memory), "skipped: it is not known where TensorFlow's library is");
        TensorFlow.version();
        String tensorFlow =
                Files.readAllLines(memory).stream()
                        .filter(line -> line.contains("/libtensorflow_framework.so"))
                        .map(line -> line.substring(line.indexOf('/')))
                        .findFirst()
                        .orElseThrow();
        Path library = server.folder.resolve("twice.so");
        try {
            Process compiler =
                    new ProcessBuilder(
                                    "cc",
                                    "-shared",
                                    "-fPIC",
                                    "-o",
                                    library.toString(),
                                    "src/test/c/twice.c",
                                    tensorFlow)
                            .inheritIO()
                            .start();
            assertEquals(0, compiler.waitFor());
        } catch (IOException e) {
            assumeTrue(false, "skipped: there is no C compiler here");
        }
        return library;
    }

    @Test
    void missingLibraryIsAnError() throws Exception {
        TestModels.halfPlusTwo(server.models.resolve("m/1"));
        assertEquals(
                "no operation library at " + server.folder.resolve("none.so"),
                assertThrows(
                                ModelLoadException.class,
                                () ->
                                        server.start(
                                                "BACTRIAN_OP_LIBRARIES",
                                                server.folder.resolve("none.so").toString()))
                        .getMessage());
    }

    @Test
    void invalidLibraryIsAnError() throws Exception {
        TestModels.halfPlusTwo(server.models.resolve("m/1"));
        Path file = Files.writeString(server.folder.resolve("text.so"), "no shared object");
        String message =
                assertThrows(
                                ModelLoadException.class,
                                () -> server.start("BACTRIAN_OP_LIBRARIES", file.toString()))
                        .getMessage();
        assertTrue(message.startsWith("can't load the operation library " + file + ": "), message);
    }
}
