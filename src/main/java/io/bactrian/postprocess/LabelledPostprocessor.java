package io.bactrian.postprocess;

import io.bactrian.pipeline.ExchangeTensors;
import io.bactrian.tensor.NamedTensors;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.Service;

/**
 * A step from a model's outputs to an answer that tells classes, by number and, if it has labels,
 * by name. The tensors are freed once the answer is made.
 */
abstract class LabelledPostprocessor implements Processor, CamelContextAware, Service {

    private CamelContext camelContext;
    private String output;
    private String labels;
    private String labelsFile;
    private volatile Labels names = Labels.NONE;

    @Override
    public CamelContext getCamelContext() {
        return camelContext;
    }

    @Override
    public void setCamelContext(CamelContext camelContext) {
        this.camelContext = camelContext;
    }

    /**
     * @param output the model's output to read; not needed where it has one output
     */
    public void setOutput(String output) {
        this.output = output;
    }

    public String getOutput() {
        return output;
    }

    /**
     * @param labels the classes' names with commas between them, that of class 0 first; text, since
     *     Camel's YAML takes no lists as properties
     */
    public void setLabels(String labels) {
        this.labels = labels;
    }

    public String getLabels() {
        return labels;
    }

    /**
     * @param labelsFile a file with the classes' names, one a line, that of class 0 first; or a
     *     class, a tab and its name a line. A path, or a Camel resource such as {@code
     *     classpath:names.txt}
     */
    public void setLabelsFile(String labelsFile) {
        this.labelsFile = labelsFile;
    }

    public String getLabelsFile() {
        return labelsFile;
    }

    @Override
    public void process(Exchange exchange) {
        Object answer;
        try (NamedTensors outputs = ExchangeTensors.getBody(exchange)) {
            answer = answer(outputs);
        }
        exchange.getMessage().setBody(answer);
    }

    /**
     * @param outputs the model's outputs, by name
     * @return what Jackson can write as JSON
     * @throws IllegalArgumentException if the outputs are not what this step is for
     */
    abstract Object answer(NamedTensors outputs);

    /** Adds {@code label} to an answer, if the class has a name. */
    void addLabel(Map<String, Object> answer, int classId) {
        String name = names.name(classId);
        if (name != null) {
            answer.put("label", name);
        }
    }

    /**
     * Reads the labels, before the route takes its first message.
     *
     * @throws IllegalArgumentException if the file can't be read
     */
    @Override
    public void start() {
        names =
                labels != null
                        ? Labels.of(labels)
                        : labelsFile != null ? Labels.load(camelContext, labelsFile) : Labels.NONE;
    }

    @Override
    public void stop() {
        // Nothing is held open.
    }
}
