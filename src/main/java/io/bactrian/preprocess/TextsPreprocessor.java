package io.bactrian.preprocess;

import io.bactrian.pipeline.BodyText;
import io.bactrian.pipeline.ItemErrors;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.RejectedItems;
import io.bactrian.pipeline.RequestItems;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.JsonType;
import io.bactrian.tensor.Utf8;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.camel.Exchange;
import org.apache.camel.spi.Metadata;
import org.jspecify.annotations.Nullable;

/**
 * The base class of preprocessors of texts. A request has one text, or a list of them:
 *
 * <ul>
 *   <li>an object with a field, as {@code unmarshal: json} makes it: {@code {"text": "..."}} or
 *       {@code {"text": ["...", "..."]}};
 *   <li>a list of such objects, or of strings;
 *   <li>with {@code field} empty, a text as the whole body, or as each of its lines, or as a column
 *       of each line.
 * </ul>
 *
 * <p>A text of a list that is wrong fails the request, or is answered by an error of its own.
 */
public abstract class TextsPreprocessor extends TensorsPreprocessor {

    private static final String EXAMPLE = "\"...\"";

    @Metadata(
            description =
                    "The body's field that holds the text, or a list of texts. Empty: the whole body"
                            + " is the text")
    private String field = "text";

    @Metadata(
            description =
                    "Whether each line of the body is a text, where field is empty; empty lines are"
                            + " left out")
    private boolean lines;

    @Metadata(
            description =
                    "Which column of each line is the text, from 0, where columns are separated by"
                            + " tabs. Not set: the whole line is")
    private @Nullable Integer column;

    @Metadata(description = "The most texts that a request may have")
    private int maxTexts = 1000;

    @Metadata(description = "The most characters that a text may have")
    private int maxCharacters;

    @Metadata(
            description =
                    "What a text that is wrong does to a request that is a list: FAIL it, or ANSWER"
                            + " it by {\"error\": \"…\"} in its place, and the other texts as ever")
    private ItemErrors itemErrors = ItemErrors.FAIL;

    /**
     * @param maxCharacters the default of the property {@code maxCharacters}
     */
    TextsPreprocessor(int maxCharacters) {
        this.maxCharacters = maxCharacters;
    }

    /**
     * {@return the body's field that holds the text or a list of texts; empty if the whole body is
     * the text}
     */
    public String getField() {
        return field;
    }

    /**
     * Sets the body's field that holds the text or a list of texts.
     *
     * @param field {@code text} by default; empty if the whole body is the text
     */
    public void setField(String field) {
        this.field = field;
    }

    /** {@return whether each line of the body is a text, where field is empty} */
    public boolean isLines() {
        return lines;
    }

    /**
     * Sets whether each line of the body is a text, where field is empty.
     *
     * @param lines false by default
     */
    public void setLines(boolean lines) {
        this.lines = lines;
    }

    /** {@return which column of each line is the text, from 0; null for the whole line} */
    public @Nullable Integer getColumn() {
        return column;
    }

    /**
     * Sets which column of each line is the text, from 0.
     *
     * @param column null for the whole line, as by default
     * @throws PipelineFaultException below 0
     */
    public void setColumn(@Nullable Integer column) {
        if (column != null && column < 0) {
            throw PipelineFaultException.property("column", "0 or more", column);
        }
        this.column = column;
    }

    /** {@return the most texts that a request may have} */
    public int getMaxTexts() {
        return maxTexts;
    }

    /**
     * Sets the most texts that a request may have.
     *
     * @param maxTexts 1000 by default
     * @throws PipelineFaultException below 1
     */
    public void setMaxTexts(int maxTexts) {
        if (maxTexts < 1) {
            throw PipelineFaultException.property("maxTexts", "1 or more", maxTexts);
        }
        this.maxTexts = maxTexts;
    }

    /** {@return the most characters that a text may have} */
    public int getMaxCharacters() {
        return maxCharacters;
    }

    /**
     * Sets the most characters that a text may have.
     *
     * @param maxCharacters 1 or more
     * @throws PipelineFaultException below 1
     */
    public void setMaxCharacters(int maxCharacters) {
        if (maxCharacters < 1) {
            throw PipelineFaultException.property("maxCharacters", "1 or more", maxCharacters);
        }
        this.maxCharacters = maxCharacters;
    }

    /** {@return what a text that is wrong does to a request that is a list} */
    public ItemErrors getItemErrors() {
        return itemErrors;
    }

    /**
     * Sets what a text that is wrong does to a request that is a list.
     *
     * @param itemErrors {@link ItemErrors#FAIL} by default
     */
    public void setItemErrors(ItemErrors itemErrors) {
        this.itemErrors = itemErrors;
    }

    /**
     * Checks the properties of this class together.
     *
     * @throws PipelineFaultException naming those that contradict each other
     */
    final void checkTexts() {
        if ((lines || column != null) && !field.isEmpty()) {
            throw new PipelineFaultException(
                    (lines ? "lines is true" : "column is " + column)
                            + ", but field is \""
                            + field
                            + "\": set field to \"\" to read the whole body");
        }
        if (column != null && !lines) {
            throw new PipelineFaultException(
                    "column is " + column + ", but lines is false: set it to true");
        }
    }

    /**
     * {@return the texts of a request, at least one, each of well-formed Unicode} Whether they are
     * a list is kept for the answer, and so are those that are {@linkplain RejectedItems rejected}.
     *
     * @throws BadInputException if there is none, one is no text, or there is a limit that they
     *     exceed; it names the field and the index in a list
     */
    final List<String> texts(Exchange exchange) {
        RejectedItems rejected = new RejectedItems(itemErrors);
        return accepted(exchange, read(exchange, rejected), rejected);
    }

    /**
     * {@return the texts of a request, each with the text of another field}
     *
     * @param pairField the body's field that has a text for each of the texts
     * @param check throws a {@link BadInputException} for texts that don't fit together
     * @throws BadInputException as {@link #texts}, and if there are not as many
     */
    final TextPairs texts(Exchange exchange, String pairField, PairCheck check) {
        RejectedItems rejected = new RejectedItems(itemErrors);
        Object body = exchange.getMessage().getBody();
        List<@Nullable String> firsts = read(exchange, rejected);
        List<@Nullable String> seconds = values(exchange, body, pairField, rejected);
        if (firsts.size() != seconds.size()) {
            throw new BadInputException(
                    field
                            + " has "
                            + firsts.size()
                            + " texts and "
                            + pairField
                            + " "
                            + seconds.size()
                            + ", expected as many");
        }
        for (int i = 0; i < firsts.size(); i++) {
            String first = firsts.get(i);
            String second = seconds.get(i);
            if (first != null && second != null) {
                try {
                    check.check(first, second, i);
                } catch (BadInputException e) {
                    rejected.reject(i, e);
                }
            }
        }
        return new TextPairs(
                accepted(exchange, firsts, rejected), accepted(exchange, seconds, rejected));
    }

    /** Texts of the same number, of which those with the same index belong together. */
    record TextPairs(List<String> firsts, List<String> seconds) {}

    /** A check of two texts that belong together. */
    interface PairCheck {

        /**
         * Checks two texts.
         *
         * @param index their index in the request
         * @throws BadInputException if they don't fit together
         */
        void check(String first, String second, int index);
    }

    private static List<String> accepted(
            Exchange exchange, List<@Nullable String> texts, RejectedItems rejected) {
        rejected.keep(exchange, texts.size());
        List<String> accepted = new ArrayList<>(texts.size());
        for (int i = 0; i < texts.size(); i++) {
            String text = texts.get(i);
            if (text != null && !rejected.contains(i)) {
                accepted.add(text);
            }
        }
        return accepted;
    }

    /** {@return the texts of a request, null for those that are rejected} */
    private List<@Nullable String> read(Exchange exchange, RejectedItems rejected) {
        Object body = exchange.getMessage().getBody();
        if (!field.isEmpty()) {
            return values(exchange, body, field, rejected);
        }
        if (lines) {
            return lines(exchange, body, rejected);
        }
        if (body instanceof Collection<?> list) {
            return list(exchange, list, "body", each -> each, rejected);
        }
        RequestItems.setList(exchange, false);
        return List.of(checked(wholeBody(exchange, body), "the body"));
    }

    /**
     * {@return the texts of a field of the body, null for those that are rejected}
     *
     * @param body an object with the field, or a list of such objects or strings
     */
    private List<@Nullable String> values(
            Exchange exchange, @Nullable Object body, String name, RejectedItems rejected) {
        if (body instanceof Collection<?> list) {
            return list(
                    exchange,
                    list,
                    "body",
                    item -> item instanceof String ? item : member(item, name),
                    rejected);
        }
        Object value = Preprocessor.field(body, name, EXAMPLE);
        if (value instanceof Collection<?> list) {
            return list(exchange, list, name, each -> each, rejected);
        }
        RequestItems.setList(exchange, false);
        return List.of(checked(value, "field \"" + name + "\""));
    }

    private static @Nullable Object member(@Nullable Object item, String name) {
        if (!(item instanceof Map<?, ?> object)) {
            throw Preprocessor.noObject(name, EXAMPLE);
        }
        if (!object.containsKey(name)) {
            throw Preprocessor.missing(name);
        }
        return object.get(name);
    }

    private List<@Nullable String> list(
            Exchange exchange,
            Collection<?> items,
            String name,
            Function<@Nullable Object, @Nullable Object> text,
            RejectedItems rejected) {
        checkCount(items.size(), name);
        RequestItems.setList(exchange, true);
        List<@Nullable String> texts = new ArrayList<>(items.size());
        for (Object item : items) {
            int index = texts.size();
            texts.add(
                    unlessRejected(
                            index, () -> listed(item, name + "[" + index + "]", text), rejected));
        }
        return texts;
    }

    private String listed(
            @Nullable Object item, String at, Function<@Nullable Object, @Nullable Object> text) {
        Object value;
        try {
            value = text.apply(item);
        } catch (BadInputException e) {
            throw new BadInputException(at + ": " + e.getMessage());
        }
        return checked(value, at);
    }

    private static @Nullable String unlessRejected(
            int index, Supplier<String> text, RejectedItems rejected) {
        try {
            return text.get();
        } catch (BadInputException e) {
            rejected.reject(index, e);
            return null;
        }
    }

    private void checkCount(int count, String name) {
        if (count == 0) {
            throw new BadInputException(name + " is empty, expected at least one text");
        }
        if (count > maxTexts) {
            throw new BadInputException(
                    name + " has " + count + " texts, the most are " + maxTexts);
        }
    }

    private String checked(@Nullable Object value, String name) {
        if (!(value instanceof String text)) {
            throw new BadInputException(
                    name + " must be a string, got " + JsonType.describe(value));
        }
        if (text.length() > maxCharacters) {
            throw new BadInputException(
                    name + " has " + text.length() + " characters, the most are " + maxCharacters);
        }
        Utf8.requireWellFormed(text, name);
        return text;
    }

    private static String wholeBody(Exchange exchange, @Nullable Object body) {
        if (body instanceof Map || body instanceof Number || body instanceof Boolean) {
            throw new BadInputException("the body must be a text, got " + JsonType.describe(body));
        }
        String text = BodyText.of(exchange, body);
        if (text.isEmpty()) {
            throw new BadInputException("the body is empty, expected text");
        }
        return text;
    }

    private List<@Nullable String> lines(
            Exchange exchange, @Nullable Object body, RejectedItems rejected) {
        List<@Nullable String> texts = new ArrayList<>();
        int number = 0;
        for (String line : wholeBody(exchange, body).split("\r\n|\n", -1)) {
            number++;
            if (!line.isEmpty()) {
                int at = number;
                texts.add(
                        unlessRejected(
                                texts.size(),
                                () -> checked(column(line, at), "line " + at),
                                rejected));
                // Counted as they come: the body may have a million lines.
                checkCount(texts.size(), "the body");
            }
        }
        checkCount(texts.size(), "the body");
        RequestItems.setList(exchange, true);
        return texts;
    }

    private String column(String line, int number) {
        if (column == null) {
            return line;
        }
        String[] columns = line.split("\t", -1);
        if (columns.length <= column) {
            throw new BadInputException(
                    "line "
                            + number
                            + " has "
                            + columns.length
                            + (columns.length == 1 ? " column" : " columns")
                            + ", expected the text in column "
                            + column
                            + ", from 0");
        }
        return columns[column];
    }
}
