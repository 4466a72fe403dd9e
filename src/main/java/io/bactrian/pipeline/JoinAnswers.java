package io.bactrian.pipeline;

import io.bactrian.tensor.JsonType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.spi.Metadata;
import org.jspecify.annotations.Nullable;

/**
 * The aggregation strategy that makes one answer of several: an object with the fields of all. Of
 * answers that are lists, the objects at the same index are joined.
 *
 * <p>The branches of the multicast are the postprocessors of one model's outputs, or models with
 * their postprocessors. The result is joined when all branches have answered, and fails if one
 * does.
 */
@Metadata(
        label = "bean",
        description =
                "Joins the answers of several postprocessors or models into one object with the fields"
                        + " of all, as the aggregationStrategy of a multicast; lists are joined item by"
                        + " item.",
        annotations = {"interfaceName=org.apache.camel.AggregationStrategy"})
public final class JoinAnswers extends BranchAggregation {

    @Override
    void add(Exchange sum, Exchange branch) {
        sum.getMessage().setBody(joined(sum.getMessage().getBody(), branch.getMessage().getBody()));
    }

    @Override
    void complete(Exchange sum, int branches) {
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
