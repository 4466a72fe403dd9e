package io.bactrian.preprocess;

import io.bactrian.pipeline.InputBound;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.ProcessorFile;
import io.bactrian.pipeline.SignatureTensors;
import io.bactrian.pipeline.StepName;
import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.apache.camel.RouteAware;
import org.apache.camel.support.service.ServiceSupport;
import org.jspecify.annotations.Nullable;

/**
 * The base class of steps that are bound to the inputs of the models that follow: their life cycle,
 * their files, and the names in their errors.
 *
 * <p>A preprocessor is a bean that YAML sets up. Each property is a field with {@link
 * org.apache.camel.spi.Metadata}, a getter and a setter of one type; a list is text with commas
 * between, since Camel's YAML takes no lists as properties of beans. The setter rejects a value
 * that is wrong whatever the others are, {@link #configureAll} those that are wrong together or
 * that a model's signature contradicts. A property that is set later takes effect when the
 * preprocessor is stopped and started again.
 */
public abstract class BoundPreprocessor extends ServiceSupport
        implements Processor, InputBound, CamelContextAware, RouteAware {

    private @Nullable CamelContext camelContext;
    private @Nullable Route route;
    private volatile List<SignatureTensors> bound = List.of();

    /**
     * Checks the properties and works out what requests need of them and of the signatures. It is
     * called before the first message, and again when the preprocessor is bound to signatures. When
     * it throws, requests must go on as before the call.
     *
     * @param inputs the inputs of each model that the tensors go to; empty as long as none is known
     * @throws PipelineFaultException naming the property that is wrong, and its value; or if the
     *     tensors can't be what a model takes
     */
    protected abstract void configureAll(List<SignatureTensors> inputs);

    @Override
    public @Nullable CamelContext getCamelContext() {
        return camelContext;
    }

    @Override
    public void setCamelContext(CamelContext camelContext) {
        this.camelContext = camelContext;
    }

    @Override
    public @Nullable Route getRoute() {
        return route;
    }

    /**
     * @param route the route of this step, beside whose file the step's files may be
     */
    @Override
    public void setRoute(Route route) {
        this.route = route;
    }

    /**
     * {@return the content of a file, from beside the route's file or from a model's folder}
     *
     * @param file the file
     * @param signatures those that this step is bound to
     * @throws PipelineFaultException if it can't be found or read
     */
    final byte[] read(ProcessorFile file, List<SignatureTensors> signatures) {
        return file.read(
                route == null ? null : route.getSourceResource(),
                SignatureTensors.modelFolders(signatures));
    }

    @Override
    protected void doInit() throws Exception {
        try {
            configureAll(bound);
        } catch (IllegalArgumentException | PipelineFaultException e) {
            throw named(e);
        }
    }

    @Override
    public final void bindInputs(List<SignatureTensors> inputs) {
        try {
            configureAll(inputs);
        } catch (IllegalArgumentException e) {
            throw new PipelineFaultException(String.valueOf(e.getMessage()));
        }
        bound = inputs;
    }

    /** {@return whether this step is bound to signatures} */
    final boolean isBound() {
        return !bound.isEmpty();
    }

    final PipelineFaultException named(RuntimeException fault) {
        return new PipelineFaultException(
                StepName.of(camelContext, this) + ": " + fault.getMessage());
    }
}
