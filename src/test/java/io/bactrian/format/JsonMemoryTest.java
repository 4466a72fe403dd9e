package io.bactrian.format;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The estimated memory compared with that of Jackson's objects. */
class JsonMemoryTest {

    private static final int COPIES = 20_000;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "{}",
                "[0]",
                "0",
                "1.5",
                "12345678901",
                "\"\"",
                "\"a\"",
                "\"a string of some length\"",
                "{\"a\":0}",
                "{\"a\":{\"b\":[1,2,3]},\"c\":\"d\"}",
                "null"
            })
    void boundIsAtLeastTheSizeOfTheObjects(String unit) throws Exception {
        byte[] json =
                ("[" + (unit + ",").repeat(COPIES - 1) + unit + "]")
                        .getBytes(StandardCharsets.UTF_8);
        long estimate = JsonMemory.bytesAsObjects(json);
        ObjectMapper mapper = new ObjectMapper();
        Object[] values = new Object[10];
        long before = used();
        for (int i = 0; i < values.length; i++) {
            values[i] = mapper.readValue(json, Object.class);
        }
        long taken = (used() - before) / values.length;
        assertTrue(values[9] != null);
        assertTrue(
                estimate >= taken, () -> "estimated " + estimate + " bytes, but it took " + taken);
    }

    private static long used() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
