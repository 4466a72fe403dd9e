package io.bactrian.postprocess;

import io.bactrian.pipeline.PipelineConstants;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.RequestItems;
import io.bactrian.pipeline.StepName;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.NamedTensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.Exchange;
import org.apache.camel.Expression;
import org.apache.camel.ExpressionIllegalSyntaxException;
import org.apache.camel.Processor;
import org.apache.camel.spi.Metadata;
import org.apache.camel.support.service.ServiceSupport;
import org.jspecify.annotations.Nullable;

/**
 * A step after a postprocessor that adds fields to its answer: fields of the request, and values
 * that are fixed or come from an expression.
 *
 * <p>The answers to a list of items get the fields of their own items. With {@code wrapper} the
 * whole answer, a list too, becomes the field of an object, and the other fields stand beside it.
 *
 * <p>In YAML: {@code properties: {requestFields: id, values: '{"model": "v3"}'}}.
 */
@Metadata(
        label = "bean",
        description =
                "Adds fields to the answer of the postprocessor before it: fields of the request, such"
                        + " as an id, and values that are fixed or of Camel's language simple. Each"
                        + " answer to a list of items gets the fields of its own item.",
        annotations = {"interfaceName=org.apache.camel.Processor"})
public final class AnswerFields extends ServiceSupport implements Processor, CamelContextAware {

    @Metadata(
            description =
                    "The request's fields to copy, with commas between: id, user=user_uuid copies the"
                            + " field user_uuid as user. The request must be JSON. Not set: none")
    private @Nullable String requestFields;

    @Metadata(
            description =
                    "Whether a request without one of those fields is an error (400); false leaves the"
                            + " field out")
    private boolean required = true;

    @Metadata(
            description =
                    "Further fields, as a JSON object such as {\"status\": \"Ok\", \"version\": 3}. A"
                            + " text with ${…} is an expression of Camel's language simple, such as"
                            + " ${date:now:yyyy-MM-dd} or ${exchangeProperty.name}. Not set: none")
    private @Nullable String values;

    @Metadata(
            description =
                    "The field that the whole answer becomes, such as predictions. Not set: the answer"
                            + " is an object, or a list of them, which get the other fields")
    private String wrapper = "";

    @Metadata(description = "Whether all numbers of the answer become text, such as \"0.5\"")
    private boolean numbersAsText;

    private @Nullable CamelContext camelContext;
    private volatile Map<String, String> copied = Map.of();
    private volatile Map<String, Object> added = Map.of();

    @Override
    public @Nullable CamelContext getCamelContext() {
        return camelContext;
    }

    @Override
    public void setCamelContext(CamelContext camelContext) {
        this.camelContext = camelContext;
    }

    /**
     * {@return the request's fields to copy with commas between, each with {@code =} and its name
     * in the request if that is another; null for none}
     */
    public @Nullable String getRequestFields() {
        return requestFields;
    }

    /**
     * Sets the request's fields to copy with commas between, each with {@code =} and its name in
     * the request if that is another.
     *
     * @param requestFields null for none, as by default
     * @throws PipelineFaultException if a name is empty, or two fields are the same
     */
    public void setRequestFields(@Nullable String requestFields) {
        FieldNames.parse("requestFields", requestFields);
        this.requestFields = requestFields;
    }

    /** {@return whether a request must have the fields to copy} */
    public boolean isRequired() {
        return required;
    }

    /**
     * Sets whether a request must have the fields to copy.
     *
     * @param required true by default
     */
    public void setRequired(boolean required) {
        this.required = required;
    }

    /**
     * {@return further fields as a JSON object, of which texts with <code>${…}</code> are
     * expressions of Camel's language simple; null for none}
     */
    public @Nullable String getValues() {
        return values;
    }

    /**
     * Sets further fields as a JSON object, of which texts with <code>${…}</code> are expressions
     * of Camel's language simple.
     *
     * @param values null for none, as by default
     * @throws PipelineFaultException if it is not a JSON object
     */
    public void setValues(@Nullable String values) {
        JsonObjectProperty.parse("values", values);
        this.values = values;
    }

    /** {@return the field that the whole answer becomes; empty for none} */
    public String getWrapper() {
        return wrapper;
    }

    /**
     * Sets the field that the whole answer becomes.
     *
     * @param wrapper empty for none, as by default
     */
    public void setWrapper(String wrapper) {
        this.wrapper = wrapper;
    }

    /** {@return whether all numbers of the answer become text} */
    public boolean isNumbersAsText() {
        return numbersAsText;
    }

    /**
     * Sets whether all numbers of the answer become text.
     *
     * @param numbersAsText false by default
     */
    public void setNumbersAsText(boolean numbersAsText) {
        this.numbersAsText = numbersAsText;
    }

    @Override
    protected void doInit() {
        try {
            configure();
        } catch (PipelineFaultException e) {
            throw named(e);
        }
    }

    private void configure() {
        Map<String, String> fromRequest = FieldNames.parse("requestFields", requestFields);
        Map<String, Object> fixed = new LinkedHashMap<>();
        JsonObjectProperty.parse("values", values)
                .forEach(
                        (name, value) -> {
                            if (fromRequest.containsKey(name)) {
                                throw new PipelineFaultException(
                                        "requestFields and values both have \"" + name + "\"");
                            }
                            fixed.put(name, prepared(name, value));
                        });
        if (fromRequest.containsKey(wrapper) || fixed.containsKey(wrapper)) {
            throw new PipelineFaultException("wrapper is \"" + wrapper + "\", as another field is");
        }
        copied = fromRequest;
        added = fixed;
    }

    private @Nullable Object prepared(String name, @Nullable Object value) {
        if (!(value instanceof String text) || !text.contains("${")) {
            return value;
        }
        if (camelContext == null) {
            throw new PipelineFaultException("values: expressions need a CamelContext");
        }
        Expression expression;
        try {
            expression = camelContext.resolveLanguage("simple").createExpression(text);
        } catch (ExpressionIllegalSyntaxException e) {
            throw new PipelineFaultException("values, " + name + ": " + e.getMessage());
        }
        expression.init(camelContext);
        return expression;
    }

    private PipelineFaultException named(RuntimeException fault) {
        return new PipelineFaultException(
                StepName.of(camelContext, this) + ": " + fault.getMessage());
    }

    /**
     * Adds the fields to the answer in the body.
     *
     * @throws BadInputException if the request lacks a field that is required
     * @throws PipelineFaultException if the body is not an answer that takes fields, or has one of
     *     them already; or the request was not JSON
     */
    @Override
    public void process(Exchange exchange) {
        if (!isStarted()) {
            start();
        }
        try {
            Object body = exchange.getMessage().getBody();
            if (body instanceof NamedTensors) {
                throw new PipelineFaultException(
                        "expected the answer of a postprocessor, got tensors");
            }
            Object answer = complete(exchange, body);
            exchange.getMessage().setBody(numbersAsText ? withTexts(answer) : answer);
        } catch (PipelineFaultException e) {
            throw named(e);
        }
    }

    private Object complete(Exchange exchange, @Nullable Object body) {
        if (!wrapper.isEmpty()) {
            Map<String, Object> whole = new LinkedHashMap<>();
            whole.put(wrapper, body);
            return withFields(exchange, whole, request(exchange), "");
        }
        if (!(body instanceof List<?> answers)) {
            return withFields(exchange, body, request(exchange), "");
        }
        Object request = request(exchange);
        List<?> items =
                request instanceof List<?> list && RequestItems.isList(exchange) ? list : null;
        if (items != null && items.size() != answers.size()) {
            throw new PipelineFaultException(
                    "the request has "
                            + items.size()
                            + " items and the answer "
                            + answers.size()
                            + ", expected as many");
        }
        List<Object> all = new ArrayList<>(answers.size());
        for (int i = 0; i < answers.size(); i++) {
            all.add(
                    withFields(
                            exchange,
                            answers.get(i),
                            items == null ? request : items.get(i),
                            items == null ? "" : "[" + i + "]: "));
        }
        return all;
    }

    private @Nullable Object request(Exchange exchange) {
        return copied.isEmpty() ? null : exchange.getProperty(PipelineConstants.REQUEST);
    }

    /**
     * {@return an answer with the fields}
     *
     * @param request what the fields are copied from
     * @param at where the item is in the request, for messages
     */
    private Map<String, Object> withFields(
            Exchange exchange, @Nullable Object answer, @Nullable Object request, String at) {
        if (!(answer instanceof Map<?, ?> members)) {
            throw new PipelineFaultException(
                    "the answer has no fields: set wrapper, or the postprocessor's field");
        }
        Map<String, Object> fields = new LinkedHashMap<>();
        members.forEach((name, value) -> fields.put((String) name, value));
        copied.forEach((name, source) -> copy(name, source, request, at, fields));
        added.forEach(
                (name, value) ->
                        put(
                                fields,
                                name,
                                value instanceof Expression expression
                                        ? expression.evaluate(exchange, Object.class)
                                        : value));
        return fields;
    }

    private void copy(
            String name,
            String source,
            @Nullable Object request,
            String at,
            Map<String, Object> fields) {
        if (request == null) {
            throw new PipelineFaultException(
                    "requestFields: no preprocessor has kept the request: put unmarshal: json"
                            + " before it");
        }
        Object value = request instanceof Map<?, ?> object ? object.get(source) : null;
        boolean present = request instanceof Map<?, ?> object && object.containsKey(source);
        if (present) {
            put(fields, name, value);
        } else if (required) {
            throw new BadInputException(at + "missing field \"" + source + "\"");
        }
    }

    private static void put(Map<String, Object> fields, String name, @Nullable Object value) {
        if (fields.containsKey(name)) {
            throw new PipelineFaultException("the answer has a field \"" + name + "\" already");
        }
        fields.put(name, value);
    }

    private static Object withTexts(Object value) {
        if (value instanceof Number) {
            return value.toString();
        }
        if (value instanceof List<?> list) {
            List<Object> texts = new ArrayList<>(list.size());
            list.forEach(each -> texts.add(withTexts(each)));
            return texts;
        }
        if (value instanceof Map<?, ?> map) {
            Map<Object, Object> texts = new LinkedHashMap<>();
            map.forEach((name, each) -> texts.put(name, withTexts(each)));
            return texts;
        }
        return value;
    }
}
