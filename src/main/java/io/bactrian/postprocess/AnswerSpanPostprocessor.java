package io.bactrian.postprocess;

import io.bactrian.pipeline.ModelTensor;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.SignatureTensors;
import io.bactrian.preprocess.text.TokenSequence.Token;
import io.bactrian.preprocess.text.TokenizedTexts;
import io.bactrian.tensor.NamedTensors;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.camel.Exchange;
import org.apache.camel.spi.Metadata;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;

/**
 * The postprocessor of extractive question answering: it answers the part of the context that
 * begins and ends at the tokens with the best scores, as BERT's {@code run_squad} does. Of each row
 * the {@code candidates} best starts are combined with the best ends; those that end before they
 * begin, are longer than {@code maxTokens} or not within the context are left out; the one with the
 * highest sum is the answer, and its score is the softmax over the sums of the best.
 *
 * <p>It needs a {@code TokenizerPreprocessor} with {@code pairField} and {@code keepTokens: true}
 * before the model: questions first, contexts second. The windows of a context are searched
 * together.
 */
@Metadata(
        label = "bean",
        description =
                "Answers a question with a part of its context, such as {\"answer\": \"in London\","
                        + " \"score\": 0.93, \"start\": 19, \"end\": 28}, from the scores of a model of"
                        + " extractive question answering. It needs a TokenizerPreprocessor with"
                        + " pairField, the context, and keepTokens: true.",
        excludeProperties = "output",
        annotations = {"interfaceName=org.apache.camel.Processor"})
public class AnswerSpanPostprocessor extends Postprocessor {

    @Metadata(description = "The model's output of the scores of tokens to begin the answer")
    private String startOutput = "start_logits";

    @Metadata(description = "The model's output of the scores of tokens to end the answer")
    private String endOutput = "end_logits";

    @Metadata(description = "How many starts and ends of a row are combined, the best ones")
    private int candidates = 20;

    @Metadata(description = "The most tokens of an answer")
    private int maxTokens = 30;

    /** Creates a postprocessor with default properties. */
    public AnswerSpanPostprocessor() {
        super("answer");
    }

    /** Rejects an output: this step reads those of startOutput and endOutput. */
    @Override
    public void setOutput(@Nullable String output) {
        throw new PipelineFaultException("output can't be set: set startOutput and endOutput");
    }

    /** {@return the output of the starts' scores} */
    public String getStartOutput() {
        return startOutput;
    }

    /**
     * Sets the output of the starts' scores.
     *
     * @param startOutput {@code start_logits} by default
     */
    public void setStartOutput(String startOutput) {
        this.startOutput = startOutput;
    }

    /** {@return the output of the ends' scores} */
    public String getEndOutput() {
        return endOutput;
    }

    /**
     * Sets the output of the ends' scores.
     *
     * @param endOutput {@code end_logits} by default
     */
    public void setEndOutput(String endOutput) {
        this.endOutput = endOutput;
    }

    /** {@return how many starts and ends of a row are combined} */
    public int getCandidates() {
        return candidates;
    }

    /**
     * Sets how many starts and ends of a row are combined.
     *
     * @param candidates 20 by default
     * @throws PipelineFaultException unless it is 1 to 1000
     */
    public void setCandidates(int candidates) {
        if (candidates < 1 || candidates > 1000) {
            throw PipelineFaultException.property("candidates", "1 to 1000", candidates);
        }
        this.candidates = candidates;
    }

    /** {@return the most tokens of an answer} */
    public int getMaxTokens() {
        return maxTokens;
    }

    /**
     * Sets the most tokens of an answer.
     *
     * @param maxTokens 30 by default
     * @throws PipelineFaultException below 1
     */
    public void setMaxTokens(int maxTokens) {
        if (maxTokens < 1) {
            throw PipelineFaultException.property("maxTokens", "1 or more", maxTokens);
        }
        this.maxTokens = maxTokens;
    }

    /**
     * A part of a context.
     *
     * @param start in Unicode code points
     * @param end in Unicode code points, exclusive
     * @param sum the scores of its start and its end
     */
    private record Span(int start, int end, double sum) {}

    @Override
    protected void configure(List<SignatureTensors> outputs) {
        for (SignatureTensors each : outputs) {
            for (String name : List.of(startOutput, endOutput)) {
                ModelTensor declared = numeric(each, name);
                checkRank(declared.shape(), declared.toString());
            }
        }
    }

    private static void checkRank(Shape shape, String described) {
        if (!shape.isUnknown() && shape.numDimensions() != 2) {
            throw new PipelineFaultException(
                    "expected scores of shape [rows, tokens], but " + described);
        }
    }

    @Override
    protected Object answer(Exchange exchange, NamedTensors.Reference outputs) {
        ModelOutput starts = ModelOutput.of(outputs, startOutput);
        ModelOutput ends = ModelOutput.of(outputs, endOutput);
        checkRank(starts.shape(), starts.toString());
        if (!starts.shape().equals(ends.shape())) {
            throw new PipelineFaultException(starts + ", but " + ends);
        }
        TokenizedTexts tokens = TokenizedTexts.of(exchange);
        List<String> contexts = tokens.pairs();
        if (contexts == null) {
            throw new PipelineFaultException(
                    "there are no contexts: set pairField in the TokenizerPreprocessor");
        }
        tokens.requireRows(starts.shape().get(0), starts.toString());
        List<List<Span>> best = new ArrayList<>();
        contexts.forEach(context -> best.add(List.of()));
        for (int row = 0; row < tokens.rows().size(); row++) {
            List<Span> spans = spans(starts, ends, tokens, row);
            int context = tokens.rows().get(row).text();
            // Row by row, since a long context has many windows.
            spans.addAll(best.get(context));
            best.set(context, best(spans));
        }
        return perRow(exchange, contexts.size(), i -> describe(contexts.get(i), best.get(i)));
    }

    /** {@return the parts of the context that a row's best starts and ends make} */
    private List<Span> spans(ModelOutput starts, ModelOutput ends, TokenizedTexts tokens, int row) {
        List<Token> sequence = tokens.tokens(row);
        List<Span> spans = new ArrayList<>();
        int length = Math.toIntExact(starts.shape().get(1));
        int first = tokens.firstToken(row, length);
        List<Integer> bestEnds = best(ends, first, Math.min(length, sequence.size()));
        for (int start : best(starts, first, Math.min(length, sequence.size()))) {
            for (int end : bestEnds) {
                boolean isAnswer =
                        sequence.get(start).text() == 1
                                && sequence.get(end).text() == 1
                                && end >= start
                                && end - start < maxTokens;
                if (isAnswer) {
                    spans.add(
                            new Span(
                                    sequence.get(start).start(),
                                    sequence.get(end).end(),
                                    starts.numbers().get(first + start)
                                            + ends.numbers().get(first + end)));
                }
            }
        }
        return spans;
    }

    /**
     * {@return the spans with the highest sums, the highest first, each part of the context once:
     * windows overlap}
     */
    private List<Span> best(List<Span> spans) {
        Map<Long, Span> distinct = new LinkedHashMap<>();
        spans.stream()
                .sorted(Comparator.comparingDouble((Span span) -> 0 - span.sum()))
                .forEach(
                        span ->
                                distinct.putIfAbsent(
                                        ((long) span.start() << 32) | span.end(), span));
        return distinct.values().stream().limit(candidates).toList();
    }

    /** {@return the tokens with the best scores, the best first; of equal ones the first} */
    private List<Integer> best(ModelOutput scores, int first, int length) {
        return IntStream.range(0, length)
                .boxed()
                .sorted(
                        Comparator.comparingDouble(
                                (Integer i) -> 0 - scores.numbers().get(first + i)))
                .limit(candidates)
                .toList();
    }

    private Map<String, Object> describe(String context, List<Span> ranked) {
        Map<String, Object> described = new LinkedHashMap<>();
        if (ranked.isEmpty()) {
            described.put(getField(), "");
            described.put("score", 0.0);
            return described;
        }
        Span best = ranked.get(0);
        double total = ranked.stream().mapToDouble(each -> Math.exp(each.sum() - best.sum())).sum();
        int start = context.offsetByCodePoints(0, best.start());
        int end = context.offsetByCodePoints(start, best.end() - best.start());
        described.put(getField(), context.substring(start, end));
        described.put("score", 1 / total);
        described.put("start", best.start());
        described.put("end", best.end());
        return described;
    }
}
