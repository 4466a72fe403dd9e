package io.bactrian.pipeline;

import io.bactrian.tensor.JsonType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.spi.Metadata;
import org.jspecify.annotations.Nullable;

/**
 * The aggregation strategy that makes one answer of several: an object with the fields of all, or
 * with each answer in a field of its own. Of answers that are lists, those at the same index are
 * joined.
 *
 * <p>The branches of the multicast are the postprocessors of one model's outputs, or models with
 * their postprocessors. The result is joined when all branches have answered, and fails if one
 * does.
 */
@Metadata(
        label = "bean",
        description =
                "Joins the answers of several postprocessors or models into one object, with the fields"
                        + " of all or each in a field of its own, as the aggregationStrategy of a"
                        + " multicast; lists are joined item by item.",
        annotations = {"interfaceName=org.apache.camel.AggregationStrategy"})
public final class JoinAnswers extends BranchAggregation {

    @Metadata(
            description =
                    "The names of the fields that hold the answers, in the order of the branches, with"
                            + " commas between. Not set: the object has the fields of the answers"
                            + " themselves")
    private @Nullable String fields;

    private List<String> names = List.of();

    /**
     * {@return the names of the fields that hold the answers, in the order of the branches, with
     * commas between; null if the object has the answers' own fields}
     */
    public @Nullable String getFields() {
        return fields;
    }

    /**
     * Sets the names of the fields that hold the answers, in the order of the branches, with commas
     * between.
     *
     * @param fields null, as by default, for an object with the answers' own fields
     * @throws PipelineFaultException if a name is empty, or two are the same
     */
    public void setFields(@Nullable String fields) {
        List<String> parsed =
                fields == null
                        ? List.of()
                        : Arrays.stream(fields.split(",", -1)).map(String::strip).toList();
        if (parsed.contains("") || new HashSet<>(parsed).size() < parsed.size()) {
            throw PipelineFaultException.property(
                    "fields", "different names with commas between", String.valueOf(fields));
        }
        this.fields = fields;
        this.names = parsed;
    }

    @Override
    void begin(Exchange first) {
        first.getMessage().setBody(named(first));
    }

    @Override
    void add(Exchange sum, Exchange branch) {
        sum.getMessage().setBody(joined(sum.getMessage().getBody(), named(branch)));
    }

    /** The answer of a branch, or of each of its items, in the field of the branch. */
    private @Nullable Object named(Exchange branch) {
        Object answer = branch.getMessage().getBody();
        if (names.isEmpty()) {
            return answer;
        }
        int index = branch.getProperty(ExchangePropertyKey.MULTICAST_INDEX, Integer.class);
        if (index >= names.size()) {
            throw new PipelineFaultException(
                    "fields has " + names.size() + " names, but the multicast has more branches");
        }
        String name = names.get(index);
        if (RequestItems.isList(branch) && answer instanceof List<?> items) {
            return items.stream().map(item -> field(name, item)).toList();
        }
        return field(name, answer);
    }

    private static Map<String, Object> field(String name, @Nullable Object value) {
        return Collections.singletonMap(name, value);
    }

    @Override
    void complete(Exchange sum, int branches) {
        if (branches < names.size()) {
            throw new PipelineFaultException(
                    "fields has "
                            + names.size()
                            + " names, but the multicast has "
                            + branches
                            + (branches == 1 ? " branch" : " branches"));
        }
        Object answer = sum.getMessage().getBody();
        if (branches == 1 && !(answer instanceof Map || answer instanceof List)) {
            throw wrong(answer);
        }
    }

    private static Object joined(@Nullable Object one, @Nullable Object other) {
        if (one instanceof List<?> answers && other instanceof List<?> others) {
            if (answers.size() != others.size()) {
                throw new PipelineFaultException(
                        "lists of "
                                + answers.size()
                                + " and "
                                + others.size()
                                + " answers can't be joined");
            }
            List<Object> all = new ArrayList<>(answers.size());
            for (int i = 0; i < answers.size(); i++) {
                all.add(joined(answers.get(i), others.get(i)));
            }
            return all;
        }
        Map<String, Object> all = new LinkedHashMap<>();
        put(one, all);
        put(other, all);
        return all;
    }

    private static void put(@Nullable Object answer, Map<String, Object> all) {
        if (!(answer instanceof Map<?, ?> fields)) {
            throw wrong(answer);
        }
        for (Map.Entry<?, ?> field : fields.entrySet()) {
            String name = String.valueOf(field.getKey());
            boolean another =
                    all.containsKey(name)
                            && !String.valueOf(field.getValue())
                                    .equals(String.valueOf(all.get(name)));
            if (another) {
                throw new PipelineFaultException(
                        "two answers have a field \""
                                + name
                                + "\": set the postprocessors' field names");
            }
            all.put(name, field.getValue());
        }
    }

    private static PipelineFaultException wrong(@Nullable Object answer) {
        return new PipelineFaultException(
                "an answer is "
                        + JsonType.describe(answer)
                        + ", expected an object, or lists of objects in all branches: set the"
                        + " postprocessors' field names");
    }
}
