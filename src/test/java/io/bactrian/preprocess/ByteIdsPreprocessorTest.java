package io.bactrian.preprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.bactrian.pipeline.ExchangeTensors;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.testing.Exchanges;
import io.bactrian.testing.Signatures;
import io.bactrian.testing.TensorText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ByteIdsPreprocessorTest {

    private static final DefaultCamelContext CONTEXT = new DefaultCamelContext();

    private final ByteIdsPreprocessor bytes = new ByteIdsPreprocessor();

    @AfterAll
    static void close() throws IOException {
        CONTEXT.close();
    }

    private String tensor(byte[] body) {
        Exchange exchange = new DefaultExchange(CONTEXT);
        exchange.getMessage().setBody(body);
        bytes.process(exchange);
        try (NamedTensors.Reference tensors = ExchangeTensors.read(exchange)) {
            return TensorText.of(tensors.select(null));
        } finally {
            Exchanges.done(exchange);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "abcdef, 97 98 101 102",
        "abc, 97 98 98 99",
        "a, 97 256 256 97",
        "' \t a \n', 97 256 256 97",
    })
    void firstAndLastBytesArePadded(String body, String expected) {
        bytes.setFirst(2);
        bytes.setLast(2);
        bytes.setStrip(true);

        assertEquals("int32 [1, 4] " + expected, tensor(body.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void bytesAreUnsignedAndWhiteSpaceStays() {
        bytes.setFirst(3);
        bytes.setPaddingId(0);

        assertEquals("int32 [1, 3] 255 32 0", tensor(new byte[] {(byte) 0xff, ' '}));
    }

    @Test
    void dtypeAndLengthAreTheModels() {
        bytes.setLast(1);
        bytes.bindInputs(List.of(Signatures.inputs("x int64 -1 3")));

        assertEquals("int64 [1, 3] 97 98 99", tensor(new byte[] {'a', 'b', 'c'}));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "4 | 2 | -1,8  | first is 4 and last is 2, but input \"x\"",
                "  | 9 | -1,8  | last is 9, but input \"x\"",
                "4 | 2 | -1    | makes ids [1, length], but input \"x\"",
                "  | 0 | -1,-1 | set first, last or both: the model leaves it open",
            })
    void contradictionToTheModelIsAnErrorAtStart(
            Integer first, int last, String shape, String expected) {
        bytes.setFirst(first);
        bytes.setLast(last);

        PipelineFaultException fault =
                assertThrows(
                        PipelineFaultException.class,
                        () ->
                                bytes.bindInputs(
                                        List.of(
                                                Signatures.inputs(
                                                        "x int32 " + shape.replace(',', ' ')))));

        assertEquals(expected, fault.getMessage().replaceFirst(" of signature.*", ""));
    }

    @Test
    void emptyBodyIsRefused() {
        bytes.setFirst(2);
        bytes.setStrip(true);

        assertEquals(
                "the body is empty, expected a file",
                assertThrows(BadInputException.class, () -> tensor(new byte[] {' '})).getMessage());
    }
}
