package io.bactrian.postprocess;

import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.ProcessorFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.camel.spi.Metadata;
import org.jspecify.annotations.Nullable;

/** A postprocessor whose answer has classes, by number and, where it has labels, by name. */
abstract class LabelledPostprocessor extends FilePostprocessor<Labels> {

    @Metadata(
            description =
                    "The names of the classes with commas between, that of class 0 first. Not set:"
                            + " the names are in labelsFile, or classes have none")
    private @Nullable String labels;

    @Metadata(
            description =
                    "A UTF-8 file with the name of a class per line, that of class 0 first; or a"
                            + " class number, a tab and its name per line; or, if its name ends with"
                            + " .json, a JSON list of names, an object from class numbers to names,"
                            + " or one from names to class numbers. A path relative to the route"
                            + " file, else to the model's version folder, its folder or its code/;"
                            + " an absolute path; or a Camel resource (classpath:, file:). Not set:"
                            + " the names are those of labels")
    private @Nullable String labelsFile;

    LabelledPostprocessor(String field) {
        super(field, Labels.NONE);
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
     * number, a tab and its name per line; or JSON, if its name ends with {@code .json}. An
     * absolute path, a Camel resource such as {@code classpath:names.txt}, or a path relative to
     * the route file or the model's folder. Null for none, as by default.
     */
    public void setLabelsFile(@Nullable String labelsFile) {
        this.labelsFile = labelsFile;
    }

    @Override
    void checkProperties() {
        if (labels != null && labelsFile != null) {
            throw new PipelineFaultException(
                    "labels and labelsFile are both set: keep one of them");
        }
    }

    @Override
    final boolean namesFile() {
        return labelsFile != null;
    }

    @Override
    final Labels load(List<Path> modelFolders) {
        if (labels != null) {
            return Labels.of(labels);
        }
        if (labelsFile == null) {
            return Labels.NONE;
        }
        ProcessorFile file = new ProcessorFile(getCamelContext(), "labelsFile", labelsFile);
        return parse(file, labelsFile, read(file, modelFolders));
    }

    /**
     * {@return the labels in a file}
     *
     * @param file the file, for messages
     * @param location its path, whose ending says whether it is JSON
     * @throws PipelineFaultException if the file does not hold labels
     */
    static Labels parse(ProcessorFile file, String location, byte[] bytes) {
        return location.toLowerCase(Locale.ROOT).endsWith(".json")
                ? new LabelsJson(file.toString()).parse(file.json(bytes))
                : new LabelsText(file.toString()).parse(bytes);
    }

    /** {@return the labels; none if there are none} */
    final Labels labels() {
        return content();
    }

    /** Adds {@code label} to an answer, if the class has a name. */
    final void addLabel(Map<String, Object> answer, int classId) {
        Object name = labels().name(classId);
        if (name != null) {
            answer.put("label", name);
        }
    }
}
