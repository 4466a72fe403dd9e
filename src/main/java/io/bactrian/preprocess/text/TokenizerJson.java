package io.bactrian.preprocess.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.pipeline.PipelineFaultException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A {@code tokenizer.json} of Hugging Face before it is loaded: its settings can be read, and those
 * of its truncation replaced.
 */
public final class TokenizerJson {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Of BERT and those after it, then of others. */
    private static final List<String> PADDING_TOKENS =
            List.of("[PAD]", "<pad>", "<|pad|>", "<|endoftext|>", "</s>");

    private static final List<String> BERT_SPECIAL_TOKENS =
            List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]");

    private final ObjectNode root;

    private TokenizerJson(ObjectNode root) {
        this.root = root;
    }

    /** The end of a text, or the rest of it, that is cut off. */
    public enum Side {
        /** The beginning. */
        LEFT,
        /** The end. */
        RIGHT;

        private String json() {
            return this == LEFT ? "Left" : "Right";
        }
    }

    /** Which text of a pair is cut to the maximum length. */
    public enum Truncation {
        /** The longer one, token by token. */
        LONGEST_FIRST("LongestFirst"),
        /** The first. */
        ONLY_FIRST("OnlyFirst"),
        /** The second. */
        ONLY_SECOND("OnlySecond");

        private final String json;

        Truncation(String json) {
            this.json = json;
        }
    }

    /**
     * {@return a tokenizer}
     *
     * @param file a {@code tokenizer.json}, or BERT's {@code vocab.txt}: a token per line
     * @param source the file, for errors
     * @param lowerCase whether a {@code vocab.txt} is of lower-case words without accents
     * @throws PipelineFaultException if it is neither
     */
    public static TokenizerJson of(byte[] file, String source, boolean lowerCase) {
        String text = new String(file, StandardCharsets.UTF_8);
        if (!text.stripLeading().startsWith("{")) {
            return ofVocabulary(text, source, lowerCase);
        }
        try {
            if (JSON.readTree(text) instanceof ObjectNode object && object.has("model")) {
                return new TokenizerJson(object);
            }
        } catch (JsonProcessingException e) {
            throw new PipelineFaultException(source + " is no JSON: " + e.getOriginalMessage());
        }
        throw new PipelineFaultException(
                source + " is no tokenizer.json: it has no member \"model\"");
    }

    /**
     * BERT's tokenizer, as {@code BertTokenizerFast} makes it of a {@code vocab.txt}
     * (transformers/convert_slow_tokenizer.py, BertConverter).
     */
    private static TokenizerJson ofVocabulary(String text, String source, boolean lowerCase) {
        ObjectNode vocabulary = JSON.createObjectNode();
        int id = 0;
        for (String line : text.lines().toList()) {
            vocabulary.put(line, id++);
        }
        for (String token : List.of("[UNK]", "[CLS]", "[SEP]")) {
            if (!vocabulary.has(token)) {
                throw new PipelineFaultException(
                        source
                                + " is neither a tokenizer.json nor BERT's vocab.txt: it has no line "
                                + token);
            }
        }
        ObjectNode root = JSON.createObjectNode().put("version", "1.0");
        ArrayNode added = root.putArray("added_tokens");
        for (String token : BERT_SPECIAL_TOKENS) {
            if (vocabulary.has(token)) {
                added.addObject()
                        .put("id", vocabulary.get(token).asInt())
                        .put("content", token)
                        .put("single_word", false)
                        .put("lstrip", false)
                        .put("rstrip", false)
                        .put("normalized", false)
                        .put("special", true);
            }
        }
        root.putObject("normalizer")
                .put("type", "BertNormalizer")
                .put("clean_text", true)
                .put("handle_chinese_chars", true)
                .put("lowercase", lowerCase)
                .putNull("strip_accents");
        root.putObject("pre_tokenizer").put("type", "BertPreTokenizer");
        ObjectNode processor = root.putObject("post_processor").put("type", "BertProcessing");
        for (String token : List.of("[SEP]", "[CLS]")) {
            processor
                    .putArray(token.equals("[SEP]") ? "sep" : "cls")
                    .add(token)
                    .add(vocabulary.get(token).asInt());
        }
        root.putObject("model")
                .put("type", "WordPiece")
                .put("unk_token", "[UNK]")
                .put("continuing_subword_prefix", "##")
                .put("max_input_chars_per_word", 100)
                .set("vocab", vocabulary);
        return new TokenizerJson(root);
    }

    /** {@return the length that the file truncates to, or null} */
    public @Nullable Integer maxLength() {
        JsonNode length = root.at("/truncation/max_length");
        return length.canConvertToInt() ? length.asInt() : null;
    }

    /** {@return the side that the file pads; right if it does not say} */
    public Side paddingSide() {
        return root.at("/padding/direction").asText().equals("Left") ? Side.LEFT : Side.RIGHT;
    }

    /**
     * {@return the id of the token that sequences are padded with: the file's, else that of the
     * token which is called so, else 0}
     */
    public long paddingId() {
        JsonNode id = root.at("/padding/pad_id");
        if (id.canConvertToLong()) {
            return id.asLong();
        }
        for (String token : PADDING_TOKENS) {
            for (JsonNode added : root.path("added_tokens")) {
                if (added.path("content").asText().equals(token)) {
                    return added.path("id").asLong();
                }
            }
        }
        return 0;
    }

    /** {@return the type id of padding} */
    public long paddingTypeId() {
        return root.at("/padding/pad_type_id").asLong(0);
    }

    /**
     * {@return the tokenizer's JSON, without padding, and with a truncation}
     *
     * @param maxLength the most tokens of a sequence, special ones included; null not to truncate
     * @param stride how many tokens a window has in common with the one before
     * @param truncation which text of a pair is cut
     * @param side which end is cut off
     */
    public String json(@Nullable Integer maxLength, int stride, Truncation truncation, Side side) {
        ObjectNode copy = root.deepCopy();
        copy.putNull("padding");
        copy.putNull("truncation");
        if (maxLength != null) {
            copy.putObject("truncation")
                    .put("direction", side.json())
                    .put("max_length", maxLength)
                    .put("strategy", truncation.json)
                    .put("stride", stride);
        }
        return copy.toString();
    }
}
