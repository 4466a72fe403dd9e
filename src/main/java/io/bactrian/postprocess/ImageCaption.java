package io.bactrian.postprocess;

import static java.util.Objects.requireNonNull;

import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.StepName;
import io.bactrian.postprocess.image.ImageDrawing;
import io.bactrian.postprocess.image.ImageType;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.Exchange;
import org.apache.camel.Expression;
import org.apache.camel.ExpressionIllegalSyntaxException;
import org.apache.camel.Processor;
import org.apache.camel.spi.Metadata;
import org.apache.camel.support.service.ServiceSupport;
import org.jspecify.annotations.Nullable;

/**
 * A step after a postprocessor that writes a text of its answer on the image that was sent, where
 * the request accepts an image; to other requests the answer stays as it is.
 */
@Metadata(
        label = "bean",
        description =
                "Writes a text of the answer, such as the class, on the image that was sent, where the"
                        + " request accepts an image rather than JSON. The image preprocessor's"
                        + " keepImages must be true.",
        annotations = {"interfaceName=org.apache.camel.Processor"})
public final class ImageCaption extends ServiceSupport implements Processor, CamelContextAware {

    @Metadata(
            description =
                    "The text, of Camel's language simple: ${body[label]} is the answer's field"
                            + " \"label\"")
    private String text = "${body[label]}";

    private @Nullable CamelContext camelContext;
    private volatile @Nullable Expression expression;

    /** Creates a step with the default properties. */
    public ImageCaption() {}

    @Override
    public @Nullable CamelContext getCamelContext() {
        return camelContext;
    }

    @Override
    public void setCamelContext(CamelContext camelContext) {
        this.camelContext = camelContext;
    }

    /** {@return the text, of Camel's language simple} */
    public String getText() {
        return text;
    }

    /**
     * Sets the text, of Camel's language simple.
     *
     * @param text <code>${body[label]}</code> by default
     */
    public void setText(String text) {
        this.text = text;
    }

    @Override
    protected void doInit() {
        try {
            Expression parsed =
                    requireNonNull(camelContext).resolveLanguage("simple").createExpression(text);
            parsed.init(camelContext);
            expression = parsed;
        } catch (ExpressionIllegalSyntaxException e) {
            throw new PipelineFaultException(
                    StepName.of(camelContext, this)
                            + ": text is not of Camel's language simple: "
                            + e.getMessage());
        }
    }

    @Override
    public void process(Exchange exchange) {
        if (!isStarted()) {
            // Called by Java code, or stopped with another of its routes.
            start();
        }
        ImageType accepted = ImageType.accepted(exchange);
        if (accepted == null) {
            return;
        }
        String evaluated = requireNonNull(expression).evaluate(exchange, String.class);
        try {
            ImageDrawing drawing = ImageDrawing.open(exchange);
            drawing.caption(evaluated == null ? "" : evaluated);
            exchange.getMessage().setBody(drawing.encode(accepted));
        } catch (PipelineFaultException e) {
            throw new PipelineFaultException(
                    StepName.of(camelContext, this) + ": " + e.getMessage());
        }
    }
}
