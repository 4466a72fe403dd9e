package io.bactrian.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.bactrian.error.ErrorKind;
import io.bactrian.limit.DeadlineExceededException;
import io.bactrian.limit.InsufficientMemoryException;
import io.bactrian.session.SessionRunException;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.TensorFlowStatus;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class RunErrorsTest {

    private static final Signature SIGNATURE = new Signature("s", "", Map.of(), Map.of(), null);

    private static RuntimeException forCaller(TensorFlowStatus status, String message) {
        return RunErrors.forCaller(
                new SessionRunException(status, message), "m", SIGNATURE, Map.of());
    }

    @Test
    void invalidArgumentsAreBadInput() {
        for (TensorFlowStatus status :
                new TensorFlowStatus[] {
                    TensorFlowStatus.INVALID_ARGUMENT, TensorFlowStatus.OUT_OF_RANGE
                }) {
            RuntimeException e = forCaller(status, "bad\n\t [[{{node a/b}}]]");
            assertEquals(BadInputException.class, e.getClass());
            assertEquals("the model refused the input: bad", e.getMessage());
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = TensorFlowStatus.class,
            names = {"NOT_FOUND", "ALREADY_EXISTS", "DATA_LOSS"})
    void errorsOfFilesKeepTheirStatus(TensorFlowStatus status) {
        PredictionException e = (PredictionException) forCaller(status, "/no; No such file");
        assertSame(status, e.status());
        assertEquals("the model refused the input: /no; No such file", e.getMessage());
        assertSame(ErrorKind.INVALID_INPUT, e.kind());
    }

    @ParameterizedTest
    @CsvSource({
        "CANCELLED, OVERLOADED",
        "UNKNOWN, INTERNAL",
        "PERMISSION_DENIED, INTERNAL",
        "ABORTED, OVERLOADED",
        "UNIMPLEMENTED, UNIMPLEMENTED",
        "INTERNAL, INTERNAL",
        "UNAVAILABLE, OVERLOADED",
        "UNAUTHENTICATED, INTERNAL"
    })
    void otherErrorsKeepTheirStatus(TensorFlowStatus status, ErrorKind kind) {
        PredictionException e = (PredictionException) forCaller(status, "why");
        assertSame(status, e.status());
        assertEquals("model \"m\" failed in signature \"s\": why", e.getMessage());
        assertSame(kind, e.kind());
    }

    @Test
    void deadlineAndMemoryHaveTheirOwnExceptions() {
        assertEquals(
                DeadlineExceededException.class,
                forCaller(TensorFlowStatus.DEADLINE_EXCEEDED, "Timed out").getClass());
        assertEquals(
                InsufficientMemoryException.class,
                forCaller(TensorFlowStatus.RESOURCE_EXHAUSTED, "OOM").getClass());
    }

    /** TensorFlow uses NOT_FOUND for variables as well as for files. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "FAILED_PRECONDITION | Table not initialized.",
                "FAILED_PRECONDITION | Attempting to use uninitialized value v",
                "FAILED_PRECONDITION | Could not find variable w. This could mean that the variable was"
                        + " uninitialized.",
                "NOT_FOUND | Resource localhost/w/N10tensorflow3VarE does not exist.",
                "NOT_FOUND | Container localhost does not exist."
            })
    void missingStateIsAnInternalError(TensorFlowStatus status, String message) {
        PredictionException e = (PredictionException) forCaller(status, message);
        assertSame(TensorFlowStatus.FAILED_PRECONDITION, e.status());
        assertSame(ErrorKind.INTERNAL, e.kind());
    }

    @Test
    void folderInPlaceOfAFileIsBadInput() {
        assertEquals(
                BadInputException.class,
                forCaller(TensorFlowStatus.FAILED_PRECONDITION, "/; Is a directory").getClass());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "No OpKernel was registered to support Op 'EagerPyFunc' used by {{node a}} with these attrs:"
                        + " [] | operation EagerPyFunc needs Python",
                "No registered 'PyFunc' OpKernel for CPU devices compatible with node {{node a}} | operation"
                        + " PyFunc needs Python",
                "No OpKernel was registered to support Op 'CudnnRNNV3' used by node a | operation CudnnRNNV3"
                        + " has no kernel in this TensorFlow",
                "No OpKernel was registered to support Op 'MatMul' used by node a | operation MatMul has no"
                        + " kernel for its dtypes"
            })
    void errorNamesTheOperationWithoutKernel(String message, String why) {
        for (TensorFlowStatus status :
                new TensorFlowStatus[] {
                    TensorFlowStatus.INVALID_ARGUMENT, TensorFlowStatus.NOT_FOUND
                }) {
            RuntimeException e = forCaller(status, message);
            assertEquals(BadInputException.class, e.getClass());
            assertEquals("signature \"s\" can't be run here: " + why, e.getMessage());
        }
    }
}
