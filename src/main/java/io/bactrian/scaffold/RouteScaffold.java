package io.bactrian.scaffold;

import io.bactrian.tensor.TensorSpec;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A first route for a model.
 *
 * @param pipeline the name of its pipeline
 * @param yaml the content of the route file
 * @param sample a request to try
 */
public record RouteScaffold(String pipeline, String yaml, SampleRequest sample) {

    /** The first that recognizes the signature counts. */
    private static final List<InputGuesser> INPUTS =
            List.of(new ImageInput(), new TextInput(), new TokenizerInput(), new JsonInput());

    private static final List<OutputGuesser> OUTPUTS =
            List.of(
                    new DetectionApiOutput(),
                    new BoxesOutput(),
                    new BinaryOutput(),
                    new ScoresOutput(),
                    new JsonOutput());

    /** {@return the route that is guessed for a model} */
    static RouteScaffold of(ModelFacts facts) {
        InputGuess input = first(INPUTS.stream().map(each -> each.guess(facts)));
        OutputGuess output = first(OUTPUTS.stream().map(each -> each.guess(facts)));
        if (output.bean() == null && !JsonOutput.hasRows(facts)) {
            // Only a request in columns can be answered in columns.
            input = new JsonInput().guess(facts);
        }
        if (input.bean() == null) {
            // Who sends tensors is answered with tensors.
            output = new JsonOutput().guess(facts);
        }
        String pipeline = facts.model().replaceAll("[^A-Za-z0-9._-]", "-");
        return new RouteScaffold(
                pipeline, new Writer(facts, pipeline, input, output).write(), input.sample());
    }

    private static <T> T first(Stream<T> guesses) {
        return guesses.filter(Objects::nonNull).findFirst().orElseThrow();
    }

    /** Writes the YAML. */
    private static final class Writer {

        private final ModelFacts facts;
        private final String pipeline;
        private final InputGuess input;
        private final OutputGuess output;
        private final StringBuilder yaml = new StringBuilder();

        Writer(ModelFacts facts, String pipeline, InputGuess input, OutputGuess output) {
            this.facts = facts;
            this.pipeline = pipeline;
            this.input = input;
            this.output = output;
        }

        String write() {
            head();
            List<Bean> beans =
                    Stream.of(input.bean(), output.bean()).filter(Objects::nonNull).toList();
            if (!beans.isEmpty()) {
                line(0, "- beans:");
                beans.forEach(this::bean);
            }
            input.comment().forEach(each -> comment(0, each));
            output.comment().forEach(each -> comment(0, each));
            line(0, "- route:");
            line(4, "id: " + YamlText.scalar(pipeline));
            line(4, "from:");
            line(6, "uri: " + YamlText.scalar("pipeline:" + pipeline));
            line(6, "parameters:");
            line(8, "consumes: " + YamlText.scalar(input.consumes()));
            line(8, "produces: application/json");
            line(6, "steps:");
            if (input.unmarshal() != null) {
                line(8, "- unmarshal:");
                line(12, input.unmarshal());
            }
            process(input.bean());
            line(8, "- to:");
            line(12, "uri: tensorflow:self");
            if (!facts.isDefault()) {
                line(12, "parameters:");
                line(14, "signature: " + YamlText.scalar(facts.signature().name()));
            }
            process(output.bean());
            line(8, "- marshal:");
            line(12, output.marshal());
            return yaml.toString();
        }

        private void head() {
            comment(
                    0,
                    "Written by bactrian init as a start, guessed from signature \""
                            + facts.signature().name()
                            + "\" of the model:");
            facts.signature().inputs().values().forEach(each -> tensor("input  ", each));
            facts.signature().outputs().values().forEach(each -> tensor("output ", each));
            if (!facts.otherSignatures().isEmpty()) {
                comment(
                        0,
                        "A route for another signature ("
                                + String.join(", ", facts.otherSignatures())
                                + ") names it: to: {uri: tensorflow:self, parameters: {signature:"
                                + " NAME}}.");
            }
            comment(0, "Each guess says so below. To try it:");
            line(0, "#   " + input.sample().curl(pipeline));
        }

        private void tensor(String kind, TensorSpec tensor) {
            line(0, "#   " + (kind + ModelFacts.describe(tensor)).replaceAll("\\p{Cntrl}", "?"));
        }

        private void bean(Bean bean) {
            bean.comment().forEach(each -> comment(4, each));
            line(4, "- name: " + bean.name());
            line(6, "type: " + bean.type().getName());
            if (!bean.properties().isEmpty()) {
                line(6, "properties:");
            }
            for (Bean.Property property : bean.properties()) {
                if (!property.comment().isEmpty()) {
                    comment(8, property.comment());
                }
                line(8, property.name() + ": " + property.value());
            }
        }

        private void process(@Nullable Bean bean) {
            if (bean != null) {
                line(8, "- process:");
                line(12, "ref: \"#" + bean.name() + '"');
            }
        }

        private void comment(int indent, String text) {
            yaml.append(YamlText.comment(" ".repeat(indent), text));
        }

        private void line(int indent, String text) {
            yaml.append(" ".repeat(indent)).append(text).append('\n');
        }
    }
}
