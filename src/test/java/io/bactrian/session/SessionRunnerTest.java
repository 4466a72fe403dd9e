package io.bactrian.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.bactrian.limit.Deadline;
import io.bactrian.tensor.TensorFlowStatus;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tensorflow.Graph;
import org.tensorflow.GraphOperation;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

class SessionRunnerTest {

    private final Graph graph = new Graph();
    private final Ops tf = Ops.create(graph);
    private final Session session = new Session(graph);
    private final SessionRunner runner = new SessionRunner(session);

    @AfterEach
    void close() {
        session.close();
        graph.close();
    }

    private GraphTensors tensors(String... names) {
        return GraphTensors.named(graph, List.of(names));
    }

    @Test
    void outputsAreInTheOrderOfTheFetches() {
        Placeholder<TFloat32> x =
                tf.withName("x").placeholder(TFloat32.class, Placeholder.shape(Shape.of(2)));
        tf.withName("sum").math.add(x, x);
        tf.withName("product").math.mul(x, x);
        try (TFloat32 input = TFloat32.vectorOf(3, 4)) {
            for (Deadline deadline : new Deadline[] {null, Deadline.none()}) {
                GraphTensors fetches = tensors("product:0", "sum");
                try (RunOutputs outputs =
                                deadline == null
                                        ? runner.run(tensors("x"), List.of(input), fetches)
                                        : runner.run(
                                                tensors("x"), List.of(input), fetches, deadline);
                        TFloat32 product = (TFloat32) outputs.take(0);
                        TFloat32 sum = (TFloat32) outputs.take(1)) {
                    assertEquals(9, product.getFloat(0));
                    assertEquals(8, sum.getFloat(1));
                }
            }
        }
    }

    @Test
    void tensorsOfDtypesWithoutAJavaClassCanBeReadButNotTaken() {
        tf.withName("ints").constant(new int[] {1, -2, 3});
        graph.opBuilder("Cast", "bytes", tf.scope())
                .addInput(graph.operation("ints").output(0))
                .setAttr("DstT", DataType.DT_INT8)
                .build();
        try (RunOutputs outputs = runner.fetch(tensors("ints", "bytes"))) {
            assertEquals(DataType.DT_INT8, outputs.dataType(1));
            assertArrayEquals(new long[] {3}, outputs.shape(1));
            byte[] bytes = new byte[3];
            outputs.memory(1).get(bytes);
            assertArrayEquals(new byte[] {1, -2, 3}, bytes);
            assertEquals(
                    "TensorFlow Java has no tensor class for dtype int8",
                    assertThrows(IllegalArgumentException.class, () -> outputs.take(1))
                            .getMessage());
            try (TInt32 ints = (TInt32) outputs.take(0)) {
                assertEquals(-2, ints.getInt(1));
            }
        }
    }

    @Test
    void emptyTensorHasEmptyMemory() {
        tf.withName("none").constant(new float[0]);
        try (RunOutputs outputs = runner.fetch(tensors("none"))) {
            assertEquals(0, outputs.numBytes(0));
            assertEquals(0, outputs.memory(0).remaining());
        }
    }

    @Test
    void failureHasTensorFlowsStatus() {
        tf.withName("file").io.readFile(tf.constant("/no/such/file"));
        SessionRunException e =
                assertThrows(SessionRunException.class, () -> runner.fetch(tensors("file")));
        assertSame(TensorFlowStatus.NOT_FOUND, e.status());
    }

    @Test
    void runEndsAtItsDeadline() {
        // No element is ever added to this queue.
        GraphOperation queue =
                graph.opBuilder("FIFOQueueV2", "queue", tf.scope())
                        .setAttr("component_types", new DataType[] {DataType.DT_FLOAT})
                        .build();
        graph.opBuilder("QueueDequeueV2", "element", tf.scope())
                .addInput(queue.output(0))
                .setAttr("component_types", new DataType[] {DataType.DT_FLOAT})
                .build();
        SessionRunException e =
                assertThrows(
                        SessionRunException.class,
                        () ->
                                runner.run(
                                        GraphTensors.NONE,
                                        List.of(),
                                        tensors("element"),
                                        Deadline.after(Duration.ofMillis(1))));
        assertSame(TensorFlowStatus.DEADLINE_EXCEEDED, e.status());
    }

    @Test
    void operationsAreExecutedForTheirEffects() {
        GraphOperation variable =
                graph.opBuilder("VarHandleOp", "v", tf.scope())
                        .setAttr("dtype", DataType.DT_INT32)
                        .setAttr("shape", Shape.scalar())
                        .build();
        GraphOperation assignment =
                graph.opBuilder("AssignVariableOp", "assign", tf.scope())
                        .addInput(variable.output(0))
                        .addInput(tf.constant(7).asOutput())
                        .build();
        graph.opBuilder("ReadVariableOp", "read", tf.scope())
                .addInput(variable.output(0))
                .setAttr("dtype", DataType.DT_INT32)
                .build();
        assertThrows(SessionRunException.class, () -> runner.fetch(tensors("read")));
        runner.execute(List.of(assignment));
        try (RunOutputs outputs = runner.fetch(tensors("read"));
                TInt32 value = (TInt32) outputs.take(0)) {
            assertEquals(7, value.getInt());
        }
    }

    @Test
    void tensorsAreFoundByOperationAndIndex() {
        tf.withName("x").constant(1f);
        assertEquals("x", GraphTensors.find(graph, "x:0").op().name());
        assertNull(GraphTensors.find(graph, "x:1"));
        assertNull(GraphTensors.find(graph, "y:0"));
        assertEquals(
                "the graph has no tensor y:0",
                assertThrows(IllegalArgumentException.class, () -> tensors("y:0")).getMessage());
    }
}
