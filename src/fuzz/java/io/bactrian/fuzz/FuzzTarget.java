package io.bactrian.fuzz;

import com.code_intelligence.jazzer.Jazzer;
import io.bactrian.format.JsonSyntaxFuzzer;
import io.bactrian.format.NpyFuzzer;
import io.bactrian.format.PredictRequestFuzzer;
import io.bactrian.model.BatchingParametersFuzzer;
import io.bactrian.model.SavedModelFuzzer;
import io.bactrian.pipeline.MediaTypesFuzzer;
import io.bactrian.postprocess.LabelsFuzzer;
import io.bactrian.preprocess.image.ImageFuzzer;
import io.bactrian.tensor.TextCodingFuzzer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The readers that Jazzer can be let loose on, each with its seeds. */
public enum FuzzTarget {
    IMAGE(ImageFuzzer.class, 200_000, "src/test/resources/oracle", "images", "hostile"),
    JSON(
            JsonSyntaxFuzzer.class,
            4_096,
            "src/fuzz/seeds/json",
            "src/examples/cases/object-detection"),
    PREDICT(PredictRequestFuzzer.class, 4_096, "src/fuzz/seeds/json"),
    NPY(NpyFuzzer.class, 4_096, "src/fuzz/seeds/npy"),
    MEDIA_TYPES(MediaTypesFuzzer.class, 512, "src/fuzz/seeds/media-types"),
    TEXT_CODING(TextCodingFuzzer.class, 512, "src/fuzz/seeds/text"),
    SAVED_MODEL(SavedModelFuzzer.class, 400_000, "src/examples/models", "half-plus-two"),
    BATCHING(BatchingParametersFuzzer.class, 1_024, "src/fuzz/seeds/batching"),
    LABELS(LabelsFuzzer.class, 1_024, "src/fuzz/seeds/labels");

    private static final Path WORK = Path.of("target/fuzz");

    private final Class<?> fuzzer;
    private final int maxBytes;
    private final List<Path> seeds;

    FuzzTarget(Class<?> fuzzer, int maxBytes, String... seeds) {
        this.fuzzer = fuzzer;
        this.maxBytes = maxBytes;
        this.seeds = Arrays.stream(seeds).map(Path::of).toList();
    }

    /**
     * Runs Jazzer on a target until its time is up or it finds something, whose exit code it ends
     * with.
     *
     * @param arguments the target's name in lower case, then any options of Jazzer's and
     *     libFuzzer's
     */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        String name = arguments[0].toUpperCase(Locale.ROOT).replace('-', '_');
        FuzzTarget target = valueOf(name);
        List<String> options = target.options();
        options.addAll(1, Arrays.asList(arguments).subList(1, arguments.length));
        System.out.println(String.join(" ", options));
        Jazzer.main(options.toArray(String[]::new));
    }

    private List<String> options() throws IOException {
        String name = name().toLowerCase(Locale.ROOT).replace('_', '-');
        Path corpus = Files.createDirectories(WORK.resolve("corpus").resolve(name));
        Path found = Files.createDirectories(WORK.resolve("found").resolve(name));
        List<String> options = new ArrayList<>();
        options.add("--target_class=" + fuzzer.getName());
        options.add("--instrumentation_includes=io.bactrian.**:com.twelvemonkeys.**");
        options.add("--reproducer_path=" + found);
        options.add("-artifact_prefix=" + found + "/");
        options.add("-max_len=" + maxBytes);
        options.add("-timeout=20");
        options.add("-print_final_stats=1");
        options.add(corpus.toString());
        Path fixtures = Path.of("../shared/fixtures");
        for (Path seed : seeds) {
            for (Path folder : List.of(seed, fixtures.resolve(seed))) {
                if (Files.isDirectory(folder)) {
                    options.add(folder.toString());
                }
            }
        }
        return options;
    }
}
