package io.bactrian.preprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.limit.InsufficientMemoryException;
import io.bactrian.limit.MemoryBudget;
import io.bactrian.pipeline.ExchangeMemory;
import io.bactrian.testing.Exchanges;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class UnicodeFormTest {

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void formsAreThoseOfPython(UnicodeForm form) throws IOException {
        JsonNode recorded =
                new ObjectMapper().readTree(Path.of("src/test/resources/unicode.json").toFile());
        assertTrue(recorded.size() > 10);
        for (JsonNode each : recorded) {
            String text = each.path("text").asText();
            assertEquals(each.path(form.name()).asText(), form.apply(text), text);
        }
    }

    @Test
    void memoryIsReservedForTextsThatGrow() throws IOException {
        MemoryBudget budget = new MemoryBudget(1 << 20);
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            context.getRegistry().bind(ExchangeMemory.BUDGET, budget);
            Exchange exchange = new DefaultExchange(context);
            List<String> normalized =
                    UnicodeForm.NFKC.apply(exchange, List.of("\ufdfa".repeat(20_000)));
            assertEquals(20_000 * 18, normalized.get(0).length());
            assertEquals(20_000 * 18 * 2, budget.reserved());
            Exchanges.done(exchange);
            assertEquals(0, budget.reserved());
            List<String> longer = List.of("a".repeat(40_000));
            assertThrows(
                    InsufficientMemoryException.class,
                    () -> UnicodeForm.NFKC.apply(new DefaultExchange(context), longer));
            assertEquals(longer, UnicodeForm.NONE.apply(new DefaultExchange(context), longer));
            assertEquals(0, budget.reserved());
        }
    }
}
