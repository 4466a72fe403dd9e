package io.bactrian.postprocess;

import io.bactrian.pipeline.ModelTensor;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.SignatureTensors;
import io.bactrian.preprocess.text.TokenSequence.Token;
import io.bactrian.preprocess.text.TokenizedTexts;
import io.bactrian.tensor.NamedTensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.camel.Exchange;
import org.apache.camel.spi.Metadata;
import org.tensorflow.ndarray.Shape;

/**
 * The postprocessor that answers the named entities of a text, or the tag of each word, from scores
 * {@code [rows, tokens, tags]}. A word's tag is that of its first token, the highest score's, as in
 * the token classification of the library transformers with {@code aggregation_strategy="first"}.
 *
 * <p>It needs a {@code TokenizerPreprocessor} with {@code keepTokens: true} before the model. A
 * word that is in several windows of a text has the tag of the first.
 */
@Metadata(
        label = "bean",
        description =
                "Answers the named entities of a text, such as {\"entities\": [{\"tag\": \"PER\","
                        + " \"text\": \"Ada Lovelace\", \"start\": 0, \"end\": 12}]}, or the tag of each"
                        + " word, from scores [rows, tokens, tags]. It needs a TokenizerPreprocessor with"
                        + " keepTokens: true.",
        annotations = {"interfaceName=org.apache.camel.Processor"})
public class TokenTagsPostprocessor extends LabelledPostprocessor {

    /** What is answered. */
    public enum Answer {
        /** Words with one tag, joined by the prefixes B- and I-. */
        ENTITIES,
        /** Each word with its tag. */
        WORDS
    }

    @Metadata(
            description =
                    "What is answered: ENTITIES, words that follow each other joined by the prefixes"
                            + " B- and I- of their tags, or WORDS, each with its tag")
    private Answer answer = Answer.ENTITIES;

    @Metadata(description = "The tag of words that are none of an entity")
    private String outside = "O";

    /** Creates a postprocessor with default properties. */
    public TokenTagsPostprocessor() {
        super("entities");
    }

    /** {@return what is answered} */
    public Answer getAnswer() {
        return answer;
    }

    /**
     * Sets what is answered.
     *
     * @param answer {@link Answer#ENTITIES} by default
     */
    public void setAnswer(Answer answer) {
        this.answer = answer;
    }

    /** {@return the tag of words that are none of an entity} */
    public String getOutside() {
        return outside;
    }

    /**
     * Sets the tag of words that are none of an entity.
     *
     * @param outside {@code O} by default
     */
    public void setOutside(String outside) {
        this.outside = outside;
    }

    /**
     * A word of a text, or words that were joined.
     *
     * @param start in Unicode code points
     * @param end in Unicode code points, exclusive
     */
    private record Span(String tag, int start, int end) {}

    @Override
    void check(SignatureTensors outputs, Labels labels) {
        ModelTensor declared = numeric(outputs, getOutput());
        Shape shape = declared.shape();
        if (shape.isUnknown()) {
            return;
        }
        checkRank(shape, declared.toString());
        if (shape.get(2) != Shape.UNKNOWN_SIZE) {
            labels.checkCount(Math.toIntExact(shape.get(2)), declared.toString());
        }
    }

    private static void checkRank(Shape shape, String described) {
        if (shape.numDimensions() != 3) {
            throw new PipelineFaultException(
                    "expected scores of shape [rows, tokens, tags], but " + described);
        }
    }

    @Override
    protected Object answer(Exchange exchange, NamedTensors.Reference outputs) {
        ModelOutput output = read(outputs);
        checkRank(output.shape(), output.toString());
        int tags = Math.toIntExact(output.shape().get(2));
        labels().checkCount(tags, output.toString());
        TokenizedTexts tokens = TokenizedTexts.of(exchange);
        tokens.requireRows(output.shape().get(0), output.toString());
        List<Map<Integer, Span>> words = new ArrayList<>();
        tokens.texts().forEach(text -> words.add(new TreeMap<>()));
        for (int row = 0; row < tokens.rows().size(); row++) {
            addWords(output, tokens, row, words.get(tokens.rows().get(row).text()));
        }
        return perRow(
                exchange,
                words.size(),
                i -> Map.of(getField(), describe(tokens.texts().get(i), words.get(i))));
    }

    /** Adds a row's words by their numbers. A word that an earlier window has keeps its tag. */
    private void addWords(
            ModelOutput output, TokenizedTexts tokens, int row, Map<Integer, Span> words) {
        List<Token> sequence = tokens.tokens(row);
        int length = Math.toIntExact(output.shape().get(1));
        int first = tokens.firstToken(row, length);
        for (int i = 0; i < Math.min(length, sequence.size()); i++) {
            Token token = sequence.get(i);
            if (token.text() != 0 || token.word() < 0) {
                continue;
            }
            Span begun = words.get(token.word());
            words.put(
                    token.word(),
                    begun == null
                            ? new Span(tag(output, first + i), token.start(), token.end())
                            : new Span(
                                    begun.tag(),
                                    begun.start(),
                                    Math.max(begun.end(), token.end())));
        }
    }

    private String tag(ModelOutput output, int token) {
        int tags = Math.toIntExact(output.shape().get(2));
        int best = output.numbers().argMax(token * tags, tags);
        Object name = labels().name(best);
        return name == null ? String.valueOf(best) : name.toString();
    }

    private List<Map<String, Object>> describe(String text, Map<Integer, Span> words) {
        List<Span> spans = new ArrayList<>();
        Span open = null;
        for (Span word : words.values()) {
            if (answer == Answer.WORDS) {
                spans.add(word);
                continue;
            }
            if (word.tag().equals(outside)) {
                open = null;
                continue;
            }
            String tag = withoutPrefix(word.tag());
            if (open != null && open.tag().equals(tag) && !word.tag().startsWith("B-")) {
                open = new Span(tag, open.start(), word.end());
                spans.set(spans.size() - 1, open);
            } else {
                open = new Span(tag, word.start(), word.end());
                spans.add(open);
            }
        }
        return spans.stream().map(span -> describe(text, span)).toList();
    }

    private static String withoutPrefix(String tag) {
        return tag.startsWith("B-") || tag.startsWith("I-") ? tag.substring(2) : tag;
    }

    private static Map<String, Object> describe(String text, Span span) {
        int start = text.offsetByCodePoints(0, span.start());
        int end = text.offsetByCodePoints(start, span.end() - span.start());
        Map<String, Object> described = new LinkedHashMap<>();
        described.put("tag", span.tag());
        described.put("text", text.substring(start, end));
        described.put("start", span.start());
        described.put("end", span.end());
        return described;
    }
}
