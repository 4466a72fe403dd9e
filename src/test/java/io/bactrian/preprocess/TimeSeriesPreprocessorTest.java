package io.bactrian.preprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.pipeline.ExchangeTensors;
import io.bactrian.pipeline.PipelineConstants;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.RequestItems;
import io.bactrian.preprocess.table.TableFormat;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.TensorValues;
import io.bactrian.testing.Exchanges;
import io.bactrian.testing.Signatures;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class TimeSeriesPreprocessorTest {

    private static final DefaultCamelContext CONTEXT = new DefaultCamelContext();

    private final TimeSeriesPreprocessor series = new TimeSeriesPreprocessor();

    TimeSeriesPreprocessorTest() {
        series.setCamelContext(CONTEXT);
        series.setColumns("load");
    }

    @AfterAll
    static void close() throws IOException {
        CONTEXT.close();
    }

    private Exchange process(Object body) {
        Exchange exchange = new DefaultExchange(CONTEXT);
        exchange.getMessage().setBody(body);
        series.process(exchange);
        return exchange;
    }

    private String made(Object body) {
        Exchange exchange = process(body);
        try (NamedTensors.Reference tensors = ExchangeTensors.read(exchange)) {
            return TensorValues.toJava(tensors.select(null))
                    + " "
                    + Instant.ofEpochMilli(
                            exchange.getProperty(PipelineConstants.TIMESTAMP, Long.class));
        } finally {
            Exchanges.done(exchange);
        }
    }

    private String rejection(Object body) {
        return assertThrows(BadInputException.class, () -> process(body)).getMessage();
    }

    private void bind(String input) {
        series.bindInputs(List.of(Signatures.inputs(input)));
    }

    static List<JsonNode> recorded() throws IOException {
        try (InputStream in =
                TimeSeriesPreprocessorTest.class.getResourceAsStream("/tables/series.json")) {
            List<JsonNode> cases = new ArrayList<>();
            new ObjectMapper().readTree(in).path("cases").forEach(cases::add);
            assertEquals(8, cases.size());
            return cases;
        }
    }

    @ParameterizedTest
    @MethodSource("recorded")
    void windowIsThatOfPandas(JsonNode recorded) {
        series.setColumns("load, vibration");
        series.setTimestampFormat(recorded.path("timestampFormat").asText());
        series.setZone(recorded.path("zone").asText());
        series.setInterval(
                recorded.path("interval").isNull() ? null : recorded.path("interval").asText());
        series.setFeatures(recorded.path("features").asText());
        JsonNode window = recorded.path("window");
        bind("x float64 -1 " + window.size() + " " + window.get(0).size());

        Exchange exchange = process(recorded.path("rows").toString());
        double[][] made = exchange.getMessage().getBody(double[][][].class)[0];
        for (int row = 0; row < made.length; row++) {
            for (int i = 0; i < made[row].length; i++) {
                double expected = window.get(row).get(i).doubleValue();
                assertEquals(
                        expected,
                        made[row][i],
                        1e-9 * Math.max(1, Math.abs(expected)),
                        "row " + row + ", element " + i);
            }
        }
        assertEquals(
                recorded.path("last").longValue(),
                exchange.getProperty(PipelineConstants.TIMESTAMP));
        assertEquals(false, RequestItems.isList(exchange));
        Exchanges.done(exchange);
    }

    @Test
    void rowsAreSortedAveragedAndInterpolated() {
        series.setInterval("10m");
        bind("x float32 -1 -1 1");
        String expected = "[[[2.0], [4.0], [6.0], [8.0]]] 2024-01-01T00:30:00Z";
        assertEquals(
                expected,
                made(
                        "[{\"timestamp\": \"2024-01-01 00:35\", \"load\": 8},"
                                + " {\"timestamp\": \"2024-01-01T00:00Z\", \"load\": 1},"
                                + " {\"timestamp\": \"2024-01-01 02:09:59.9+02:00\", \"load\": 3}]"));
        assertEquals(
                expected,
                made(
                        "{\"timestamp\": [\"2024-01-01 00:35\", \"2024-01-01\"], \"load\": [8, \"2\"]}"));
        series.setFormat(TableFormat.CSV);
        assertEquals(expected, made("load,timestamp\n8,2024-01-01 0:35\n2,2024-01-01\n"));
    }

    @Test
    void elementsAreScaledByTheirScalers(@TempDir Path folder) throws IOException {
        Path load =
                Files.writeString(folder.resolve("l.json"), "{\"mean_\": [1], \"scale_\": [2]}");
        Path hour =
                Files.writeString(
                        folder.resolve("h.json"), "{\"data_min_\": [0], \"data_max_\": [23]}");
        series.setFeatures("hour, load");
        series.setScalerFiles("load=" + load + ", hour=" + hour);
        bind("x float32 -1 1 2");
        assertEquals(
                "[[[1.0, 2.0]]] 2024-01-01T23:00:00Z",
                made("[{\"timestamp\": \"2024-01-01 23:00\", \"load\": 5}]"));
        series.setScalerFiles("day=" + load);
        assertFault("scalerFiles has \"day\", but the elements are [hour, load]");
        series.setScalerFiles(null);
        series.setScalerFile(load.toString());
        assertFault("l.json\" has 1 column, but the elements are [hour, load]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "iso | \"31/01/2024\" | [0].timestamp: \"31/01/2024\" is not a timestamp such as 2024-01-31T13:05:00",
                "iso | \"2023-02-29\" | [0].timestamp: \"2023-02-29\" is not a timestamp such as 2024-01-31T13:05:00",
                "iso | 5 | [0].timestamp: 5 is not a timestamp such as 2024-01-31T13:05:00",
                "iso | null | [0]: missing field \"timestamp\"",
                "day-first | \"01/31/2024\" | [0].timestamp: \"01/31/2024\" is not a timestamp such as 31/01/2024 13:05:00",
                "epoch-seconds | 1e300 | [0].timestamp: 1.0E300 is not a number of seconds since 1970",
                "epoch-millis | true | [0].timestamp: true is not a number of milliseconds since 1970",
                "uuuu-MM | \"2024-01\" | [0].timestamp: \"2024-01\" is not a timestamp of the timestampFormat",
            })
    void wrongTimestampNamesTheRow(String format, String timestamp, String message) {
        series.setTimestampFormat(format);
        bind("x float32 -1 1 1");
        assertEquals(message, rejection("[{\"timestamp\": " + timestamp + ", \"load\": 1}]"));
    }

    @Test
    void invalidRowsFailOrAreLeftOut() {
        bind("x float32 -1 -1 1");
        String rows =
                "[{\"timestamp\": \"2024-01-01\", \"load\": 1}, {\"timestamp\": \"x\", \"load\":"
                        + " 2}, {\"timestamp\": \"2024-01-02\", \"load\": \"?\"}, {\"timestamp\":"
                        + " \"2024-01-03\"}, {\"timestamp\": \"2024-01-04\", \"load\": NaN}]";
        assertTrue(rejection(rows).startsWith("[1].timestamp: \"x\" is not a timestamp"));
        assertEquals(
                "[0].load: NaN is not a finite number",
                rejection("[{\"timestamp\": \"2024-01-04\", \"load\": NaN}]"));
        series.setInvalidRows(TimeSeriesPreprocessor.InvalidRows.DROP);
        assertEquals("[[[1.0]]] 2024-01-01T00:00:00Z", made(rows));
        assertEquals(
                "no row is valid, the first: [0]: missing field \"timestamp\"",
                rejection("[{\"load\": 1}, {\"load\": 2}]"));
    }

    /** A gap of 8,000 years has 4 billion bins of a minute, of which three are made. */
    @Test
    void gapsTakeNoMemory() {
        series.setInterval("1m");
        bind("x float64 -1 3 1");
        String rows =
                "[{\"timestamp\": \"1000-01-01\", \"load\": 0}, {\"timestamp\": \"9000-01-01\","
                        + " \"load\": 4207593600}]";
        assertEquals(
                "[[[4.207593598E9], [4.207593599E9], [4.2075936E9]]] 9000-01-01T00:00:00Z",
                made(rows));
        series.setMaxGap("2h");
        assertEquals(
                "there are no rows from 1000-01-01T00:01 to 9000-01-01T00:00, which is more than"
                        + " maxGap",
                rejection(rows));
        bind("x float32 -1 -1 1");
        assertEquals(
                "the series has 4207593601 bins of 1m, expected at most maxRows", rejection(rows));
        bind("x float32 -1 9 1");
        assertEquals(
                "the series has 2 bins of 1m, expected at least 9",
                rejection(
                        "[{\"timestamp\": \"2024-01-01 10:01\", \"load\": 0}, {\"timestamp\":"
                                + " \"2024-01-01 10:02\", \"load\": 1}]"));
    }

    @Test
    void longTextsAndManyRowsAreRejected() {
        bind("x float32 -1 1 1");
        String longText = "1".repeat(10_000_000);
        assertTrue(
                rejection("[{\"timestamp\": \"" + longText + "\", \"load\": 1}]").length() < 400);
        assertTrue(
                rejection("[{\"timestamp\": \"2024-01-01\", \"load\": \"" + longText + "\"}]")
                                .length()
                        < 400);
        series.setFormat(TableFormat.CSV);
        assertEquals(
                "more than 100000 rows: the limit is maxRows",
                rejection("timestamp,load\n" + "2024-01-01,1\n".repeat(100_001)));
        series.setFormat(TableFormat.LINES);
        assertEquals(
                "more than 100000 rows: the limit is maxRows",
                rejection("[\"2024-01-01\",1]\n".repeat(100_001)));
    }

    private void assertFault(String message) {
        String fault =
                assertThrows(PipelineFaultException.class, () -> bind("x float32 -1 1 2"))
                        .getMessage();
        assertTrue(fault.contains(message), fault);
    }

    @Test
    void wrongPropertiesAreFaults() {
        assertFault("makes 1 element of a row, but input \"x\"");
        series.setFeatures("load, weekday");
        assertFault("features has \"weekday\", which is none of the columns [load] and no minute,");
        series.setFeatures("load, load");
        assertFault("features must be different names with commas between");
        series.setFeatures("load, hour");
        series.setMaxGap("1h");
        assertFault("maxGap is for resampling: set interval");
        series.setColumns("timestamp");
        series.setMaxGap(null);
        assertFault("columns has the timestamp, \"timestamp\"");
        assertThrows(PipelineFaultException.class, () -> series.setInterval("soon"));
        assertThrows(PipelineFaultException.class, () -> series.setZone("Mars"));
        assertThrows(PipelineFaultException.class, () -> series.setTimestampFormat("b"));
    }
}
