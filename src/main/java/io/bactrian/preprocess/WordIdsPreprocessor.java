package io.bactrian.preprocess;

import static java.util.Objects.requireNonNull;

import io.bactrian.limit.MemoryBudget;
import io.bactrian.pipeline.ExchangeMemory;
import io.bactrian.pipeline.ModelTensor;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.ProcessorFile;
import io.bactrian.pipeline.SignatureTensors;
import io.bactrian.preprocess.text.IdElements;
import io.bactrian.preprocess.text.TokenizerJson.Side;
import io.bactrian.preprocess.text.WordSplitting;
import io.bactrian.preprocess.text.WordVocabulary;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.TensorBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.spi.Metadata;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;

/**
 * The preprocessor of texts for models that take ids of words or characters: Keras' legacy {@code
 * Tokenizer} with {@code pad_sequences}, or {@code TextVectorization} outside the model. It makes
 * {@code [texts, length]} of the model's dtype.
 */
@Metadata(
        label = "bean",
        description =
                "Makes ids of a text's words, or characters, by a vocabulary: the JSON of Keras'"
                        + " Tokenizer, a JSON object of ids, or a file with a word per line, as of"
                        + " TextVectorization; in sequences of one length, as of pad_sequences.",
        annotations = {"interfaceName=org.apache.camel.Processor"})
public class WordIdsPreprocessor extends TextsPreprocessor {

    /** A buffer that grows is copied to a larger one. */
    private static final long GROWTH = 3;

    /** How a text is split. */
    public enum Standardize {
        /** As Keras' Tokenizer, by the settings in its JSON. */
        TOKENIZER,
        /** As TextVectorization by default: lower case for A to Z, no punctuation, white space. */
        TEXT_VECTORIZATION,
        /** Lower case, white space. */
        LOWER,
        /** White space. */
        NONE
    }

    @Metadata(
            description =
                    "The vocabulary: the JSON of Keras' Tokenizer (to_json), a JSON object of words"
                            + " with their ids, or a UTF-8 file with a word per line, whose id is the"
                            + " number of the line, from 0. Found as a labelsFile is")
    private String vocabularyFile = "vocabulary.txt";

    @Metadata(
            description =
                    "How a text is split: TOKENIZER, as Keras' Tokenizer by the settings in its JSON;"
                            + " TEXT_VECTORIZATION, with A to Z in lower case and without punctuation"
                            + " at white space; LOWER, in lower case at white space; NONE, at white"
                            + " space. Not set: TOKENIZER for its JSON, else TEXT_VECTORIZATION")
    private @Nullable Standardize standardize;

    @Metadata(
            description =
                    "The Unicode normalization of texts before they are split: NFC, NFD, NFKC or NFKD,"
                            + " as Python's unicodedata.normalize, or NO_ACCENTS, NFD without"
                            + " nonspacing marks, as strip_accents of BERT's tokenizer")
    private UnicodeForm normalization = UnicodeForm.NONE;

    @Metadata(description = "Whether each character is a word; a Tokenizer's JSON says it itself")
    private boolean characters;

    @Metadata(
            description =
                    "The id of words that are not in the vocabulary. Not set: that of a Tokenizer's"
                            + " oov_token, or of the word [UNK] or <UNK>; without one they are left out")
    private @Nullable Integer oovId;

    @Metadata(
            description =
                    "The length of a sequence. Not set: that of the model's input, or of the request's"
                            + " longest if that is open")
    private @Nullable Integer maxLength;

    @Metadata(
            description =
                    "The side that is padded. Not set: left for a Tokenizer's JSON, as by"
                            + " pad_sequences, else right")
    private @Nullable Side paddingSide;

    @Metadata(
            description =
                    "The end that is cut off. Not set: left for a Tokenizer's JSON, as by"
                            + " pad_sequences, else right")
    private @Nullable Side truncationSide;

    @Metadata(description = "The id that sequences are padded with")
    private int paddingId;

    @Metadata(
            description =
                    "The model's input that takes the tensor. Not needed if the model has one input")
    private String input = NamedTensors.UNNAMED;

    private volatile @Nullable Plan plan;

    /**
     * What follows from properties, file and signatures.
     *
     * @param length the length of a sequence; null for that of the longest
     */
    private record Plan(
            WordVocabulary vocabulary,
            DType dtype,
            @Nullable Integer length,
            boolean padsLeft,
            boolean cutsLeft) {}

    /** Creates a preprocessor with default properties. */
    public WordIdsPreprocessor() {
        super(1_000_000);
    }

    /** {@return the vocabulary} */
    public String getVocabularyFile() {
        return vocabularyFile;
    }

    /**
     * Sets the vocabulary.
     *
     * @param vocabularyFile {@code vocabulary.txt} by default
     */
    public void setVocabularyFile(String vocabularyFile) {
        this.vocabularyFile = vocabularyFile;
    }

    /** {@return how a text is split; null for what the vocabulary's kind says} */
    public @Nullable Standardize getStandardize() {
        return standardize;
    }

    /**
     * Sets how a text is split.
     *
     * @param standardize null for what the vocabulary's kind says, as by default
     */
    public void setStandardize(@Nullable Standardize standardize) {
        this.standardize = standardize;
    }

    /** {@return the Unicode normalization of texts before they are split} */
    public UnicodeForm getNormalization() {
        return normalization;
    }

    /**
     * Sets the Unicode normalization of texts before they are split.
     *
     * @param normalization {@link UnicodeForm#NONE} by default
     */
    public void setNormalization(UnicodeForm normalization) {
        this.normalization = normalization;
    }

    /** {@return whether each character is a word} */
    public boolean isCharacters() {
        return characters;
    }

    /**
     * Sets whether each character is a word.
     *
     * @param characters false by default
     */
    public void setCharacters(boolean characters) {
        this.characters = characters;
    }

    /** {@return the id of words that are not in the vocabulary; null for the vocabulary's} */
    public @Nullable Integer getOovId() {
        return oovId;
    }

    /**
     * Sets the id of words that are not in the vocabulary.
     *
     * @param oovId null for the vocabulary's, as by default
     * @throws PipelineFaultException below 0
     */
    public void setOovId(@Nullable Integer oovId) {
        if (oovId != null && oovId < 0) {
            throw PipelineFaultException.property("oovId", "0 or more", oovId);
        }
        this.oovId = oovId;
    }

    /** {@return the length of a sequence; null for the model's} */
    public @Nullable Integer getMaxLength() {
        return maxLength;
    }

    /**
     * Sets the length of a sequence.
     *
     * @param maxLength null for the model's, as by default
     * @throws PipelineFaultException below 1
     */
    public void setMaxLength(@Nullable Integer maxLength) {
        if (maxLength != null && maxLength < 1) {
            throw PipelineFaultException.property("maxLength", "1 or more", maxLength);
        }
        this.maxLength = maxLength;
    }

    /** {@return the side that is padded; null for what the vocabulary's kind says} */
    public @Nullable Side getPaddingSide() {
        return paddingSide;
    }

    /**
     * Sets the side that is padded.
     *
     * @param paddingSide null for what the vocabulary's kind says, as by default
     */
    public void setPaddingSide(@Nullable Side paddingSide) {
        this.paddingSide = paddingSide;
    }

    /** {@return the end that is cut off; null for what the vocabulary's kind says} */
    public @Nullable Side getTruncationSide() {
        return truncationSide;
    }

    /**
     * Sets the end that is cut off.
     *
     * @param truncationSide null for what the vocabulary's kind says, as by default
     */
    public void setTruncationSide(@Nullable Side truncationSide) {
        this.truncationSide = truncationSide;
    }

    /** {@return the id that sequences are padded with} */
    public int getPaddingId() {
        return paddingId;
    }

    /**
     * Sets the id that sequences are padded with.
     *
     * @param paddingId 0 by default
     */
    public void setPaddingId(int paddingId) {
        this.paddingId = paddingId;
    }

    /** {@return the model's input that takes the tensor; null if the model has one input} */
    public String getInput() {
        return input;
    }

    /**
     * Sets the model's input that takes the tensor.
     *
     * @param input its name; null, as by default, if the model has one input
     */
    public void setInput(String input) {
        this.input = input;
    }

    @Override
    protected void configureAll(List<SignatureTensors> signatures) {
        checkTexts();
        if (signatures.isEmpty()) {
            // The file may be in a model's folder.
            return;
        }
        List<ModelTensor> inputs = signatures.stream().map(each -> each.only(input)).toList();
        DType dtype =
                Preprocessor.dtype(
                        null,
                        inputs,
                        each -> each != DType.STRING && each != DType.BOOL,
                        DType.INT32);
        for (ModelTensor each : inputs) {
            Shape shape = each.shape();
            if (!shape.isUnknown() && shape.numDimensions() != 2) {
                throw new PipelineFaultException("makes ids [texts, length], but " + each);
            }
        }
        PropertyValue<Integer> length =
                PropertyValue.of("maxLength", maxLength, inputs, WordIdsPreprocessor::length, -1);
        for (ModelTensor each : inputs) {
            if (!length.fits(length(each))) {
                throw PropertyValue.contradiction(List.of(length), each);
            }
        }
        plan = plan(dtype, length.value() < 0 ? null : length.value(), signatures);
    }

    private static @Nullable Integer length(ModelTensor tensor) {
        Shape shape = tensor.shape();
        return shape.isUnknown() || shape.get(1) == Shape.UNKNOWN_SIZE
                ? null
                : Integer.valueOf(Math.toIntExact(shape.get(1)));
    }

    @Override
    protected void doStart() throws Exception {
        if (!isBound()) {
            try {
                plan = plan(DType.INT32, maxLength, List.of());
            } catch (PipelineFaultException e) {
                throw named(e);
            }
        }
    }

    private Plan plan(DType dtype, @Nullable Integer length, List<SignatureTensors> signatures) {
        ProcessorFile file = new ProcessorFile(getCamelContext(), "vocabularyFile", vocabularyFile);
        WordVocabulary read = WordVocabulary.of(read(file, signatures), file.toString());
        boolean isTokenizer = read.isKerasTokenizer();
        if (standardize == Standardize.TOKENIZER && !isTokenizer) {
            throw new PipelineFaultException(
                    "standardize is TOKENIZER, but " + file + " is no JSON of Keras' Tokenizer");
        }
        WordSplitting splitting =
                standardize == null
                        ? read.splitting()
                        : switch (standardize) {
                            case TOKENIZER -> read.splitting();
                            case TEXT_VECTORIZATION -> WordSplitting.textVectorization();
                            case LOWER -> WordSplitting.lowerCaseWords();
                            case NONE -> WordSplitting.words();
                        };
        return new Plan(
                new WordVocabulary(
                        read.ids(),
                        oovId == null ? read.oovId() : oovId,
                        characters ? splitting.ofCharacters() : splitting,
                        isTokenizer),
                dtype,
                length,
                paddingSide == null ? isTokenizer : paddingSide == Side.LEFT,
                truncationSide == null ? isTokenizer : truncationSide == Side.LEFT);
    }

    /**
     * {@inheritDoc}
     *
     * @throws BadInputException if a text is missing or no string, or there are more or longer ones
     *     than allowed
     */
    @Override
    protected NamedTensors tensors(Exchange exchange) {
        Plan current = requireNonNull(plan);
        List<int[]> sequences = new ArrayList<>();
        int longest = 1;
        for (String text : normalization.apply(exchange, texts(exchange))) {
            int[] sequence = current.vocabulary().sequence(text);
            sequences.add(sequence);
            longest = Math.max(longest, sequence.length);
        }
        int length = current.length() == null ? longest : current.length();
        // One long text among short ones makes all as long.
        long bytes = (long) sequences.size() * length * current.dtype().byteSize();
        MemoryBudget.Reservation memory =
                ExchangeMemory.reserve(exchange, "the ids of the texts", GROWTH * bytes);
        TensorBuffer elements = new TensorBuffer(current.dtype());
        for (int[] sequence : sequences) {
            add(sequence, length, elements, current);
        }
        NamedTensors tensors =
                NamedTensors.of(input, elements.build(Shape.of(sequences.size(), length)));
        memory.shrinkTo(bytes);
        return tensors;
    }

    private void add(int[] sequence, int length, TensorBuffer elements, Plan current) {
        int kept = Math.min(length, sequence.length);
        int first = current.cutsLeft() ? sequence.length - kept : 0;
        int padding = length - kept;
        for (int i = 0; i < length; i++) {
            int at = current.padsLeft() ? i - padding : i;
            int id = at >= 0 && at < kept ? sequence[first + at] : paddingId;
            IdElements.add(id, elements);
        }
    }
}
