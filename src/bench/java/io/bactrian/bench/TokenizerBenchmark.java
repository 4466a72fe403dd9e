package io.bactrian.bench;

import io.bactrian.preprocess.text.SubwordTokenizer;
import io.bactrian.preprocess.text.TokenizerJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * Messages to ids by a subword tokenizer, with and without the tokens' words and offsets. Another
 * tokenizer: {@code -p tokenizer=…/tokenizer.json}.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class TokenizerBenchmark {

    private static final int TEXTS = 4;

    private static final List<String> MESSAGES =
            List.of(
                    "Free entry in 2 a wkly comp to win FA Cup final tkts 21st May 2005.",
                    "Ok lar... Joking wif u oni...",
                    "I HAVE A DATE ON SUNDAY WITH WILL!!",
                    "Nah I don't think he goes to usf, he lives around here though. Even my brother is"
                            + " not like to speak with me. They treat me like aids patent.");

    @Param("src/test/resources/tokenizers/word-piece.json")
    private String tokenizer;

    @Param({"false", "true"})
    private boolean details;

    private SubwordTokenizer loaded;

    @Setup
    public void load() throws IOException {
        TokenizerJson json =
                TokenizerJson.of(Files.readAllBytes(Path.of(tokenizer)), tokenizer, true);
        loaded =
                new SubwordTokenizer(
                        json.json(
                                128,
                                0,
                                TokenizerJson.Truncation.LONGEST_FIRST,
                                TokenizerJson.Side.RIGHT),
                        tokenizer);
    }

    @TearDown
    public void close() {
        loaded.close();
    }

    @Benchmark
    @OperationsPerInvocation(TEXTS)
    public void texts(Blackhole blackhole) {
        for (String message : MESSAGES) {
            blackhole.consume(loaded.encode(message, null, true, details));
        }
    }
}
