package io.bactrian.postprocess;

import io.bactrian.pipeline.ExchangeTensors;
import io.bactrian.pipeline.OutputBound;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.SignatureTensors;
import io.bactrian.pipeline.StepName;
import io.bactrian.tensor.NamedTensors;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.apache.camel.RouteAware;
import org.apache.camel.Service;

/**
 * A step from a model's outputs to an answer that names classes, by number and, if it has labels,
 * by name. The tensors are freed once the answer is made.
 */
abstract class LabelledPostprocessor
        implements Processor, OutputBound, CamelContextAware, RouteAware, Service {

    private CamelContext camelContext;
    private Route route;
    private String labels;
    private String labelsFile;
    private volatile Labels names;

    @Override
    public CamelContext getCamelContext() {
        return camelContext;
    }

    @Override
    public void setCamelContext(CamelContext camelContext) {
        this.camelContext = camelContext;
    }

    @Override
    public Route getRoute() {
        return route;
    }

    /**
     * @param route the route that uses this processor; a relative labels file may be beside its
     *     file
     */
    @Override
    public void setRoute(Route route) {
        this.route = route;
    }

    /**
     * @param labels the classes' names with commas between them, that of class 0 first; text, since
     *     Camel's YAML takes no lists as properties
     */
    public void setLabels(String labels) {
        this.labels = labels;
        names = null;
    }

    public String getLabels() {
        return labels;
    }

    /**
     * @param labelsFile a UTF-8 file with the classes' names, one a line, that of class 0 first; or
     *     a class number, a tab and its name a line. An absolute path, a Camel resource such as
     *     {@code classpath:names.txt}, or a path relative to the route file or the model's folder
     */
    public void setLabelsFile(String labelsFile) {
        this.labelsFile = labelsFile;
        names = null;
    }

    public String getLabelsFile() {
        return labelsFile;
    }

    @Override
    public void process(Exchange exchange) {
        Object answer;
        try (NamedTensors.Reference outputs = ExchangeTensors.read(exchange)) {
            answer = answer(outputs);
        } catch (PipelineFaultException e) {
            throw named(e);
        }
        exchange.getMessage().setBody(answer);
    }

    @Override
    public final void bindOutputs(SignatureTensors outputs) {
        load(outputs.modelFolders());
        check(outputs);
    }

    /**
     * Checks the properties against a signature.
     *
     * @throws PipelineFaultException if its outputs are not what this step is for
     */
    abstract void check(SignatureTensors outputs);

    /**
     * {@return what Jackson can write as JSON}
     *
     * @param outputs the model's outputs, by name
     * @throws PipelineFaultException if the outputs are not what this step is for
     */
    abstract Object answer(NamedTensors.Reference outputs);

    /** The classes' names, none if there are no labels. */
    final Labels labels() {
        Labels loaded = names;
        return loaded == null ? Labels.NONE : loaded;
    }

    /** Adds {@code label} to an answer, if the class has a name. */
    final void addLabel(Map<String, Object> answer, int classId) {
        String name = labels().name(classId);
        if (name != null) {
            answer.put("label", name);
        }
    }

    /**
     * Reads the labels, before the route takes its first message.
     *
     * @throws PipelineFaultException if they can't be read or are no labels
     */
    @Override
    public void start() {
        try {
            load(List.of());
        } catch (PipelineFaultException e) {
            throw named(e);
        }
    }

    private PipelineFaultException named(PipelineFaultException fault) {
        return new PipelineFaultException(
                StepName.of(camelContext, this) + ": " + fault.getMessage());
    }

    private void load(List<Path> modelFolders) {
        if (names != null) {
            return;
        }
        if (labels != null && labelsFile != null) {
            throw new PipelineFaultException(
                    "labels and labelsFile are both set: keep one of them");
        }
        if (labels != null) {
            names = Labels.of(labels);
        } else if (labelsFile != null) {
            names =
                    new LabelsFile(camelContext, labelsFile)
                            .read(route == null ? null : route.getSourceResource(), modelFolders);
        } else {
            names = Labels.NONE;
        }
    }

    @Override
    public void stop() {
        // Nothing is held open.
    }
}
