package io.bactrian.preprocess;

import static java.util.Objects.requireNonNull;

import io.bactrian.limit.Deadline;
import io.bactrian.limit.DeadlineExceededException;
import io.bactrian.limit.InsufficientMemoryException;
import io.bactrian.limit.OverloadedException;
import io.bactrian.pipeline.BodyText;
import io.bactrian.pipeline.ExchangeDeadline;
import io.bactrian.pipeline.ModelTensor;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.preprocess.audio.AudioEnd;
import io.bactrian.preprocess.audio.AudioFeatures;
import io.bactrian.preprocess.audio.AudioLayout;
import io.bactrian.preprocess.audio.Cepstrum;
import io.bactrian.preprocess.audio.EncodedAudio;
import io.bactrian.preprocess.audio.FrameTransform;
import io.bactrian.preprocess.audio.Framing;
import io.bactrian.preprocess.audio.MelFilters;
import io.bactrian.preprocess.audio.MelSpectrum;
import io.bactrian.preprocess.audio.MixDown;
import io.bactrian.preprocess.audio.Resampler;
import io.bactrian.preprocess.audio.Spectrum;
import io.bactrian.preprocess.audio.Window;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NativeMemory;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Supplier;
import org.apache.camel.Exchange;
import org.apache.camel.spi.Metadata;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TType;

/**
 * The preprocessor of a sound: it makes the tensor that Python makes with {@code
 * tf.audio.decode_wav}, {@code scipy.signal.resample_poly} and {@code tf.signal}.
 *
 * <p>Body in: the bytes of a WAV file, as {@code byte[]}, {@link ByteBuffer}, {@code InputStream}
 * or anything else that Camel converts to bytes. Body out: a tensor of samples or of frames, with
 * the dimensions of the model's input: [samples], [1, samples] or [1, samples, 1], or [frames,
 * columns], [1, frames, columns] or [1, frames, columns, 1].
 */
@Metadata(
        label = "bean",
        description =
                "Decodes a WAV file, mixes its channels, resamples it, and makes a tensor of its"
                        + " samples, of frames of them, of a spectrogram, mel spectrogram, log-mel"
                        + " spectrogram or of MFCCs, as SciPy and tf.signal do.",
        annotations = {"interfaceName=org.apache.camel.Processor"})
public class AudioPreprocessor extends Preprocessor {

    private static final int INT16_FULL_SCALE = 32768;
    private static final int DEFAULT_BANDS = 20;
    private static final int DEFAULT_COEFFICIENTS = 13;
    private static final int MAX_BANDS = 1024;

    @Metadata(
            description =
                    "The samples per second that the model takes; sounds of another rate are"
                            + " resampled as by scipy.signal.resample_poly. Not set: each sound has its"
                            + " own rate, which is wrong for most models")
    private @Nullable Integer sampleRate;

    @Metadata(
            description =
                    "How several channels become one: their MEAN, or the FIRST alone, as by"
                            + " tf.audio.decode_wav with desired_channels=1")
    private MixDown mixDown = MixDown.MEAN;

    @Metadata(
            description =
                    "The value of full amplitude: 1 as tf.audio.decode_wav gives samples, 32768 for"
                            + " unscaled 16-bit ones. Not set: 1, for an integer dtype 32768")
    private @Nullable Double fullScale;

    @Metadata(
            description =
                    "The number of samples, after resampling, that each sound is cut or padded to."
                            + " Not set: as many as the model's input takes, all of the sound if that"
                            + " is open")
    private @Nullable Integer length;

    @Metadata(description = "Where the samples of a longer sound are cut off")
    private AudioEnd cut = AudioEnd.END;

    @Metadata(description = "Where zeros are added to a shorter sound")
    private AudioEnd pad = AudioEnd.END;

    @Metadata(
            description =
                    "What the tensor has: the WAVEFORM, FRAMES of it, a SPECTROGRAM (the magnitude of"
                            + " tf.signal.stft), that in MEL bands, its logarithm (LOG_MEL), or MFCC"
                            + " (tf.signal.mfccs_from_log_mel_spectrograms)")
    private AudioFeatures features = AudioFeatures.WAVEFORM;

    @Metadata(
            description =
                    "The samples of a frame. Not set: as many as the model takes in a row of"
                            + " FRAMES; required by all else but the waveform")
    private @Nullable Integer frameLength;

    @Metadata(
            description =
                    "The samples from the start of a frame to that of the next. Not set: the tensor is"
                            + " a waveform")
    private @Nullable Integer frameStep;

    @Metadata(
            description =
                    "The samples of a frame with the zeros after them that are transformed. Not set:"
                            + " the least power of two that holds a frame")
    private @Nullable Integer fftLength;

    @Metadata(
            description =
                    "Whether there is a frame at every step, filled with zeros at the sound's end;"
                            + " false for whole frames only")
    private boolean padEnd;

    @Metadata(description = "The window of tf.signal that frames are multiplied by")
    private Window window = Window.HANN;

    @Metadata(description = "The power of the magnitudes: 1, or 2 for a power spectrogram")
    private int power = 1;

    @Metadata(
            description =
                    "The number of mel bands. Not set: as many as the model's input takes, 20 if that"
                            + " is open or takes MFCCs")
    private @Nullable Integer bands;

    @Metadata(description = "The frequency at which the lowest mel band starts, in hertz")
    private double lowerHertz = 125;

    @Metadata(description = "The frequency at which the highest mel band ends, in hertz")
    private double upperHertz = 3800;

    @Metadata(description = "What is added to a mel band before the logarithm")
    private double logOffset = 1e-6;

    @Metadata(
            description =
                    "How many of the first MFCCs. Not set: as many as the model's input takes, 13 if"
                            + " that is open")
    private @Nullable Integer coefficients;

    @Metadata(
            description =
                    "The tensor's dtype: float32 or float64, for a waveform or its frames int32 or"
                            + " int64 too. Not set: the model input's, float32 if no model is known")
    private @Nullable DType dtype;

    @Metadata(description = "The longest sound that is decoded, in seconds by the file's header")
    private int maxSeconds = 600;

    private volatile @Nullable Plan plan;

    /**
     * What the properties and the signatures come to.
     *
     * @param length the samples of every sound, or null for those that it has
     * @param framing the frames, or null for a waveform
     * @param transform a maker of transforms, one for each request
     * @param transformBytes the memory of a transform
     * @param columns how many numbers become of a frame
     */
    private record Plan(
            DType dtype,
            double fullScale,
            AudioLayout layout,
            @Nullable Integer length,
            @Nullable Framing framing,
            Supplier<FrameTransform> transform,
            long transformBytes,
            int columns) {

        long rows(long samples) {
            return framing == null ? samples : framing.frames(samples);
        }

        Shape shape(long samples) {
            return layout.shape(rows(samples), columns);
        }
    }

    /** {@return the samples per second that the model takes; null for each sound's own} */
    public @Nullable Integer getSampleRate() {
        return sampleRate;
    }

    /**
     * Sets the samples per second that the model takes.
     *
     * @param sampleRate null for each sound's own, as by default
     * @throws PipelineFaultException if it is out of range
     */
    public void setSampleRate(@Nullable Integer sampleRate) {
        check("sampleRate", sampleRate, EncodedAudio.MIN_SAMPLE_RATE, EncodedAudio.MAX_SAMPLE_RATE);
        this.sampleRate = sampleRate;
    }

    /** {@return how several channels become one} */
    public MixDown getMixDown() {
        return mixDown;
    }

    /**
     * Sets how several channels become one.
     *
     * @param mixDown their mean by default
     */
    public void setMixDown(MixDown mixDown) {
        this.mixDown = mixDown;
    }

    /** {@return the value of full amplitude; null for 1, or 32768 for an integer dtype} */
    public @Nullable Double getFullScale() {
        return fullScale;
    }

    /**
     * Sets the value of full amplitude.
     *
     * @param fullScale null for 1, as by default, or 32768 for an integer dtype
     * @throws PipelineFaultException if it is out of range
     */
    public void setFullScale(@Nullable Double fullScale) {
        checkPositive("fullScale", fullScale);
        this.fullScale = fullScale;
    }

    /**
     * {@return the number of samples that each sound is cut or padded to; null for as many as the
     * model takes}
     */
    public @Nullable Integer getLength() {
        return length;
    }

    /**
     * Sets the number of samples that each sound is cut or padded to.
     *
     * @param length null for as many as the model takes, as by default
     * @throws PipelineFaultException if it is out of range
     */
    public void setLength(@Nullable Integer length) {
        check("length", length, 1, Integer.MAX_VALUE);
        this.length = length;
    }

    /** {@return where the samples of a longer sound are cut off} */
    public AudioEnd getCut() {
        return cut;
    }

    /**
     * Sets where the samples of a longer sound are cut off.
     *
     * @param cut at its end by default
     */
    public void setCut(AudioEnd cut) {
        this.cut = cut;
    }

    /** {@return where zeros are added to a shorter sound} */
    public AudioEnd getPad() {
        return pad;
    }

    /**
     * Sets where zeros are added to a shorter sound.
     *
     * @param pad at its end by default
     */
    public void setPad(AudioEnd pad) {
        this.pad = pad;
    }

    /** {@return what the tensor has} */
    public AudioFeatures getFeatures() {
        return features;
    }

    /**
     * Sets what the tensor has.
     *
     * @param features the waveform by default
     */
    public void setFeatures(AudioFeatures features) {
        this.features = features;
    }

    /** {@return the samples of a frame; null for a waveform or for as many as the model takes} */
    public @Nullable Integer getFrameLength() {
        return frameLength;
    }

    /**
     * Sets the samples of a frame.
     *
     * @param frameLength null, as by default, for a waveform or for as many as the model takes
     * @throws PipelineFaultException if it is out of range
     */
    public void setFrameLength(@Nullable Integer frameLength) {
        check("frameLength", frameLength, 1, Spectrum.MAX_FFT_LENGTH);
        this.frameLength = frameLength;
    }

    /** {@return the samples from the start of a frame to that of the next; null for a waveform} */
    public @Nullable Integer getFrameStep() {
        return frameStep;
    }

    /**
     * Sets the samples from the start of a frame to that of the next.
     *
     * @param frameStep null, as by default, for a waveform
     * @throws PipelineFaultException if it is out of range
     */
    public void setFrameStep(@Nullable Integer frameStep) {
        check("frameStep", frameStep, 1, Integer.MAX_VALUE);
        this.frameStep = frameStep;
    }

    /** {@return the length of the transform; null for the least power of two that holds a frame} */
    public @Nullable Integer getFftLength() {
        return fftLength;
    }

    /**
     * Sets the length of the transform.
     *
     * @param fftLength null, as by default, for the least power of two that holds a frame
     * @throws PipelineFaultException if it is out of range
     */
    public void setFftLength(@Nullable Integer fftLength) {
        check("fftLength", fftLength, 1, Spectrum.MAX_FFT_LENGTH);
        this.fftLength = fftLength;
    }

    /** {@return whether there is a frame at every step, filled with zeros} */
    public boolean isPadEnd() {
        return padEnd;
    }

    /**
     * Sets whether there is a frame at every step, filled with zeros.
     *
     * @param padEnd false by default
     */
    public void setPadEnd(boolean padEnd) {
        this.padEnd = padEnd;
    }

    /** {@return the window that frames are multiplied by} */
    public Window getWindow() {
        return window;
    }

    /**
     * Sets the window that frames are multiplied by.
     *
     * @param window a Hann window by default
     */
    public void setWindow(Window window) {
        this.window = window;
    }

    /** {@return the power of the magnitudes, 1 or 2} */
    public int getPower() {
        return power;
    }

    /**
     * Sets the power of the magnitudes, 1 or 2.
     *
     * @param power 1 by default
     * @throws PipelineFaultException if it is out of range
     */
    public void setPower(int power) {
        check("power", power, 1, 2);
        this.power = power;
    }

    /** {@return the number of mel bands; null for as many as the model takes} */
    public @Nullable Integer getBands() {
        return bands;
    }

    /**
     * Sets the number of mel bands.
     *
     * @param bands null for as many as the model takes, as by default
     * @throws PipelineFaultException if it is out of range
     */
    public void setBands(@Nullable Integer bands) {
        check("bands", bands, 1, MAX_BANDS);
        this.bands = bands;
    }

    /** {@return the frequency at which the lowest mel band starts} */
    public double getLowerHertz() {
        return lowerHertz;
    }

    /**
     * Sets the frequency at which the lowest mel band starts.
     *
     * @param lowerHertz 125 hertz by default
     */
    public void setLowerHertz(double lowerHertz) {
        this.lowerHertz = lowerHertz;
    }

    /** {@return the frequency at which the highest mel band ends} */
    public double getUpperHertz() {
        return upperHertz;
    }

    /**
     * Sets the frequency at which the highest mel band ends.
     *
     * @param upperHertz 3800 hertz by default
     */
    public void setUpperHertz(double upperHertz) {
        this.upperHertz = upperHertz;
    }

    /** {@return what is added to a mel band before the logarithm} */
    public double getLogOffset() {
        return logOffset;
    }

    /**
     * Sets what is added to a mel band before the logarithm.
     *
     * @param logOffset 1e-6 by default
     * @throws PipelineFaultException if it is out of range
     */
    public void setLogOffset(double logOffset) {
        checkPositive("logOffset", logOffset);
        this.logOffset = logOffset;
    }

    /** {@return how many of the first MFCCs; null for as many as the model takes} */
    public @Nullable Integer getCoefficients() {
        return coefficients;
    }

    /**
     * Sets how many of the first MFCCs.
     *
     * @param coefficients null for as many as the model takes, as by default
     * @throws PipelineFaultException if it is out of range
     */
    public void setCoefficients(@Nullable Integer coefficients) {
        check("coefficients", coefficients, 1, MAX_BANDS);
        this.coefficients = coefficients;
    }

    /** {@return the tensor's dtype; null for the model input's} */
    public @Nullable DType getDtype() {
        return dtype;
    }

    /**
     * Sets the tensor's dtype.
     *
     * @param dtype null for the model input's, as by default
     */
    public void setDtype(@Nullable DType dtype) {
        this.dtype = dtype;
    }

    /** {@return the longest sound that is decoded, in seconds} */
    public int getMaxSeconds() {
        return maxSeconds;
    }

    /**
     * Sets the longest sound that is decoded, in seconds.
     *
     * @param maxSeconds 600 by default
     * @throws PipelineFaultException if it is out of range
     */
    public void setMaxSeconds(int maxSeconds) {
        check("maxSeconds", maxSeconds, 1, 86_400);
        this.maxSeconds = maxSeconds;
    }

    private static void check(String property, @Nullable Integer value, int least, int most) {
        if (value != null && (value < least || value > most)) {
            throw PipelineFaultException.property(
                    property,
                    most == Integer.MAX_VALUE
                            ? least + " or more"
                            : "from " + least + " to " + most,
                    value);
        }
    }

    private static void checkPositive(String property, @Nullable Double value) {
        if (value != null && !(value > 0 && Double.isFinite(value))) {
            throw PipelineFaultException.property(property, "a positive number", value);
        }
    }

    @Override
    protected void configure(List<ModelTensor> inputs) {
        boolean framed = features.hasFrames();
        AudioLayout layout = layout(inputs, framed);
        DType type =
                dtype(
                        dtype,
                        inputs,
                        features == AudioFeatures.WAVEFORM || features == AudioFeatures.FRAMES
                                ? AudioPreprocessor::isSample
                                : AudioPreprocessor::isFloat,
                        DType.FLOAT32);
        checkDtype(type);
        double scale =
                fullScale != null ? fullScale : isFloat(type) ? 1 : (double) INT16_FULL_SCALE;
        if (!framed) {
            plan =
                    new Plan(
                            type,
                            scale,
                            layout,
                            length(inputs, layout, null),
                            null,
                            () -> FrameTransform.samples(1),
                            0,
                            1);
            return;
        }
        PropertyValue<Integer> frame = frameLength(inputs, layout);
        Framing framing = new Framing(frame.value(), required("frameStep", frameStep), padEnd);
        int transformed = fftLength(frame.value());
        Supplier<FrameTransform> transform = transform(inputs, layout, frame, transformed);
        Plan made =
                new Plan(
                        type,
                        scale,
                        layout,
                        length(inputs, layout, framing),
                        framing,
                        transform,
                        features == AudioFeatures.FRAMES ? 0 : Spectrum.bytes(transformed),
                        transform.get().columns());
        if (made.length() != null && framing.frames(made.length()) == 0) {
            throw new PipelineFaultException(
                    "length is " + made.length() + ", less than frameLength, " + frame.value());
        }
        plan = made;
    }

    private static boolean isFloat(DType type) {
        return type == DType.FLOAT32 || type == DType.FLOAT64;
    }

    private static boolean isSample(DType type) {
        return isFloat(type) || type == DType.INT32 || type == DType.INT64;
    }

    private void checkDtype(DType type) {
        boolean samples = features == AudioFeatures.WAVEFORM || features == AudioFeatures.FRAMES;
        if (!(samples ? isSample(type) : isFloat(type))) {
            throw PipelineFaultException.property(
                    "dtype",
                    samples ? "float32, float64, int32 or int64" : "float32 or float64",
                    type);
        }
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
                                        ? "makes [frames, columns], [1, frames, columns] or [1,"
                                                + " frames, columns, 1]"
                                        : "makes [samples], [1, samples] or [1, samples, 1]")
                                + ", but "
                                + input);
            }
            found = layout;
        }
        return found == null ? AudioLayout.ofDefault(framed) : found;
    }

    private static @Nullable Integer fixed(ModelTensor input, AudioLayout layout, boolean row) {
        Shape shape = input.shape();
        if (shape.isUnknown()) {
            return null;
        }
        long size = row ? layout.rows(shape) : layout.columns(shape);
        return size == Shape.UNKNOWN_SIZE ? null : (Integer) Math.toIntExact(size);
    }

    /** {@return a property that is the size of a row, which each input must take} */
    private static PropertyValue<Integer> columns(
            String property,
            @Nullable Integer set,
            List<ModelTensor> inputs,
            AudioLayout layout,
            int defaultValue) {
        PropertyValue<Integer> value =
                PropertyValue.of(
                        property, set, inputs, input -> fixed(input, layout, false), defaultValue);
        for (ModelTensor input : inputs) {
            if (!value.fits(fixed(input, layout, false))) {
                throw PropertyValue.contradiction(List.of(value), input);
            }
        }
        return value;
    }

    private PropertyValue<Integer> frameLength(List<ModelTensor> inputs, AudioLayout layout) {
        PropertyValue<Integer> frame =
                features == AudioFeatures.FRAMES
                        ? columns("frameLength", frameLength, inputs, layout, 0)
                        : new PropertyValue<>(
                                "frameLength", required("frameLength", frameLength), null);
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
        int least = Integer.highestOneBit(2 * frame - 1);
        int transformed = fftLength == null ? least : fftLength;
        if (transformed < frame || transformed > Spectrum.MAX_FFT_LENGTH) {
            throw PipelineFaultException.property(
                    "fftLength",
                    "from frameLength, " + frame + ", to " + Spectrum.MAX_FFT_LENGTH,
                    transformed);
        }
        return transformed;
    }

    private Supplier<FrameTransform> transform(
            List<ModelTensor> inputs,
            AudioLayout layout,
            PropertyValue<Integer> frame,
            int transformed) {
        if (features == AudioFeatures.FRAMES) {
            return () -> FrameTransform.samples(frame.value());
        }
        Window shape = window;
        boolean squared = power == 2;
        Supplier<Spectrum> spectrum =
                () -> new Spectrum(frame.value(), transformed, shape, squared);
        int frequencies = Spectrum.columns(transformed);
        if (!features.hasBands()) {
            columns("the number of frequencies", frequencies, inputs, layout, frequencies);
            return spectrum::get;
        }
        MelFilters filters = filters(inputs, layout, frequencies);
        if (features == AudioFeatures.MEL) {
            return () -> new MelSpectrum(spectrum.get(), filters, null);
        }
        double offset = logOffset;
        Supplier<MelSpectrum> logMel = () -> new MelSpectrum(spectrum.get(), filters, offset);
        if (features == AudioFeatures.LOG_MEL) {
            return logMel::get;
        }
        PropertyValue<Integer> kept =
                columns("coefficients", coefficients, inputs, layout, DEFAULT_COEFFICIENTS);
        if (kept.value() < 1 || kept.value() > filters.bands()) {
            throw kept.wrong("from 1 to bands, " + filters.bands());
        }
        return () -> new Cepstrum(logMel.get(), kept.value());
    }

    private MelFilters filters(List<ModelTensor> inputs, AudioLayout layout, int frequencies) {
        int rate = required("sampleRate", sampleRate);
        PropertyValue<Integer> number =
                features == AudioFeatures.MFCC
                        ? new PropertyValue<>("bands", bands == null ? DEFAULT_BANDS : bands, null)
                        : columns("bands", bands, inputs, layout, DEFAULT_BANDS);
        if (number.value() < 1 || number.value() > MAX_BANDS) {
            throw number.wrong("from 1 to " + MAX_BANDS);
        }
        if (!(lowerHertz >= 0 && lowerHertz < upperHertz)) {
            throw PipelineFaultException.property(
                    "lowerHertz", "at least 0 and below upperHertz, " + upperHertz, lowerHertz);
        }
        if (upperHertz > rate / 2.0) {
            throw PipelineFaultException.property(
                    "upperHertz", "at most half of sampleRate, " + rate / 2.0, upperHertz);
        }
        return new MelFilters(number.value(), frequencies, rate, lowerHertz, upperHertz);
    }

    /** {@return the samples of every sound, if they are set or a model fixes them} */
    private @Nullable Integer length(
            List<ModelTensor> inputs, AudioLayout layout, @Nullable Framing framing) {
        PropertyValue<Integer> value =
                PropertyValue.of(
                        "length",
                        length,
                        inputs,
                        input -> {
                            Integer rows = fixed(input, layout, true);
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
                    .fits(fixed(input, layout, true))) {
                throw new PipelineFaultException(
                        value
                                + (framing == null ? "" : ", which makes " + rows + " frames")
                                + ", but "
                                + input);
            }
        }
        return value.value();
    }

    @Override
    public Shape fixedShape() {
        Plan current = requireNonNull(plan);
        return current.length() == null ? Shape.unknown() : current.shape(current.length());
    }

    /**
     * {@inheritDoc} What decoding takes by the file's header is reserved first.
     *
     * @throws BadInputException if the body is no sound that can be decoded, or too long or short
     * @throws DeadlineExceededException if the exchange's deadline passed
     * @throws OverloadedException if other requests hold too much of the memory now
     * @throws InsufficientMemoryException if the sound takes more memory than there is
     */
    @Override
    protected TType tensor(Exchange exchange) {
        Plan current = requireNonNull(plan);
        Deadline deadline = ExchangeDeadline.of(exchange);
        EncodedAudio audio =
                EncodedAudio.open(BodyText.bytes(exchange, exchange.getMessage().getBody()));
        if (audio.length() > (long) maxSeconds * audio.sampleRate()) {
            throw new BadInputException(
                    "the audio has "
                            + (double) audio.length() / audio.sampleRate()
                            + " seconds: "
                            + maxSeconds
                            + " is the limit");
        }
        int rate = sampleRate == null ? audio.sampleRate() : sampleRate;
        Resampler resampler = new Resampler(audio.sampleRate(), rate);
        long made = resampler.length(audio.length());
        long samples = current.length() == null ? made : current.length();
        Shape shape = shape(current, samples);
        long tensorBytes = shape.size() * current.dtype().byteSize();
        long work =
                audio.decodingBytes()
                        + resampler.workBytes(audio.length())
                        + (current.length() == null ? 0 : samples * Float.BYTES)
                        + current.transformBytes();
        return reserving(
                exchange,
                "decoding the audio",
                work + tensorBytes,
                () -> {
                    float[] wave = resampler.resample(audio.mono(mixDown, deadline), deadline);
                    if (current.length() != null) {
                        wave = AudioEnd.fit(wave, current.length(), cut, pad);
                    }
                    return tensor(wave, current, shape, deadline);
                });
    }

    private static Shape shape(Plan current, long samples) {
        if (current.rows(samples) == 0) {
            throw new BadInputException(
                    "the audio has "
                            + samples
                            + " samples: a frame takes "
                            + requireNonNull(current.framing()).length());
        }
        Shape shape = current.shape(samples);
        if (samples > Integer.MAX_VALUE
                || shape.size() * current.dtype().byteSize() > Integer.MAX_VALUE) {
            throw new BadInputException("the audio makes a tensor of more than 2 GiB, the limit");
        }
        return shape;
    }

    private static TType tensor(float[] wave, Plan current, Shape shape, Deadline deadline) {
        TType tensor = current.dtype().allocate(shape);
        try {
            ByteBuffer memory = NativeMemory.of(tensor);
            Framing framing = current.framing();
            if (framing == null) {
                for (float sample : wave) {
                    put(memory, current, sample * current.fullScale());
                }
                return tensor;
            }
            FrameTransform transform = current.transform().get();
            double[] frame = new double[framing.length()];
            double[] row = new double[current.columns()];
            long frames = current.rows(wave.length);
            for (int i = 0; i < frames; i++) {
                if (deadline.isPassed()) {
                    throw new DeadlineExceededException(
                            "deadline exceeded while transforming the audio");
                }
                framing.copy(wave, i, frame, current.fullScale());
                transform.apply(frame, row);
                for (int column = 0; column < current.columns(); column++) {
                    put(memory, current, row[column]);
                }
            }
            return tensor;
        } catch (RuntimeException | Error e) {
            tensor.close();
            throw e;
        }
    }

    private static void put(ByteBuffer memory, Plan current, double value) {
        switch (current.dtype()) {
            case FLOAT32 -> memory.putFloat((float) value);
            case FLOAT64 -> memory.putDouble(value);
            case INT32 -> memory.putInt((int) integer(value, current.fullScale()));
            default -> memory.putLong((long) integer(value, current.fullScale()));
        }
    }

    /** {@return the nearest integer, ties to even, that the format of samples has} */
    private static double integer(double value, double fullScale) {
        return Math.max(-fullScale, Math.min(Math.rint(value), fullScale - 1));
    }
}
