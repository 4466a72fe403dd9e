package io.bactrian.preprocess.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.pipeline.PipelineFaultException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A vocabulary of words, or of characters, with how texts are split into them.
 *
 * @param ids the words' ids
 * @param oovId the id of words that are not in it; null if they are left out
 * @param splitting how texts are split
 * @param isKerasTokenizer whether it is that of Keras' {@code Tokenizer}, whose sequences are
 *     padded and cut on the left by {@code pad_sequences}
 */
public record WordVocabulary(
        Map<String, Integer> ids,
        @Nullable Integer oovId,
        WordSplitting splitting,
        boolean isKerasTokenizer) {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** What vocabulary files call the word for those that they do not have. */
    private static final List<String> OOV_WORDS =
            List.of("[UNK]", "<UNK>", "<unk>", "<OOV>", "<oov>", "UNK");

    /**
     * {@return a vocabulary}
     *
     * @param file the JSON of Keras' {@code Tokenizer.to_json}; or a JSON object of words with
     *     their ids; or a word per line, whose id is the number of its line, from 0
     * @param source the file, for errors
     * @throws PipelineFaultException if it is none of these
     */
    public static WordVocabulary of(byte[] file, String source) {
        String text = new String(file, StandardCharsets.UTF_8);
        if (text.stripLeading().startsWith("{")) {
            return ofJson(text, source);
        }
        Map<String, Integer> ids = new HashMap<>();
        List<String> lines = text.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            if (ids.putIfAbsent(lines.get(i), i) != null && !lines.get(i).isEmpty()) {
                throw new PipelineFaultException(
                        source
                                + " has \""
                                + lines.get(i)
                                + "\" twice, in line "
                                + (i + 1)
                                + " too");
            }
        }
        if (ids.size() < 2) {
            throw new PipelineFaultException(
                    source + " is no vocabulary: it has " + ids.size() + " lines");
        }
        // The empty word is Keras' name for padding.
        ids.remove("");
        return plain(ids);
    }

    private static WordVocabulary plain(Map<String, Integer> ids) {
        return new WordVocabulary(
                ids, oovId(ids), WordSplitting.textVectorization(), /* isKerasTokenizer= */ false);
    }

    private static @Nullable Integer oovId(Map<String, Integer> ids) {
        for (String word : OOV_WORDS) {
            if (ids.containsKey(word)) {
                return ids.get(word);
            }
        }
        return null;
    }

    private static WordVocabulary ofJson(String text, String source) {
        try {
            JsonNode root = JSON.readTree(text);
            if (!root.path("class_name").asText().equals("Tokenizer")) {
                return plain(words(root, source));
            }
            JsonNode config = root.path("config");
            // A JSON text within the JSON.
            Map<String, Integer> ids =
                    words(JSON.readTree(config.path("word_index").asText("{}")), source);
            JsonNode oov = config.path("oov_token");
            Integer oovId = oov.isTextual() ? ids.get(oov.asText()) : null;
            JsonNode most = config.path("num_words");
            // Keras takes 0 for no limit.
            if (most.asInt() > 0) {
                ids.values().removeIf(id -> id >= most.asInt());
            }
            return new WordVocabulary(
                    ids, oovId, WordSplitting.kerasTokenizer(config), /* isKerasTokenizer= */ true);
        } catch (JsonProcessingException e) {
            throw new PipelineFaultException(source + " is no JSON: " + e.getOriginalMessage());
        }
    }

    private static Map<String, Integer> words(JsonNode object, String source) {
        Map<String, Integer> ids = new HashMap<>();
        object.properties()
                .forEach(
                        word -> {
                            JsonNode id = word.getValue();
                            if (!id.isIntegralNumber() || !id.canConvertToInt() || id.asInt() < 0) {
                                throw new PipelineFaultException(
                                        source
                                                + " is no vocabulary: the id of \""
                                                + word.getKey()
                                                + "\" is "
                                                + id
                                                + ", expected a whole number from 0");
                            }
                            ids.put(word.getKey(), id.asInt());
                        });
        if (ids.isEmpty()) {
            throw new PipelineFaultException(source + " is no vocabulary: it has no words");
        }
        return ids;
    }

    /**
     * {@return the ids of a text's words}
     *
     * @param text the text
     */
    public int[] sequence(String text) {
        return splitting.split(text).stream()
                .map(word -> ids.getOrDefault(word, oovId == null ? -1 : oovId))
                .filter(id -> id >= 0)
                .mapToInt(Integer::intValue)
                .toArray();
    }
}
