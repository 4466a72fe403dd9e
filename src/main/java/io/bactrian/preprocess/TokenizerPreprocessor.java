package io.bactrian.preprocess;

import static java.util.Objects.requireNonNull;

import io.bactrian.limit.Deadline;
import io.bactrian.limit.DeadlineExceededException;
import io.bactrian.limit.MemoryBudget;
import io.bactrian.pipeline.ExchangeDeadline;
import io.bactrian.pipeline.ExchangeMemory;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.ProcessorFile;
import io.bactrian.pipeline.SignatureTensors;
import io.bactrian.preprocess.text.SubwordTokenizer;
import io.bactrian.preprocess.text.TokenSequence;
import io.bactrian.preprocess.text.TokenizedTexts;
import io.bactrian.preprocess.text.TokenizerInputs;
import io.bactrian.preprocess.text.TokenizerJson;
import io.bactrian.preprocess.text.TokenizerJson.Side;
import io.bactrian.preprocess.text.TokenizerJson.Truncation;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.NamedTensors;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.Exchange;
import org.apache.camel.spi.Metadata;
import org.jspecify.annotations.Nullable;

/**
 * The preprocessor of texts for models with a subword tokenizer, such as BERT: it makes {@code
 * input_ids}, {@code attention_mask} and {@code token_type_ids}, {@code [rows, length]}, in the
 * dtypes and under the names of the model's inputs.
 *
 * <p>The tokenizer is Hugging Face's own library, so that the ids are Python's. A text is a row;
 * one that is longer than the maximum is cut, or, with a stride, makes several rows, its windows.
 * What the tokenizer made is kept as {@link TokenizedTexts}.
 */
@Metadata(
        label = "bean",
        description =
                "Makes input_ids, attention_mask and token_type_ids of texts by the tokenizer.json of"
                        + " a Hugging Face model (WordPiece, BPE, Unigram), or BERT's vocab.txt, as the"
                        + " library tokenizers does.",
        annotations = {"interfaceName=org.apache.camel.Processor"})
public class TokenizerPreprocessor extends TextsPreprocessor {

    private static final int DEFAULT_MAX_LENGTH = 512;

    /** Of a token in the library and in Java, tensors included. */
    private static final int BYTES_PER_TOKEN = 200;

    /** Tensors are filled by way of arrays. */
    private static final int MAX_TOKENS = (Integer.MAX_VALUE - Long.BYTES) / Long.BYTES;

    /** How sequences come to have one length. */
    public enum Padding {
        /** Each has the length of the request's longest. */
        LONGEST,
        /** Each has the maximum length. */
        MAX_LENGTH
    }

    @Metadata(
            description =
                    "The tokenizer.json, or BERT's vocab.txt. A path relative to the route file, else"
                            + " to the model's version folder, its folder, its code/ or its assets; an"
                            + " absolute path; or a Camel resource (classpath:, file:)")
    private String tokenizerFile = "tokenizer.json";

    @Metadata(
            description =
                    "Whether a vocab.txt is of lower-case words without accents; a tokenizer.json"
                            + " says it itself")
    private boolean lowerCase = true;

    @Metadata(
            description =
                    "The body's field that holds the second text of a pair, such as a question's context."
                            + " Not set: texts are encoded alone")
    private @Nullable String pairField;

    @Metadata(
            description =
                    "The most tokens of a row, special ones included. Not set: the length of the"
                            + " model's input, else that of the tokenizer.json's truncation, else 512")
    private @Nullable Integer maxLength;

    @Metadata(
            description =
                    "How rows come to have one length: LONGEST, each as long as the request's"
                            + " longest, or MAX_LENGTH. Not set: MAX_LENGTH if the model's input has a"
                            + " fixed length, else LONGEST")
    private @Nullable Padding padding;

    @Metadata(description = "The side that is padded. Not set: the tokenizer.json's, right if none")
    private @Nullable Side paddingSide;

    @Metadata(description = "The end that is cut off")
    private Side truncationSide = Side.RIGHT;

    @Metadata(
            description =
                    "Which text of a pair is cut: LONGEST_FIRST, the longer one token by token,"
                            + " ONLY_FIRST or ONLY_SECOND")
    private Truncation truncation = Truncation.LONGEST_FIRST;

    @Metadata(
            description =
                    "How many tokens a window of a long text has in common with the one before. Not"
                            + " set: a text is one row, and cut")
    private @Nullable Integer stride;

    @Metadata(description = "The most rows that a request's texts and their windows may make")
    private int maxRows = 1000;

    @Metadata(description = "Whether to add the model's special tokens, such as [CLS] and [SEP]")
    private boolean specialTokens = true;

    @Metadata(
            description =
                    "Whether words and offsets are kept for later steps, such as those that answer"
                            + " with words; it takes time")
    private boolean keepTokens;

    @Metadata(
            description =
                    "The model's input that takes the ids. Not set: the only one, or that whose name"
                            + " says so, such as input_ids or input_word_ids")
    private @Nullable String idsInput;

    @Metadata(
            description =
                    "The model's input that takes the mask. Not set: that whose name has mask in it,"
                            + " if any")
    private @Nullable String maskInput;

    @Metadata(
            description =
                    "The model's input that takes the type ids. Not set: that whose name has type or"
                            + " segment in it, if any")
    private @Nullable String typesInput;

    private volatile @Nullable Plan plan;

    /**
     * All tokenizers, by the digest of their JSON: each route that uses this bean binds it again,
     * mostly to the same, and may be encoding with an earlier one.
     */
    private final Map<String, SubwordTokenizer> tokenizers = new ConcurrentHashMap<>();

    /**
     * A tokenizer with all that follows from properties, its file and signatures.
     *
     * @param counting the tokenizer of a lone text, which one that cuts the second can't encode
     * @param room the tokens of a row beside special ones
     */
    private record Plan(
            SubwordTokenizer tokenizer,
            SubwordTokenizer counting,
            int maxLength,
            int room,
            boolean fixedLength,
            boolean padsLeft,
            long paddingId,
            long paddingTypeId,
            TokenizerInputs inputs) {}

    /** Creates a preprocessor with default properties. */
    public TokenizerPreprocessor() {
        super(1_000_000);
    }

    /** {@return the {@code tokenizer.json} or {@code vocab.txt}} */
    public String getTokenizerFile() {
        return tokenizerFile;
    }

    /**
     * Sets the {@code tokenizer.json} or {@code vocab.txt}.
     *
     * @param tokenizerFile {@code tokenizer.json} by default
     */
    public void setTokenizerFile(String tokenizerFile) {
        this.tokenizerFile = tokenizerFile;
    }

    /** {@return whether a {@code vocab.txt} is of lower-case words} */
    public boolean isLowerCase() {
        return lowerCase;
    }

    /**
     * Sets whether a {@code vocab.txt} is of lower-case words.
     *
     * @param lowerCase true by default
     */
    public void setLowerCase(boolean lowerCase) {
        this.lowerCase = lowerCase;
    }

    /** {@return the body's field that holds the second text of a pair; null for none} */
    public @Nullable String getPairField() {
        return pairField;
    }

    /**
     * Sets the body's field that holds the second text of a pair; null for none, the default.
     *
     * @param pairField null for none, as by default
     */
    public void setPairField(@Nullable String pairField) {
        this.pairField = pairField;
    }

    /** {@return the most tokens of a row; null for the model's or the file's} */
    public @Nullable Integer getMaxLength() {
        return maxLength;
    }

    /**
     * Sets the most tokens of a row.
     *
     * @param maxLength null for the model's or the file's, as by default
     * @throws PipelineFaultException below 1
     */
    public void setMaxLength(@Nullable Integer maxLength) {
        if (maxLength != null && maxLength < 1) {
            throw PipelineFaultException.property("maxLength", "1 or more", maxLength);
        }
        this.maxLength = maxLength;
    }

    /** {@return how rows come to have one length; null for what the model's input needs} */
    public @Nullable Padding getPadding() {
        return padding;
    }

    /**
     * Sets how rows come to have one length.
     *
     * @param padding null for what the model's input needs, the default
     */
    public void setPadding(@Nullable Padding padding) {
        this.padding = padding;
    }

    /** {@return the side that is padded; null for the file's} */
    public @Nullable Side getPaddingSide() {
        return paddingSide;
    }

    /**
     * Sets the side that is padded.
     *
     * @param paddingSide null for the file's, as by default
     */
    public void setPaddingSide(@Nullable Side paddingSide) {
        this.paddingSide = paddingSide;
    }

    /** {@return the end that is cut off} */
    public Side getTruncationSide() {
        return truncationSide;
    }

    /**
     * Sets the end that is cut off.
     *
     * @param truncationSide the right one by default
     */
    public void setTruncationSide(Side truncationSide) {
        this.truncationSide = truncationSide;
    }

    /** {@return which text of a pair is cut} */
    public Truncation getTruncation() {
        return truncation;
    }

    /**
     * Sets which text of a pair is cut.
     *
     * @param truncation {@link Truncation#LONGEST_FIRST} by default
     */
    public void setTruncation(Truncation truncation) {
        this.truncation = truncation;
    }

    /** {@return how many tokens a window has in common with the one before; null for no windows} */
    public @Nullable Integer getStride() {
        return stride;
    }

    /**
     * Sets how many tokens a window has in common with the one before.
     *
     * @param stride null for no windows, as by default
     * @throws PipelineFaultException below 0
     */
    public void setStride(@Nullable Integer stride) {
        if (stride != null && stride < 0) {
            throw PipelineFaultException.property("stride", "0 or more", stride);
        }
        this.stride = stride;
    }

    /** {@return the most rows that a request's texts and their windows may make} */
    public int getMaxRows() {
        return maxRows;
    }

    /**
     * Sets the most rows that a request's texts and their windows may make.
     *
     * @param maxRows 1000 by default
     * @throws PipelineFaultException below 1
     */
    public void setMaxRows(int maxRows) {
        if (maxRows < 1) {
            throw PipelineFaultException.property("maxRows", "1 or more", maxRows);
        }
        this.maxRows = maxRows;
    }

    /** {@return whether to add the model's special tokens} */
    public boolean isSpecialTokens() {
        return specialTokens;
    }

    /**
     * Sets whether to add the model's special tokens.
     *
     * @param specialTokens true by default
     */
    public void setSpecialTokens(boolean specialTokens) {
        this.specialTokens = specialTokens;
    }

    /** {@return whether words and offsets are kept for later steps} */
    public boolean isKeepTokens() {
        return keepTokens;
    }

    /**
     * Sets whether words and offsets are kept for later steps.
     *
     * @param keepTokens false by default
     */
    public void setKeepTokens(boolean keepTokens) {
        this.keepTokens = keepTokens;
    }

    /** {@return the model's input that takes the ids; null to find it by its name} */
    public @Nullable String getIdsInput() {
        return idsInput;
    }

    /**
     * Sets the model's input that takes the ids.
     *
     * @param idsInput null to find it by its name, the default
     */
    public void setIdsInput(@Nullable String idsInput) {
        this.idsInput = idsInput;
    }

    /** {@return the model's input that takes the mask; null to find it by its name} */
    public @Nullable String getMaskInput() {
        return maskInput;
    }

    /**
     * Sets the model's input that takes the mask.
     *
     * @param maskInput null to find it by its name, the default
     */
    public void setMaskInput(@Nullable String maskInput) {
        this.maskInput = maskInput;
    }

    /** {@return the model's input that takes the type ids; null to find it by its name} */
    public @Nullable String getTypesInput() {
        return typesInput;
    }

    /**
     * Sets the model's input that takes the type ids.
     *
     * @param typesInput null to find it by its name, the default
     */
    public void setTypesInput(@Nullable String typesInput) {
        this.typesInput = typesInput;
    }

    @Override
    protected void configureAll(List<SignatureTensors> signatures) {
        checkTexts();
        if (pairField != null && getField().isEmpty()) {
            throw new PipelineFaultException(
                    "pairField is \""
                            + pairField
                            + "\", but field is empty: name the field of the first text too");
        }
        if (signatures.isEmpty()) {
            // The file may be in a model's folder.
            return;
        }
        TokenizerInputs inputs = TokenizerInputs.of(signatures, idsInput, maskInput, typesInput);
        plan = plan(inputs, signatures);
    }

    @Override
    protected void doStart() throws Exception {
        if (!isBound()) {
            try {
                plan = plan(TokenizerInputs.unbound(idsInput, maskInput, typesInput), List.of());
            } catch (PipelineFaultException e) {
                throw named(e);
            }
        }
    }

    @Override
    protected void doShutdown() {
        tokenizers.values().forEach(SubwordTokenizer::close);
        tokenizers.clear();
    }

    private Plan plan(TokenizerInputs inputs, List<SignatureTensors> signatures) {
        ProcessorFile file = new ProcessorFile(getCamelContext(), "tokenizerFile", tokenizerFile);
        TokenizerJson json = TokenizerJson.of(read(file, signatures), file.toString(), lowerCase);
        int longest = longest(inputs.length(), json.maxLength());
        inputs.checkLength(longest);
        if (inputs.isFixed() && padding == Padding.LONGEST) {
            throw new PipelineFaultException(
                    "padding is LONGEST, but the model's input has the length " + longest);
        }
        if (pairField == null && truncation != Truncation.LONGEST_FIRST) {
            throw new PipelineFaultException(
                    "truncation is " + truncation + ", but there is no pairField");
        }
        if (stride != null && pairField != null && truncation == Truncation.LONGEST_FIRST) {
            throw new PipelineFaultException(
                    "stride is "
                            + stride
                            + ": set truncation to the text of a pair that has windows,"
                            + " ONLY_FIRST or ONLY_SECOND");
        }
        Side pads = paddingSide == null ? json.paddingSide() : paddingSide;
        String text = json.json(longest, stride == null ? 0 : stride, truncation, truncationSide);
        SubwordTokenizer tokenizer = tokenizer(text, file);
        SubwordTokenizer counting = tokenizer;
        if (truncation != Truncation.LONGEST_FIRST) {
            String alone = json.json(longest, 0, Truncation.LONGEST_FIRST, truncationSide);
            counting = tokenizer(alone, file);
        }
        int room = longest - special(tokenizer);
        int least = stride == null ? 1 : stride + 1;
        if (room < least) {
            throw new PipelineFaultException(
                    "maxLength is "
                            + longest
                            + (stride == null ? "" : " and stride " + stride)
                            + ", but special tokens leave "
                            + room
                            + " for the text");
        }
        return new Plan(
                tokenizer,
                counting,
                longest,
                room,
                inputs.isFixed() || padding == Padding.MAX_LENGTH,
                pads == Side.LEFT,
                json.paddingId(),
                json.paddingTypeId(),
                inputs);
    }

    private SubwordTokenizer tokenizer(String json, ProcessorFile file) {
        return tokenizers.computeIfAbsent(
                digest(json), any -> new SubwordTokenizer(json, file.toString()));
    }

    private static String digest(String json) {
        try {
            byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** {@return how many special tokens are added} */
    private int special(SubwordTokenizer tokenizer) {
        return tokenizer
                .encode("", pairField == null ? null : "", specialTokens, false)
                .get(0)
                .length();
    }

    private int longest(@Nullable Integer ofInput, @Nullable Integer ofFile) {
        if (maxLength != null) {
            return maxLength;
        }
        if (ofInput != null) {
            return ofInput;
        }
        return ofFile != null ? ofFile : DEFAULT_MAX_LENGTH;
    }

    /**
     * {@inheritDoc}
     *
     * @throws BadInputException if a text is missing, no string, or not well-formed Unicode, or
     *     there are more or longer ones than allowed
     */
    @Override
    protected NamedTensors tensors(Exchange exchange) {
        Plan current = requireNonNull(plan);
        TextPairs both =
                pairField == null
                        ? null
                        : texts(
                                exchange,
                                pairField,
                                (text, pair, index) -> checkRoom(current, text, pair, index));
        List<String> texts = both == null ? texts(exchange) : both.firsts();
        List<String> pairs = both == null ? null : both.seconds();
        long characters = characters(texts) + (pairs == null ? 0 : characters(pairs));
        MemoryBudget.Reservation memory =
                ExchangeMemory.reserve(
                        exchange, "tokenizing", characters * BYTES_PER_TOKEN * overlap(current));
        try {
            TokenizedTexts tokenized =
                    new TokenizedTexts(
                            texts,
                            pairs,
                            rows(exchange, current, texts, pairs),
                            current.padsLeft());
            tokenized.keep(exchange);
            return tensors(exchange, current, tokenized.rows());
        } finally {
            memory.close();
        }
    }

    private static NamedTensors tensors(
            Exchange exchange, Plan current, List<TokenizedTexts.Row> rows) {
        int length = current.fixedLength() ? current.maxLength() : longestOf(rows);
        // One long text among short ones makes all as long.
        long tokens = (long) rows.size() * length;
        if (tokens > MAX_TOKENS) {
            throw new BadInputException(
                    "the texts make "
                            + rows.size()
                            + " rows of "
                            + length
                            + " tokens, more than a tensor can have");
        }
        TokenizerInputs inputs = current.inputs();
        MemoryBudget.Reservation memory =
                ExchangeMemory.reserve(
                        exchange, "the ids of the tokens", tokens * inputs.bytesPerToken());
        NamedTensors tensors =
                inputs.tensors(
                        rows,
                        length,
                        current.padsLeft(),
                        current.paddingId(),
                        current.paddingTypeId());
        memory.shrinkTo(tokens * inputs.tensorBytesPerToken());
        return tensors;
    }

    /** {@return how many windows a token is in, at most} */
    private long overlap(Plan current) {
        return stride == null ? 1 : 1 + current.room() / (current.room() - stride);
    }

    private static long characters(List<String> texts) {
        return texts.stream().mapToLong(String::length).sum();
    }

    private List<TokenizedTexts.Row> rows(
            Exchange exchange, Plan current, List<String> texts, @Nullable List<String> pairs) {
        Deadline deadline = ExchangeDeadline.of(exchange);
        List<TokenizedTexts.Row> rows = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            if (deadline.isPassed()) {
                throw new DeadlineExceededException("deadline exceeded while texts were tokenized");
            }
            String pair = pairs == null ? null : pairs.get(i);
            List<TokenSequence> windows =
                    current.tokenizer().encode(texts.get(i), pair, specialTokens, keepTokens);
            int kept = stride == null ? 1 : windows.size();
            if (rows.size() + kept > maxRows) {
                throw new BadInputException(
                        "the texts have more than "
                                + maxRows
                                + (stride == null ? " rows" : " windows")
                                + ", the most that are taken");
            }
            for (TokenSequence window : windows.subList(0, kept)) {
                rows.add(new TokenizedTexts.Row(i, window));
            }
        }
        return rows;
    }

    /**
     * The text of a pair that is not cut must leave room for the other: the library ends the
     * process where it does not.
     */
    private void checkRoom(Plan current, String text, String pair, int index) {
        if (truncation == Truncation.LONGEST_FIRST) {
            return;
        }
        boolean cutsFirst = truncation == Truncation.ONLY_FIRST;
        String whole = cutsFirst ? pair : text;
        int taken = current.counting().encode(whole, null, false, false).get(0).length();
        int room = current.room() - taken;
        int least = stride == null ? 1 : stride + 1;
        if (room < least) {
            throw new BadInputException(
                    (cutsFirst ? pairField : getField())
                            + " "
                            + index
                            + " has "
                            + (room <= 0 ? "at least " : "")
                            + taken
                            + " tokens, which leaves "
                            + Math.max(0, room)
                            + " of "
                            + current.room()
                            + " for "
                            + (cutsFirst ? getField() : pairField)
                            + ", expected at least "
                            + least);
        }
    }

    private static int longestOf(List<TokenizedTexts.Row> rows) {
        // An empty text without special tokens has no token: a tensor must have one.
        int longest = 1;
        for (TokenizedTexts.Row row : rows) {
            longest = Math.max(longest, row.sequence().length());
        }
        return longest;
    }
}
