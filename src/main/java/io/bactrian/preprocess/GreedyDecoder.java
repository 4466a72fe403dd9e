package io.bactrian.preprocess;

import io.bactrian.pipeline.ExchangeTensors;
import io.bactrian.pipeline.ModelTensor;
import io.bactrian.pipeline.PipelineConstants;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.ProcessorFile;
import io.bactrian.pipeline.RequestItems;
import io.bactrian.pipeline.SignatureTensors;
import io.bactrian.preprocess.text.IdElements;
import io.bactrian.preprocess.text.TokenizerJson.Side;
import io.bactrian.preprocess.text.WordVocabulary;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.NativeMemory;
import io.bactrian.tensor.NumericElements;
import io.bactrian.tensor.TensorBuffer;
import io.bactrian.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.spi.Metadata;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TType;

/**
 * A step of a loop that makes a text word by word: the model gets the words so far, and gives the
 * scores of the next one, of which the best is added. The loop ends with the end word, with an id
 * that the vocabulary does not have, or with the maximum number of words; the body is then the
 * answer, {@code {"text": "a dog runs"}}, or a list of that.
 *
 * <p>The step stands before the loop, where it adds the start word's ids to the other inputs in the
 * body, and in the loop after the model:
 *
 * <pre>{@code
 * - process: {ref: "#decoder"}
 * - loop:
 *     doWhile: true
 *     simple: "${exchangeProperty.CamelPipelineDecoding}"
 *     steps:
 *       - to: {uri: "tensorflow:self"}
 *       - process: {ref: "#decoder"}
 * }</pre>
 *
 * <p>The model's output is the scores {@code [rows, words]}, or {@code [rows, length, words]} with
 * those after each word, of which the last word's count.
 */
@Metadata(
        label = "bean",
        description =
                "Makes a text word by word in a loop around the model, such as a caption of an image:"
                        + " adds the best next word to the model's input until the end word, and then"
                        + " answers {\"text\": \"a dog runs\"}.",
        annotations = {"interfaceName=org.apache.camel.Processor"})
public final class GreedyDecoder extends BoundPreprocessor {

    private static final String STATE = "bactrian.decoding";

    @Metadata(
            description =
                    "The vocabulary: the JSON of Keras' Tokenizer (to_json), a JSON object of words"
                            + " with their ids, or a word per line, whose id is the line's number"
                            + " from 0. A path as that of labelsFile")
    private String vocabularyFile = "vocabulary.json";

    @Metadata(description = "The word that a text starts with, which is not in the answer")
    private String startWord = "startseq";

    @Metadata(description = "The word that ends a text, which is not in the answer")
    private String endWord = "endseq";

    @Metadata(description = "The maximum number of words. Not set: as many as the input takes")
    private @Nullable Integer maxWords;

    @Metadata(
            description =
                    "The model's input that takes the words' ids, [rows, length]. Not needed if the"
                            + " model has one input")
    private @Nullable String input;

    @Metadata(
            description =
                    "The number of ids in the input. Not needed if the model's signature has it")
    private @Nullable Integer length;

    @Metadata(description = "The side of the ids that is padded")
    private Side padding = Side.LEFT;

    @Metadata(description = "The id of padding")
    private int paddingId;

    @Metadata(
            description =
                    "The model's output with the scores. Not needed if the model has one output")
    private @Nullable String output;

    @Metadata(description = "The name of the answer's field. Empty: the text is the whole answer")
    private String field = "text";

    @Metadata(description = "What stands between two words of the answer")
    private String separator = " ";

    private volatile @Nullable Plan plan;

    private record Plan(
            Map<Integer, String> words,
            int start,
            int end,
            String input,
            DType dtype,
            int length,
            int maxWords) {}

    /** The texts of a request so far. */
    private static final class State {

        private final NamedTensors others;
        private final List<List<Integer>> texts = new ArrayList<>();
        private final boolean[] finished;

        State(NamedTensors others, int rows) {
            this.others = others;
            this.finished = new boolean[rows];
            for (int row = 0; row < rows; row++) {
                texts.add(new ArrayList<>());
            }
        }

        boolean isFinished() {
            for (boolean each : finished) {
                if (!each) {
                    return false;
                }
            }
            return true;
        }
    }

    /** {@return the vocabulary} */
    public String getVocabularyFile() {
        return vocabularyFile;
    }

    /**
     * Sets the vocabulary.
     *
     * @param vocabularyFile {@code vocabulary.json} by default
     */
    public void setVocabularyFile(String vocabularyFile) {
        this.vocabularyFile = vocabularyFile;
    }

    /** {@return the word that a text starts with} */
    public String getStartWord() {
        return startWord;
    }

    /**
     * Sets the word that a text starts with.
     *
     * @param startWord {@code startseq} by default
     */
    public void setStartWord(String startWord) {
        this.startWord = startWord;
    }

    /** {@return the word that ends a text} */
    public String getEndWord() {
        return endWord;
    }

    /**
     * Sets the word that ends a text.
     *
     * @param endWord {@code endseq} by default
     */
    public void setEndWord(String endWord) {
        this.endWord = endWord;
    }

    /** {@return the maximum number of words; null for as many as the input takes} */
    public @Nullable Integer getMaxWords() {
        return maxWords;
    }

    /**
     * Sets the maximum number of words.
     *
     * @param maxWords null, as by default, for as many as the input takes
     * @throws PipelineFaultException below 1
     */
    public void setMaxWords(@Nullable Integer maxWords) {
        this.maxWords = positive("maxWords", maxWords);
    }

    /** {@return the model's input that takes the words' ids} */
    public @Nullable String getInput() {
        return input;
    }

    /**
     * Sets the model's input that takes the words' ids.
     *
     * @param input its name; null, as by default, if the model has one input
     */
    public void setInput(@Nullable String input) {
        this.input = input;
    }

    /** {@return the number of ids in the input; null for the signature's} */
    public @Nullable Integer getLength() {
        return length;
    }

    /**
     * Sets the number of ids in the input.
     *
     * @param length null, as by default, for the signature's
     * @throws PipelineFaultException below 1
     */
    public void setLength(@Nullable Integer length) {
        this.length = positive("length", length);
    }

    private static @Nullable Integer positive(String property, @Nullable Integer value) {
        if (value != null && value < 1) {
            throw PipelineFaultException.property(property, "1 or more", value);
        }
        return value;
    }

    /** {@return the side of the ids that is padded} */
    public Side getPadding() {
        return padding;
    }

    /**
     * Sets the side of the ids that is padded.
     *
     * @param padding {@link Side#LEFT} by default
     */
    public void setPadding(Side padding) {
        this.padding = padding;
    }

    /** {@return the id of padding} */
    public int getPaddingId() {
        return paddingId;
    }

    /**
     * Sets the id of padding.
     *
     * @param paddingId 0 by default
     */
    public void setPaddingId(int paddingId) {
        this.paddingId = paddingId;
    }

    /** {@return the model's output with the scores; null if the model has one output} */
    public @Nullable String getOutput() {
        return output;
    }

    /**
     * Sets the model's output with the scores.
     *
     * @param output its name; null, as by default, if the model has one output
     */
    public void setOutput(@Nullable String output) {
        this.output = output;
    }

    /** {@return the name of the answer's field; empty to answer the text alone} */
    public String getField() {
        return field;
    }

    /**
     * Sets the name of the answer's field.
     *
     * @param field empty to answer the text alone
     */
    public void setField(String field) {
        this.field = field;
    }

    /** {@return what stands between two words of the answer} */
    public String getSeparator() {
        return separator;
    }

    /**
     * Sets what stands between two words of the answer.
     *
     * @param separator a space by default
     */
    public void setSeparator(String separator) {
        this.separator = separator;
    }

    @Override
    protected void configureAll(List<SignatureTensors> inputs) {
        if (inputs.isEmpty()) {
            plan = null;
            return;
        }
        ModelTensor ids = inputs.get(0).select(input);
        for (SignatureTensors other : inputs.subList(1, inputs.size())) {
            if (!other.select(input).spec().isInterchangeableWith(ids.spec())) {
                throw new PipelineFaultException(
                        "feeds models of different inputs: " + ids + " and " + other.select(input));
            }
        }
        Shape shape = ids.shape();
        DType dtype = DType.isSupported(ids.dataType()) ? ids.spec().dtype() : DType.STRING;
        if (dtype == DType.STRING
                || dtype == DType.BOOL
                || (!shape.isUnknown() && shape.numDimensions() != 2)) {
            throw new PipelineFaultException("makes ids of shape [rows, length], but " + ids);
        }
        long declared = shape.isUnknown() ? Shape.UNKNOWN_SIZE : shape.get(1);
        if (length != null && declared != Shape.UNKNOWN_SIZE && declared != length) {
            throw new PipelineFaultException("length is " + length + ", but " + ids);
        }
        if (length == null && declared == Shape.UNKNOWN_SIZE) {
            throw new PipelineFaultException("set length, which is open: " + ids);
        }
        int size = length != null ? length : Math.toIntExact(declared);
        ProcessorFile file = new ProcessorFile(getCamelContext(), "vocabularyFile", vocabularyFile);
        Map<String, Integer> words = WordVocabulary.of(read(file, inputs), file.toString()).ids();
        Map<Integer, String> byId = new HashMap<>();
        words.forEach((word, id) -> byId.put(id, word));
        plan =
                new Plan(
                        byId,
                        id(words, "startWord", startWord, file),
                        id(words, "endWord", endWord, file),
                        ids.spec().name(),
                        dtype,
                        size,
                        maxWords == null ? size : maxWords);
    }

    private static int id(
            Map<String, Integer> words, String property, String word, ProcessorFile file) {
        Integer id = words.get(word);
        if (id == null) {
            throw new PipelineFaultException(
                    property + " is \"" + word + "\", which " + file + " does not have");
        }
        return id;
    }

    /**
     * Adds the start word's ids to the inputs in the body; in the loop, the best next words.
     *
     * @throws PipelineFaultException if the body is not tensors, or the scores are not of the
     *     vocabulary's words
     */
    @Override
    public void process(Exchange exchange) {
        if (!isStarted()) {
            start();
        }
        try {
            Plan current = plan;
            if (current == null) {
                throw new PipelineFaultException("the model after this step is not known");
            }
            State state = exchange.getProperty(STATE, State.class);
            if (state == null) {
                begin(exchange, current);
            } else {
                step(exchange, current, state);
            }
        } catch (PipelineFaultException e) {
            throw named(e);
        }
    }

    private void begin(Exchange exchange, Plan current) {
        NamedTensors others = ExchangeTensors.getBody(exchange);
        long rows = 1;
        try (NamedTensors.Reference read = others.retain()) {
            for (TType each : read.asMap().values()) {
                rows = each.shape().numDimensions() == 0 ? 1 : each.shape().get(0);
                if (DType.of(each) == DType.STRING) {
                    throw new PipelineFaultException(
                            "inputs of strings beside the words are not taken");
                }
            }
        }
        State state = new State(others, Math.toIntExact(rows));
        exchange.setProperty(STATE, state);
        exchange.setProperty(PipelineConstants.DECODING, true);
        setInputs(exchange, current, state);
    }

    private void step(Exchange exchange, Plan current, State state) {
        try (NamedTensors.Reference outputs = ExchangeTensors.read(exchange)) {
            addBest(outputs.select(output), current, state);
        }
        if (!state.isFinished()) {
            setInputs(exchange, current, state);
            return;
        }
        exchange.removeProperty(STATE);
        exchange.setProperty(PipelineConstants.DECODING, false);
        List<Object> answers = new ArrayList<>();
        for (List<Integer> text : state.texts) {
            String words = String.join(separator, text.stream().map(current.words()::get).toList());
            answers.add(field.isEmpty() ? words : Map.of(field, words));
        }
        boolean single = answers.size() == 1 && !RequestItems.isList(exchange);
        exchange.getMessage().setBody(single ? answers.get(0) : answers);
    }

    private void addBest(TType scores, Plan current, State state) {
        Shape shape = scores.shape();
        int rank = shape.numDimensions();
        int rows = state.texts.size();
        if (DType.of(scores) == DType.STRING
                || (rank != 2 && rank != 3)
                || shape.get(0) != rows
                || shape.size() == 0) {
            throw new PipelineFaultException(
                    "expected scores of shape ["
                            + rows
                            + ", words], but the model gave "
                            + DType.of(scores)
                            + " "
                            + TensorSpec.format(shape));
        }
        NumericElements elements = NumericElements.of(scores);
        int words = Math.toIntExact(shape.get(rank - 1));
        int positions = rank == 3 ? Math.toIntExact(shape.get(1)) : 1;
        for (int row = 0; row < rows; row++) {
            List<Integer> text = state.texts.get(row);
            if (state.finished[row]) {
                continue;
            }
            int position =
                    padding == Side.LEFT ? positions - 1 : Math.min(text.size(), positions - 1);
            int best = elements.argMax((row * positions + position) * words, words);
            if (best == current.end() || !current.words().containsKey(best)) {
                state.finished[row] = true;
            } else {
                text.add(best);
                state.finished[row] = text.size() == current.maxWords();
            }
        }
    }

    private void setInputs(Exchange exchange, Plan current, State state) {
        TensorBuffer ids = new TensorBuffer(current.dtype());
        for (List<Integer> text : state.texts) {
            add(text, current, ids);
        }
        try (NamedTensors.Reference others = state.others.retain();
                NamedTensors.Builder all = NamedTensors.builder()) {
            all.put(current.input(), ids.build(Shape.of(state.texts.size(), current.length())));
            others.asMap().forEach((name, tensor) -> all.put(name, NativeMemory.copy(tensor)));
            ExchangeTensors.setBody(exchange, all.build());
        }
    }

    /** The start word and the text; of a text that is too long its end. */
    private void add(List<Integer> text, Plan current, TensorBuffer ids) {
        int known = text.size() + 1;
        int kept = Math.min(known, current.length());
        int before = padding == Side.LEFT ? current.length() - kept : 0;
        for (int i = 0; i < current.length(); i++) {
            int at = i - before;
            if (at < 0 || at >= kept) {
                IdElements.add(paddingId, ids);
                continue;
            }
            int word = known - kept + at;
            IdElements.add(word == 0 ? current.start() : text.get(word - 1), ids);
        }
    }
}
