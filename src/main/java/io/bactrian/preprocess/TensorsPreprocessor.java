package io.bactrian.preprocess;

import io.bactrian.pipeline.BodyText;
import io.bactrian.pipeline.ExchangeTensors;
import io.bactrian.pipeline.InputBound;
import io.bactrian.pipeline.PipelineConstants;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.ProcessorFile;
import io.bactrian.pipeline.SignatureTensors;
import io.bactrian.pipeline.StepName;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.NamedTensors;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.apache.camel.RouteAware;
import org.apache.camel.spi.Metadata;
import org.apache.camel.support.service.ServiceSupport;
import org.jspecify.annotations.Nullable;

/**
 * The base class of preprocessors that make any number of tensors: steps of a route that replace
 * the message body by the inputs of the model that follows. One that makes a single tensor extends
 * {@link Preprocessor}.
 *
 * <p>A preprocessor is a bean that YAML sets up. Each property is a field with {@link Metadata}, a
 * getter and a setter of one type; a list is text with commas between, since Camel's YAML takes no
 * lists as properties of beans. The setter rejects a value that is wrong whatever the others are,
 * {@link #configureAll} those that are wrong together or that a model's signature contradicts. A
 * property that is set later takes effect when the preprocessor is stopped and started again.
 *
 * <p>A preprocessor of several items in one request says by {@link
 * io.bactrian.pipeline.RequestItems#setList} whether they were a list, and keeps under a documented
 * exchange property what a later step needs of them.
 */
public abstract class TensorsPreprocessor extends ServiceSupport
        implements Processor, InputBound, CamelContextAware, RouteAware {

    private @Nullable CamelContext camelContext;
    private @Nullable Route route;
    private volatile List<SignatureTensors> bound = List.of();

    /**
     * Checks the properties and works out what {@link #tensors} needs of them and of the
     * signatures. It is called before the first message, and again when the preprocessor is bound
     * to signatures. When it throws, {@link #tensors} must go on as before the call.
     *
     * @param inputs the inputs of each model that the tensors go to; empty as long as none is known
     * @throws PipelineFaultException naming the property that is wrong, and its value; or if the
     *     tensors can't be what a model takes
     */
    protected abstract void configureAll(List<SignatureTensors> inputs);

    /**
     * {@return the tensors of a message, which the exchange owns from then on}
     *
     * @throws BadInputException if the body is not what the sender must send
     * @throws PipelineFaultException if the route is at fault
     */
    protected abstract NamedTensors tensors(Exchange exchange);

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

    @Override
    public final void process(Exchange exchange) {
        if (!isStarted()) {
            // Called by Java code, or stopped with another of its routes.
            start();
        }
        try {
            Object body = exchange.getMessage().getBody();
            if (body instanceof NamedTensors tensors) {
                throw new PipelineFaultException(
                        "expected the body of a request, got "
                                + tensors
                                + ": a step before has made tensors of it already");
            }
            ExchangeTensors.setBody(exchange, tensors(exchange));
            if (body instanceof Map || body instanceof List) {
                exchange.setProperty(PipelineConstants.REQUEST, body);
            }
        } catch (PipelineFaultException e) {
            throw named(e);
        }
    }

    /** {@return the body's text in UTF-8, in an array} */
    static ByteBuffer utf8(Exchange exchange, Object body) {
        return body instanceof ByteBuffer buffer && buffer.hasArray() && BodyText.isUtf8(exchange)
                ? buffer
                : ByteBuffer.wrap(BodyText.utf8(exchange, body));
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
