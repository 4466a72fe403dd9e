package io.bactrian.predict;

import io.bactrian.format.PredictRequest;
import io.bactrian.format.WireFormat;
import io.bactrian.format.WireFormats;
import io.bactrian.model.Model;
import io.bactrian.pipeline.ExchangeTensors;
import io.bactrian.pipeline.MediaType;
import io.bactrian.pipeline.PipelineComponent;
import io.bactrian.pipeline.PipelineConstants;
import io.bactrian.pipeline.PipelineEndpoint;
import io.bactrian.pipeline.UriNames;
import io.bactrian.tensorflow.TensorFlowComponent;
import io.bactrian.tensorflow.TensorFlowConstants;
import io.bactrian.tensorflow.TensorFlowEndpoint;
import java.io.IOException;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.builder.RouteBuilder;

/**
 * The {@code predict} pipeline of a model: tensors in and out, in each of the {@link WireFormats}
 * by the message's {@code Content-Type} and {@link PipelineConstants#ACCEPT}. It is called as
 * {@code pipeline:<model>}, with or without an HTTP server.
 */
public final class PredictRoute extends RouteBuilder {

    private final WireFormats formats;
    private final PipelineEndpoint from;
    private final TensorFlowEndpoint to;

    private PredictRoute(
            CamelContext context,
            PipelineEndpoint from,
            TensorFlowEndpoint to,
            WireFormats formats) {
        super(context);
        this.formats = formats;
        this.from = from;
        this.to = to;
    }

    /**
     * {@return the pipeline of a model, to be added to the context's routes}
     *
     * @param context the Camel context of the model's routes
     * @param model a model of the context's {@code tensorflow} component
     * @throws Exception what Camel says if an endpoint can't be created
     */
    public static PredictRoute of(CamelContext context, String model) throws Exception {
        return of(context, model, new WireFormats());
    }

    static PredictRoute of(CamelContext context, String model, WireFormats formats)
            throws Exception {
        TensorFlowComponent component =
                context.getComponent("tensorflow", TensorFlowComponent.class);
        TensorFlowEndpoint to = component.endpoint(model, Map.of());
        // The request says which signature it wants.
        to.setSignatureRequired(false);
        return new PredictRoute(
                context, PipelineComponent.of(context).endpoint(model), to, formats);
    }

    @Override
    public void configure() {
        from.setConsumes(formats.mediaTypes());
        from.setProduces(formats.mediaTypes());
        from(from)
                // It would read a body that is a stream into memory.
                .streamCache(false)
                .routeId("bactrian.predict." + UriNames.encode(to.getModel()))
                .process(this::read)
                .to(to)
                .process(this::write);
    }

    private void read(Exchange exchange) throws IOException {
        Message message = exchange.getMessage();
        String contentType = message.getHeader(Exchange.CONTENT_TYPE, String.class);
        WireFormat format =
                formats.of(contentType == null ? null : MediaType.of(contentType).name());
        Model model = to.load();
        PredictRequest request =
                format.read(
                        exchange,
                        message.getBody(),
                        signature -> model.signature(signature).inputs());
        if (request.signatureName() != null) {
            message.setHeader(TensorFlowConstants.SIGNATURE_NAME, request.signatureName());
        }
    }

    private void write(Exchange exchange) {
        Message message = exchange.getMessage();
        WireFormat format = formats.of(message.getHeader(PipelineConstants.ACCEPT, String.class));
        message.setBody(format.write(exchange, ExchangeTensors.getBody(exchange)));
        message.setHeader(Exchange.CONTENT_TYPE, format.mediaType());
    }
}
