package io.bactrian.container;

import io.bactrian.container.http.HttpAnswers;
import io.bactrian.format.Dialect;
import io.bactrian.format.NpyReader;
import io.bactrian.format.NpyWriter;
import io.bactrian.format.PredictFormat;
import io.bactrian.format.PredictRequest;
import io.bactrian.format.PredictRequestReader;
import io.bactrian.format.PredictResponseWriter;
import io.bactrian.model.LoadedModel;
import io.bactrian.pipeline.BodyText;
import io.bactrian.pipeline.ExchangeTensors;
import io.bactrian.pipeline.MediaType;
import io.bactrian.pipeline.NotAcceptableException;
import io.bactrian.pipeline.PipelineConstants;
import io.bactrian.pipeline.PipelineEndpoint;
import io.bactrian.pipeline.UriNames;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensorflow.TensorFlowConstants;
import io.bactrian.tensorflow.TensorFlowEndpoint;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.builder.RouteBuilder;

/**
 * The pipeline of a model for which the user has written none: TensorFlow Serving's predict
 * requests in JSON, in row or column form, and their answers; or, for a model of one input or one
 * output, an array of numpy's as it is.
 */
public final class PredictRoute extends RouteBuilder {

    private static final String NPY = "application/x-npy";
    private static final String FORM = "CamelPredictForm";

    private final LoadedModel model;
    private final PipelineEndpoint from;
    private final TensorFlowEndpoint to;

    public PredictRoute(LoadedModel model, PipelineEndpoint from, TensorFlowEndpoint to) {
        this.model = model;
        this.from = from;
        this.to = to;
    }

    @Override
    public void configure() {
        String types = HttpAnswers.JSON + "," + NPY;
        from.setConsumes(types);
        from.setProduces(types);
        // The request says which signature it wants.
        to.setSignatureRequired(false);
        from(from)
                .routeId("bactrian.predict." + UriNames.encode(model.name()))
                .process(this::read)
                .to(to)
                .process(PredictRoute::write);
    }

    private void read(Exchange exchange) {
        Message message = exchange.getMessage();
        String contentType =
                message.getHeader(Exchange.CONTENT_TYPE, HttpAnswers.JSON, String.class);
        if (MediaType.of(contentType).name().equals(NPY)) {
            ExchangeTensors.setBody(
                    exchange,
                    NamedTensors.of(
                            NamedTensors.UNNAMED, NpyReader.read(message.getBody(byte[].class))));
            exchange.setProperty(FORM, PredictFormat.ROW);
            return;
        }
        PredictRequest request =
                PredictRequestReader.read(
                        BodyText.utf8(exchange, message.getBody()),
                        Dialect.BACTRIAN,
                        signature -> model.signature(signature).inputs());
        ExchangeTensors.setBody(exchange, request.inputs());
        exchange.setProperty(FORM, request.form());
        message.setHeader(TensorFlowConstants.SIGNATURE_NAME, request.signatureName());
    }

    private static void write(Exchange exchange) {
        Message message = exchange.getMessage();
        String type = message.getHeader(PipelineConstants.ACCEPT, HttpAnswers.JSON, String.class);
        try (NamedTensors.Reference outputs = ExchangeTensors.read(exchange)) {
            if (type.equals(NPY)) {
                message.setBody(npy(outputs));
            } else {
                PredictFormat form = exchange.getProperty(FORM, PredictFormat.class);
                message.setBody(PredictResponseWriter.write(outputs.asMap(), form));
            }
        }
        message.setHeader(Exchange.CONTENT_TYPE, type);
    }

    private static byte[] npy(NamedTensors.Reference outputs) {
        if (outputs.size() != 1) {
            throw noNpy("several outputs, " + outputs.names());
        }
        try {
            return NpyWriter.write(outputs.select(null));
        } catch (IllegalArgumentException e) {
            throw noNpy(e.getMessage());
        }
    }

    private static NotAcceptableException noNpy(String reason) {
        return new NotAcceptableException(
                NPY + " can't hold " + reason + ": accept " + HttpAnswers.JSON);
    }
}
