package io.bactrian.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.testing.TestModels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoadListenerTest {

    @TempDir Path folder;

    private final List<String> events = Collections.synchronizedList(new ArrayList<>());

    private final LoadListener listener =
            new LoadListener() {
                @Override
                public void loading(String name, long version) {
                    events.add(name + " " + version + " begins");
                }

                @Override
                public void loaded(LoadResult.Loaded result) {
                    assertTrue(result.duration().toNanos() > 0);
                    events.add(result.name() + " " + result.version() + " ends");
                }

                @Override
                public void failed(LoadResult.Failed result) {
                    events.add(
                            result.name() + " " + result.version() + " fails: " + result.message());
                }
            };

    @Test
    void eachModelIsReportedOnce() throws Exception {
        TestModels.tripleByVariable(Files.createDirectories(folder.resolve("good/3")));
        Files.writeString(
                Files.createDirectories(folder.resolve("bad/1")).resolve("saved_model.pb"), "no");
        try (ModelRepository repository =
                new ModelRepository(
                        folder,
                        new TensorFlowConfig(1, 1, false),
                        SchedulerConfig.defaults(),
                        listener)) {
            List<LoadResult> results = repository.loadAll();
            assertEquals(List.of("bad", "good"), results.stream().map(LoadResult::name).toList());
            LoadResult.Failed failed = (LoadResult.Failed) results.get(0);
            assertEquals(Map.of("bad", failed.reason()), repository.failures());
            assertSame(((LoadResult.Loaded) results.get(1)).model(), repository.get("good"));
            ModelLoadException e =
                    assertThrows(ModelLoadException.class, () -> repository.get("bad"));
            assertEquals(failed.message(), e.getMessage());
            assertSame(failed.cause(), e.getCause());
        }
        assertEquals(4, events.size(), events.toString());
        assertTrue(events.indexOf("good 3 begins") < events.indexOf("good 3 ends"));
        assertTrue(events.contains("bad 1 begins"));
        assertTrue(
                events.stream()
                        .anyMatch(each -> each.startsWith("bad 1 fails: model \"bad\" can't be")),
                events.toString());
    }
}
