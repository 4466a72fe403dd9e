package io.bactrian.preprocess;

import io.bactrian.pipeline.ModelTensor;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.preprocess.audio.AudioFeatures;
import io.bactrian.preprocess.audio.AudioLayout;
import io.bactrian.preprocess.audio.AudioPlan;
import io.bactrian.preprocess.audio.Cepstrum;
import io.bactrian.preprocess.audio.FrameRows;
import io.bactrian.preprocess.audio.FrameTransform;
import io.bactrian.preprocess.audio.Framing;
import io.bactrian.preprocess.audio.MelFilters;
import io.bactrian.preprocess.audio.MelSpectrum;
import io.bactrian.preprocess.audio.Sampling;
import io.bactrian.preprocess.audio.Spectrum;
import io.bactrian.preprocess.audio.Window;
import io.bactrian.tensor.DType;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;

/** What an {@link AudioPreprocessor}'s properties and the models' inputs come to. */
final class AudioBinding {

    private static final int INT16_FULL_SCALE = 32768;
    private static final int DEFAULT_BANDS = 20;
    private static final int DEFAULT_COEFFICIENTS = 13;

    private final AudioPreprocessor properties;
    private final List<ModelTensor> inputs;
    private final AudioFeatures features;
    private final AudioLayout layout;

    /**
     * @throws PipelineFaultException if an input takes no sound
     */
    AudioBinding(AudioPreprocessor properties, List<ModelTensor> inputs) {
        this.properties = properties;
        this.inputs = inputs;
        this.features = properties.getFeatures();
        this.layout = layout(inputs, features.hasFrames());
    }

    private static AudioLayout layout(List<ModelTensor> inputs, boolean framed) {
        AudioLayout found = null;
        for (ModelTensor input : inputs) {
            if (input.shape().isUnknown()) {
                continue;
            }
            AudioLayout layout = AudioLayout.of(input.shape(), framed);
            if (layout == null || (found != null && !layout.equals(found))) {
                throw new PipelineFaultException(
                        (framed
                                        ? "makes [frames, columns], [sounds, frames, columns] or"
                                                + " [sounds, frames, columns, 1]"
                                        : "makes [samples], [sounds, samples] or [sounds,"
                                                + " samples, 1]")
                                + ", but "
                                + input);
            }
            found = layout;
        }
        return found == null ? AudioLayout.ofDefault(framed) : found;
    }

    /**
     * {@return the plan}
     *
     * @throws PipelineFaultException naming the property that is wrong, and its value; or if the
     *     tensor can't be what an input takes
     */
    AudioPlan plan() {
        DType dtype = dtype();
        Double set = properties.getFullScale();
        double fullScale = set != null ? set : isFloat(dtype) ? 1 : (double) INT16_FULL_SCALE;
        FrameRows rows = features.hasFrames() ? frameRows() : FrameRows.samples();
        Integer length = length(rows.framing());
        if (length != null && rows.rows(length) == 0) {
            throw new PipelineFaultException(
                    "length is " + length + ", less than frameLength, " + frameLength().value());
        }
        Sampling sampling =
                new Sampling(
                        properties.getSampleRate(),
                        properties.getMixDown(),
                        length,
                        properties.getCut(),
                        properties.getPad());
        return new AudioPlan(sampling, rows, dtype, fullScale, layout);
    }

    private DType dtype() {
        boolean samples = features == AudioFeatures.WAVEFORM || features == AudioFeatures.FRAMES;
        DType dtype =
                Preprocessor.dtype(
                        properties.getDtype(),
                        inputs,
                        samples ? AudioBinding::isSample : AudioBinding::isFloat,
                        DType.FLOAT32);
        if (!(samples ? isSample(dtype) : isFloat(dtype))) {
            throw PipelineFaultException.property(
                    "dtype",
                    samples ? "float32, float64, int32 or int64" : "float32 or float64",
                    dtype);
        }
        return dtype;
    }

    private static boolean isFloat(DType type) {
        return type == DType.FLOAT32 || type == DType.FLOAT64;
    }

    private static boolean isSample(DType type) {
        return isFloat(type) || type == DType.INT32 || type == DType.INT64;
    }

    private @Nullable Integer fixed(ModelTensor input, boolean row) {
        Shape shape = input.shape();
        if (shape.isUnknown()) {
            return null;
        }
        long size = row ? layout.rows(shape) : layout.columns(shape);
        return size == Shape.UNKNOWN_SIZE ? null : (Integer) Math.toIntExact(size);
    }

    /** {@return a property that is the size of a row, which each input must take} */
    private PropertyValue<Integer> columns(
            String property, @Nullable Integer set, int defaultValue) {
        PropertyValue<Integer> value =
                PropertyValue.of(property, set, inputs, input -> fixed(input, false), defaultValue);
        for (ModelTensor input : inputs) {
            if (!value.fits(fixed(input, false))) {
                throw PropertyValue.contradiction(List.of(value), input);
            }
        }
        return value;
    }

    private FrameRows frameRows() {
        PropertyValue<Integer> frame = frameLength();
        Framing framing =
                new Framing(
                        frame.value(),
                        required("frameStep", properties.getFrameStep()),
                        properties.isPadEnd());
        if (features == AudioFeatures.FRAMES) {
            int length = frame.value();
            return new FrameRows(framing, () -> FrameTransform.samples(length), 0, length);
        }
        int transformed = fftLength(frame.value());
        Supplier<FrameTransform> transform = transform(frame.value(), transformed);
        return new FrameRows(
                framing, transform, Spectrum.bytes(transformed), transform.get().columns());
    }

    private PropertyValue<Integer> frameLength() {
        Integer set = properties.getFrameLength();
        PropertyValue<Integer> frame =
                features == AudioFeatures.FRAMES
                        ? columns("frameLength", set, 0)
                        : new PropertyValue<>("frameLength", required("frameLength", set), null);
        if (frame.value() < 1 || frame.value() > Spectrum.MAX_FFT_LENGTH) {
            throw frame.wrong("set, from 1 to " + Spectrum.MAX_FFT_LENGTH);
        }
        return frame;
    }

    private int required(String property, @Nullable Integer value) {
        if (value == null) {
            throw new PipelineFaultException(features + " needs " + property + ": set it");
        }
        return value;
    }

    private int fftLength(int frame) {
        Integer set = properties.getFftLength();
        int transformed = set == null ? Integer.highestOneBit(2 * frame - 1) : set;
        if (transformed < frame || transformed > Spectrum.MAX_FFT_LENGTH) {
            throw PipelineFaultException.property(
                    "fftLength",
                    "from frameLength, " + frame + ", to " + Spectrum.MAX_FFT_LENGTH,
                    transformed);
        }
        return transformed;
    }

    private Supplier<FrameTransform> transform(int frame, int transformed) {
        Window window = properties.getWindow();
        boolean squared = properties.getPower() == 2;
        Supplier<Spectrum> spectrum = () -> new Spectrum(frame, transformed, window, squared);
        int frequencies = Spectrum.columns(transformed);
        if (!features.hasBands()) {
            columns("the number of frequencies", frequencies, frequencies);
            return spectrum::get;
        }
        MelFilters filters = filters(frequencies);
        if (features == AudioFeatures.MEL) {
            return () -> new MelSpectrum(spectrum.get(), filters, null);
        }
        double offset = properties.getLogOffset();
        Supplier<MelSpectrum> logMel = () -> new MelSpectrum(spectrum.get(), filters, offset);
        if (features == AudioFeatures.LOG_MEL) {
            return logMel::get;
        }
        PropertyValue<Integer> kept =
                columns("coefficients", properties.getCoefficients(), DEFAULT_COEFFICIENTS);
        if (kept.value() < 1 || kept.value() > filters.bands()) {
            throw kept.wrong("from 1 to bands, " + filters.bands());
        }
        return () -> new Cepstrum(logMel.get(), kept.value());
    }

    private MelFilters filters(int frequencies) {
        int rate = required("sampleRate", properties.getSampleRate());
        Integer set = properties.getBands();
        PropertyValue<Integer> number =
                features == AudioFeatures.MFCC
                        ? new PropertyValue<>("bands", set == null ? DEFAULT_BANDS : set, null)
                        : columns("bands", set, DEFAULT_BANDS);
        if (number.value() < 1 || number.value() > MelFilters.MAX_BANDS) {
            throw number.wrong("from 1 to " + MelFilters.MAX_BANDS);
        }
        double lowest = properties.getLowerHertz();
        double highest = properties.getUpperHertz();
        if (!(lowest >= 0 && lowest < highest)) {
            throw PipelineFaultException.property(
                    "lowerHertz", "at least 0 and below upperHertz, " + highest, lowest);
        }
        if (highest > rate / 2.0) {
            throw PipelineFaultException.property(
                    "upperHertz", "at most half of sampleRate, " + rate / 2.0, highest);
        }
        return new MelFilters(number.value(), frequencies, rate, lowest, highest);
    }

    /** {@return the samples of every sound, if they are set or a model fixes them} */
    private @Nullable Integer length(@Nullable Framing framing) {
        PropertyValue<Integer> value =
                PropertyValue.of(
                        "length",
                        properties.getLength(),
                        inputs,
                        input -> {
                            Integer rows = fixed(input, true);
                            return rows == null || framing == null
                                    ? rows
                                    : (Integer) Math.toIntExact(framing.samples(rows));
                        },
                        0);
        if (value.value() == 0) {
            return null;
        }
        for (ModelTensor input : inputs) {
            long rows = framing == null ? value.value() : framing.frames(value.value());
            if (!new PropertyValue<>("rows", Math.toIntExact(rows), null)
                    .fits(fixed(input, true))) {
                throw new PipelineFaultException(
                        value
                                + (framing == null ? "" : ", which makes " + rows + " frames")
                                + ", but "
                                + input);
            }
        }
        return value.value();
    }
}
