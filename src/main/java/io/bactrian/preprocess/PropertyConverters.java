package io.bactrian.preprocess;

import io.bactrian.pipeline.EnumConverters;
import io.bactrian.pipeline.ItemErrors;
import io.bactrian.preprocess.audio.AudioEnd;
import io.bactrian.preprocess.audio.AudioFeatures;
import io.bactrian.preprocess.audio.MixDown;
import io.bactrian.preprocess.audio.Window;
import io.bactrian.preprocess.image.ChannelOrder;
import io.bactrian.preprocess.image.ImageFit;
import io.bactrian.preprocess.image.ImageLayout;
import io.bactrian.preprocess.image.ImageLibrary;
import io.bactrian.preprocess.image.KerasMode;
import io.bactrian.preprocess.image.PadPosition;
import io.bactrian.preprocess.image.Resampling;
import io.bactrian.preprocess.image.SizeRounding;
import io.bactrian.preprocess.table.TableFormat;
import io.bactrian.preprocess.table.TableLayout;
import io.bactrian.preprocess.text.TokenizerJson;
import io.bactrian.tensor.DType;
import java.util.List;
import org.apache.camel.spi.TypeConverterLoader;
import org.apache.camel.spi.TypeConverterRegistry;

/** The type converters of the enums that preprocessors have as properties. */
public final class PropertyConverters implements TypeConverterLoader {

    private static final List<Class<? extends Enum<?>>> ENUMS =
            List.of(
                    AudioEnd.class,
                    AudioFeatures.class,
                    CaseFolding.class,
                    ChannelOrder.class,
                    DType.class,
                    ImageFit.class,
                    ImageLayout.class,
                    ImageLibrary.class,
                    ItemErrors.class,
                    KerasMode.class,
                    MixDown.class,
                    PadPosition.class,
                    Resampling.class,
                    SizeRounding.class,
                    TableFormat.class,
                    TableLayout.class,
                    TimeSeriesPreprocessor.InvalidRows.class,
                    TokenizerJson.Side.class,
                    TokenizerJson.Truncation.class,
                    TokenizerPreprocessor.Padding.class,
                    UnicodeForm.class,
                    Window.class,
                    WordIdsPreprocessor.Standardize.class);

    @Override
    public void load(TypeConverterRegistry registry) {
        EnumConverters.add(registry, ENUMS);
    }
}
