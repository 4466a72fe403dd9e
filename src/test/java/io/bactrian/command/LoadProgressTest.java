package io.bactrian.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.bactrian.model.LoadResult;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class LoadProgressTest {

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final LoadProgress progress =
            new LoadProgress(
                    new PrintStream(new BufferedOutputStream(printed, 10_000), false, UTF_8));

    @Test
    void printsAtOnceAsALoadBeginsAndEnds() {
        progress.loading("resnet50", 2);
        assertEquals("loading resnet50 version 2\n", printed.toString(UTF_8));
        progress.loaded(new LoadResult.Loaded("resnet50", 2, Duration.ofMillis(6_349), null));
        progress.failed(
                new LoadResult.Failed(
                        "100%", 1, Duration.ofMillis(20), "reason", "no such file", null));
        assertEquals(
                """
                loading resnet50 version 2
                loaded resnet50 version 2 in 6.3 s
                failed to load 100% version 1 after 0.0 s: no such file
                """,
                printed.toString(UTF_8));
    }
}
