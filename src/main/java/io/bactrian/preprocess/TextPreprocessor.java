package io.bactrian.preprocess;

import static java.util.Objects.requireNonNull;

import io.bactrian.pipeline.ModelTensor;
import io.bactrian.pipeline.SignatureTensors;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.StringTensors;
import io.bactrian.tensor.Utf8;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.spi.Metadata;
import org.jspecify.annotations.Nullable;

/**
 * The preprocessor of texts for a model that takes strings: it makes a string tensor of their UTF-8
 * bytes, of shape {@code [n]}, or of the rank that the model takes: {@code []} for a single text,
 * {@code [n, 1]}.
 */
@Metadata(
        label = "bean",
        description =
                "Makes a string tensor of a text, or of a list of texts: a field of the body's JSON"
                        + " object, or the whole body.",
        annotations = {"interfaceName=org.apache.camel.Processor"})
public class TextPreprocessor extends TextsPreprocessor {

    @Metadata(
            description =
                    "What happens to upper and lower case, whatever the machine's locale. LOWER and"
                            + " UPPER follow Unicode, as Python's str.lower and str.upper;"
                            + " ASCII_LOWER changes A to Z only, as tf.strings.lower")
    private CaseFolding caseFolding = CaseFolding.LOWER;

    @Metadata(
            description =
                    "The Unicode normalization of texts before that: NFC, NFD, NFKC or NFKD, as"
                            + " Python's unicodedata.normalize, or NO_ACCENTS, NFD without"
                            + " nonspacing marks, as strip_accents of BERT's tokenizer")
    private UnicodeForm normalization = UnicodeForm.NONE;

    @Metadata(
            description =
                    "The model's input that takes the tensor. Not needed if the model has one input")
    private String input = NamedTensors.UNNAMED;

    private volatile @Nullable ItemRank rank;

    /** Creates a preprocessor with default properties. */
    public TextPreprocessor() {
        super(100_000_000);
    }

    /** {@return what happens to upper and lower case} */
    public CaseFolding getCaseFolding() {
        return caseFolding;
    }

    /**
     * Sets what happens to upper and lower case.
     *
     * @param caseFolding {@link CaseFolding#LOWER} by default
     */
    public void setCaseFolding(CaseFolding caseFolding) {
        this.caseFolding = caseFolding;
    }

    /** {@return the Unicode normalization of texts before their case changes} */
    public UnicodeForm getNormalization() {
        return normalization;
    }

    /**
     * Sets the Unicode normalization of texts before their case changes.
     *
     * @param normalization {@link UnicodeForm#NONE} by default
     */
    public void setNormalization(UnicodeForm normalization) {
        this.normalization = normalization;
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

    /** Takes the tensor's rank from the inputs: {@code []}, {@code [n]} or {@code [n, 1]}. */
    @Override
    protected void configureAll(List<SignatureTensors> signatures) {
        checkTexts();
        List<ModelTensor> inputs = signatures.stream().map(each -> each.only(input)).toList();
        rank = ItemRank.of(inputs, "text");
    }

    /**
     * {@inheritDoc}
     *
     * @throws BadInputException if a text is missing, no string, or not well-formed Unicode
     */
    @Override
    protected NamedTensors tensors(Exchange exchange) {
        List<String> texts = normalization.apply(exchange, texts(exchange));
        byte[][] encoded = new byte[texts.size()][];
        for (int i = 0; i < encoded.length; i++) {
            encoded[i] = Utf8.encode(caseFolding.apply(texts.get(i)), "the text");
        }
        return NamedTensors.of(
                input, StringTensors.of(requireNonNull(rank).shape(encoded.length), encoded));
    }
}
