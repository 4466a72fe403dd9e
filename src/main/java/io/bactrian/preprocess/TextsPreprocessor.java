package io.bactrian.preprocess;

import io.bactrian.pipeline.BodyText;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.RequestItems;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.JsonType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
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

    /**
     * @param maxCharacters the default of the property {@code maxCharacters}
     */
    TextsPreprocessor(int maxCharacters) {
        this.maxCharacters = maxCharacters;
    }

    public String getField() {
        return field;
    }

    /**
     * Sets the body's field that holds the text or a list of texts, {@code text} by default; empty
     * if the whole body is the text.
     */
    public void setField(String field) {
        this.field = field;
    }

    public boolean isLines() {
        return lines;
    }

    /** Sets whether each line of the body is a text, where field is empty; false by default. */
    public void setLines(boolean lines) {
        this.lines = lines;
    }

    public @Nullable Integer getColumn() {
        return column;
    }

    /**
     * Sets which column of each line is the text, from 0; null for the whole line, as by default.
     *
     * @throws PipelineFaultException below 0
     */
    public void setColumn(@Nullable Integer column) {
        if (column != null && column < 0) {
            throw PipelineFaultException.property("column", "0 or more", column);
        }
        this.column = column;
    }

    public int getMaxTexts() {
        return maxTexts;
    }

    /**
     * Sets the most texts that a request may have, 1000 by default.
     *
     * @throws PipelineFaultException below 1
     */
    public void setMaxTexts(int maxTexts) {
        if (maxTexts < 1) {
            throw PipelineFaultException.property("maxTexts", "1 or more", maxTexts);
        }
        this.maxTexts = maxTexts;
    }

    public int getMaxCharacters() {
        return maxCharacters;
    }

    /**
     * Sets the most characters that a text may have.
     *
     * @throws PipelineFaultException below 1
     */
    public void setMaxCharacters(int maxCharacters) {
        if (maxCharacters < 1) {
            throw PipelineFaultException.property("maxCharacters", "1 or more", maxCharacters);
        }
        this.maxCharacters = maxCharacters;
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
     * {@return the texts of a request, at least one} Whether they are a list is kept for the
     * answer.
     *
     * @throws BadInputException if there is none, one is no text, or there is a limit that they
     *     exceed; it names the field and the index in a list
     */
    final List<String> texts(Exchange exchange) {
        Object body = exchange.getMessage().getBody();
        if (!field.isEmpty()) {
            return values(exchange, body, field);
        }
        if (lines) {
            return lines(exchange, body);
        }
        if (body instanceof Collection<?> list) {
            return list(exchange, list, "body", each -> each);
        }
        RequestItems.setList(exchange, false);
        return List.of(checked(wholeBody(exchange, body), "the body"));
    }

    /**
     * {@return the texts of a field of the body, at least one}
     *
     * @param body an object with the field, or a list of such objects or strings
     * @throws BadInputException as {@link #texts}
     */
    final List<String> values(Exchange exchange, @Nullable Object body, String name) {
        if (body instanceof Collection<?> list) {
            return list(
                    exchange,
                    list,
                    "body",
                    item -> item instanceof String ? item : member(item, name));
        }
        Object value = Preprocessor.field(body, name, EXAMPLE);
        if (value instanceof Collection<?> list) {
            return list(exchange, list, name, each -> each);
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

    private List<String> list(
            Exchange exchange,
            Collection<?> items,
            String name,
            Function<@Nullable Object, @Nullable Object> text) {
        checkCount(items.size(), name);
        RequestItems.setList(exchange, true);
        List<String> texts = new ArrayList<>(items.size());
        for (Object item : items) {
            String at = name + "[" + texts.size() + "]";
            Object value;
            try {
                value = text.apply(item);
            } catch (BadInputException e) {
                throw new BadInputException(at + ": " + e.getMessage());
            }
            texts.add(checked(value, at));
        }
        return texts;
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

    private List<String> lines(Exchange exchange, @Nullable Object body) {
        List<String> texts = new ArrayList<>();
        int number = 0;
        for (String line : wholeBody(exchange, body).split("\r\n|\n", -1)) {
            number++;
            if (!line.isEmpty()) {
                texts.add(checked(column(line, number), "line " + number));
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
