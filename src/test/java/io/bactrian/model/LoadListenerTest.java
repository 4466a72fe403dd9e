package io.bactrian.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.testing.TestModels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoadListenerTest {

    @TempDir Path folder;

    private final List<String> heard = Collections.synchronizedList(new ArrayList<>());

    private final LoadListener listener =
            new LoadListener() {
                @Override
                public void begins(String name, long version) {
                    heard.add(name + " " + version + " begins");
                }

                @Override
                public void ends(String name, long version, Duration took) {
                    assertTrue(took.toNanos() > 0);
                    heard.add(name + " " + version + " ends");
                }

                @Override
                public void fails(String name, long version, Duration took, String reason) {
                    heard.add(name + " " + version + " fails: " + reason);
                }
            };

    @Test
    void hearsOfEachModelOnce() throws Exception {
        TestModels.tripleByVariable(Files.createDirectories(folder.resolve("good/3")));
        Files.writeString(
                Files.createDirectories(folder.resolve("bad/1")).resolve("saved_model.pb"), "no");
        try (ModelRepository repository =
                new ModelRepository(
                        folder,
                        new TensorFlowConfig(1, 1, false),
                        SchedulerConfig.defaults(),
                        listener)) {
            repository.loadAll();
            repository.get("good");
            assertThrows(ModelLoadException.class, () -> repository.get("bad"));
        }
        assertEquals(4, heard.size(), heard.toString());
        assertTrue(heard.indexOf("good 3 begins") < heard.indexOf("good 3 ends"));
        assertTrue(heard.contains("bad 1 begins"));
        assertTrue(
                heard.stream()
                        .anyMatch(each -> each.startsWith("bad 1 fails: model \"bad\" can't be")),
                heard.toString());
    }
}
