package com.example;

import io.bactrian.pipeline.ModelTensor;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.preprocess.Preprocessor;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.spi.Metadata;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.StdArrays;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TType;

/** Makes float32 [1, 3] of {"url": "…"}: its length, its digits and its dots. */
public final class UrlPreprocessor extends Preprocessor {

    private static final Shape SHAPE = Shape.of(1, 3);

    @Metadata(description = "The body's field that holds the URL")
    private String field = "url";

    public String getField() {
        return field;
    }

    public void setField(String field) {
        this.field = field;
    }

    // At start: what the model takes is known.
    @Override
    protected void configure(List<ModelTensor> inputs) {
        for (ModelTensor input : inputs) {
            if (input.dataType() != DType.FLOAT32.dataType() || !input.spec().accepts(SHAPE)) {
                throw new PipelineFaultException("makes float32 [1, 3], but " + input);
            }
        }
    }

    // For each request: the tensor is freed when the request is done.
    @Override
    protected TType tensor(Exchange exchange) {
        Object value = field(exchange.getMessage().getBody(), field, "\"http://…\"");
        if (!(value instanceof String url)) {
            throw new BadInputException("field \"" + field + "\" must be a string");
        }
        float digits = url.chars().filter(Character::isDigit).count();
        float dots = url.chars().filter(c -> c == '.').count();
        return TFloat32.tensorOf(StdArrays.ndCopyOf(new float[][] {{url.length(), digits, dots}}));
    }
}
