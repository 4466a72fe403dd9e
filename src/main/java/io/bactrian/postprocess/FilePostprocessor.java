package io.bactrian.postprocess;

import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.ProcessorFile;
import io.bactrian.pipeline.SignatureTensors;
import java.nio.file.Path;
import java.util.List;
import org.apache.camel.Route;
import org.apache.camel.RouteAware;
import org.jspecify.annotations.Nullable;

/**
 * A postprocessor with a property that may name a file.
 *
 * <p>The file is read when the route starts: it may be in the folder of the model that the step is
 * bound to, which is not known before.
 *
 * @param <F> what the file holds
 */
abstract class FilePostprocessor<F> extends Postprocessor implements RouteAware {

    private @Nullable Route route;
    private volatile F content;

    /**
     * @param field the default of the property {@code field}
     * @param none the content where no property names a file
     */
    FilePostprocessor(String field, F none) {
        super(field);
        content = none;
    }

    @Override
    public @Nullable Route getRoute() {
        return route;
    }

    /**
     * @param route the route of this step, beside whose file the file may be
     */
    @Override
    public void setRoute(Route route) {
        this.route = route;
    }

    /**
     * Checks the properties before any file is read.
     *
     * @throws PipelineFaultException if they contradict each other
     */
    abstract void checkProperties();

    /** {@return whether a property names a file} */
    abstract boolean namesFile();

    /**
     * {@return the content that the properties give, that of the file if one names a file}
     *
     * @param modelFolders the folders to search after the route file's
     * @throws PipelineFaultException if the file can't be read, or does not hold what it should
     */
    abstract F load(List<Path> modelFolders);

    /**
     * Checks the properties against a signature.
     *
     * @throws PipelineFaultException if its outputs are not what this step reads, or contradict the
     *     content of the file
     */
    abstract void check(SignatureTensors outputs, F loaded);

    @Override
    protected final void configure(List<SignatureTensors> outputs) {
        checkProperties();
        if (namesFile() && outputs.isEmpty()) {
            return;
        }
        F loaded = load(SignatureTensors.modelFolders(outputs));
        outputs.forEach(each -> check(each, loaded));
        content = loaded;
    }

    @Override
    protected void doStart() throws Exception {
        if (!isBound()) {
            try {
                content = load(List.of());
            } catch (PipelineFaultException e) {
                throw named(e);
            }
        }
    }

    /** {@return the file's bytes, from beside the route's file or from one of the folders} */
    final byte[] read(ProcessorFile file, List<Path> modelFolders) {
        return file.read(route == null ? null : route.getSourceResource(), modelFolders);
    }

    /** {@return what the file holds, or the properties in its place} */
    final F content() {
        return content;
    }
}
