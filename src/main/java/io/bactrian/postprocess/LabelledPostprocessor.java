package io.bactrian.postprocess;

import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.ProcessorFile;
import io.bactrian.pipeline.SignatureTensors;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.camel.Route;
import org.apache.camel.RouteAware;
import org.apache.camel.spi.Metadata;
import org.jspecify.annotations.Nullable;

/**
 * A postprocessor whose answer has classes, by number and, where it has labels, by name.
 *
 * <p>A labels file is read when the route starts: it may be in the folder of the model that the
 * step is bound to, which is not known before.
 */
abstract class LabelledPostprocessor extends Postprocessor implements RouteAware {

    @Metadata(
            description =
                    "The names of the classes with commas between, that of class 0 first. Not set:"
                            + " the names are in labelsFile, or classes have none")
    private @Nullable String labels;

    @Metadata(
            description =
                    "A UTF-8 file with the name of a class per line, that of class 0 first; or a"
                            + " class number, a tab and its name per line. A path relative to the"
                            + " route file, else to the model's version folder, its folder or its"
                            + " code/; an absolute path; or a Camel resource (classpath:, file:)."
                            + " Not set: the names are those of labels")
    private @Nullable String labelsFile;

    private @Nullable Route route;
    private volatile Labels names = Labels.NONE;

    LabelledPostprocessor(String field) {
        super(field);
    }

    @Override
    public @Nullable Route getRoute() {
        return route;
    }

    /**
     * @param route the route of this step, beside whose file a labels file may be
     */
    @Override
    public void setRoute(Route route) {
        this.route = route;
    }

    public @Nullable String getLabels() {
        return labels;
    }

    /**
     * Sets the names of the classes with commas between, that of class 0 first; null for none, as
     * by default.
     */
    public void setLabels(@Nullable String labels) {
        this.labels = labels;
    }

    public @Nullable String getLabelsFile() {
        return labelsFile;
    }

    /**
     * Sets a UTF-8 file with the name of a class per line, that of class 0 first; or a class
     * number, a tab and its name per line. An absolute path, a Camel resource such as {@code
     * classpath:names.txt}, or a path relative to the route file or the model's folder. Null for
     * none, as by default.
     */
    public void setLabelsFile(@Nullable String labelsFile) {
        this.labelsFile = labelsFile;
    }

    @Override
    protected final void configure(List<SignatureTensors> outputs) {
        if (labels != null && labelsFile != null) {
            throw new PipelineFaultException(
                    "labels and labelsFile are both set: keep one of them");
        }
        if (labelsFile != null && outputs.isEmpty()) {
            return;
        }
        List<Path> folders =
                outputs.stream().flatMap(each -> each.modelFolders().stream()).distinct().toList();
        Labels loaded = load(folders);
        outputs.forEach(each -> check(each, loaded));
        names = loaded;
    }

    /**
     * Checks the properties against a signature.
     *
     * @throws PipelineFaultException if its outputs are not what this step reads, or are of other
     *     classes than the labels
     */
    abstract void check(SignatureTensors outputs, Labels labels);

    @Override
    protected void doStart() throws Exception {
        if (!isBound()) {
            try {
                names = load(List.of());
            } catch (PipelineFaultException e) {
                throw named(e);
            }
        }
    }

    private Labels load(List<Path> modelFolders) {
        if (labels != null) {
            return Labels.of(labels);
        }
        if (labelsFile == null) {
            return Labels.NONE;
        }
        ProcessorFile file = new ProcessorFile(getCamelContext(), "labelsFile", labelsFile);
        byte[] text = file.read(route == null ? null : route.getSourceResource(), modelFolders);
        return new LabelsText(file.toString()).parse(text);
    }

    /** {@return the labels; none if there are none} */
    final Labels labels() {
        return names;
    }

    /** Adds {@code label} to an answer, if the class has a name. */
    final void addLabel(Map<String, Object> answer, int classId) {
        String name = names.name(classId);
        if (name != null) {
            answer.put("label", name);
        }
    }
}
