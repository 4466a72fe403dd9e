package io.bactrian.postprocess;

import io.bactrian.pipeline.EnumConverters;
import io.bactrian.postprocess.image.ImageType;
import io.bactrian.postprocess.image.PixelRounding;
import io.bactrian.postprocess.mask.MaskEncoding;
import io.bactrian.postprocess.mask.MaskImage;
import io.bactrian.postprocess.mask.MaskSize;
import java.util.List;
import org.apache.camel.spi.TypeConverterLoader;
import org.apache.camel.spi.TypeConverterRegistry;

/** The type converters of the enums that postprocessors have as properties. */
public final class PropertyConverters implements TypeConverterLoader {

    private static final List<Class<? extends Enum<?>>> ENUMS =
            List.of(
                    Activation.class,
                    AnswerCoordinates.class,
                    BoxCoordinates.class,
                    BoxForm.class,
                    CtcPostprocessor.Blank.class,
                    ImageType.class,
                    LabelOrder.class,
                    MaskEncoding.class,
                    MaskImage.class,
                    MaskSize.class,
                    PixelRounding.class,
                    PoolingPostprocessor.Pooling.class,
                    ReconstructionErrorPostprocessor.Metric.class,
                    Suppression.class,
                    TokenTagsPostprocessor.Answer.class,
                    YoloDecoding.class);

    @Override
    public void load(TypeConverterRegistry registry) {
        EnumConverters.add(registry, ENUMS);
    }
}
