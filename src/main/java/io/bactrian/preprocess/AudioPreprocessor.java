package io.bactrian.preprocess;

import static java.util.Objects.requireNonNull;

import io.bactrian.limit.Deadline;
import io.bactrian.limit.DeadlineExceededException;
import io.bactrian.limit.InsufficientMemoryException;
import io.bactrian.limit.OverloadedException;
import io.bactrian.pipeline.ExchangeDeadline;
import io.bactrian.pipeline.ItemErrors;
import io.bactrian.pipeline.ModelTensor;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.RequestItems;
import io.bactrian.preprocess.audio.AudioEnd;
import io.bactrian.preprocess.audio.AudioFeatures;
import io.bactrian.preprocess.audio.AudioPlan;
import io.bactrian.preprocess.audio.EncodedAudio;
import io.bactrian.preprocess.audio.MelFilters;
import io.bactrian.preprocess.audio.MixDown;
import io.bactrian.preprocess.audio.SampleList;
import io.bactrian.preprocess.audio.Spectrum;
import io.bactrian.preprocess.audio.Window;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.JsonType;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
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
 * or anything else that Camel converts to bytes; or base64 in a text or a field of JSON, a list of
 * samples in JSON, or a form with files. Body out: a tensor of samples or of frames, with the
 * dimensions of the model's input: [samples], [sounds, samples] or [sounds, samples, 1], or
 * [frames, columns], [sounds, frames, columns] or [sounds, frames, columns, 1].
 */
@Metadata(
        label = "bean",
        description =
                "Decodes WAV files, of one or several in a request, mixes their channels, resamples"
                        + " them, and makes a tensor of their samples, of frames of them, of"
                        + " spectrograms, mel spectrograms, log-mel spectrograms or of MFCCs, as"
                        + " SciPy and tf.signal do.",
        annotations = {"interfaceName=org.apache.camel.Processor"})
public class AudioPreprocessor extends Preprocessor {

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

    @Metadata(
            description =
                    "The field of a JSON object or of a form that has the sound in base64 or as a"
                            + " list of samples, or a list of sounds. Empty: the JSON itself is")
    private String field = "audio";

    @Metadata(
            description =
                    "The field beside it with the samples per second of sounds that are lists of"
                            + " samples; without the field they have sampleRate")
    private String rateField = "sampling_rate";

    @Metadata(description = "The most sounds that a request may have")
    private int maxSounds = 100;

    @Metadata(
            description =
                    "What a sound that is wrong does to a request that is a list: FAIL it, or ANSWER"
                            + " it by {\"error\": \"…\"} in its place, and the other sounds as"
                            + " ever")
    private ItemErrors itemErrors = ItemErrors.FAIL;

    @Metadata(description = "The longest sound that is decoded, in seconds by the file's header")
    private int maxSeconds = 600;

    private volatile @Nullable AudioPlan plan;

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
        check("bands", bands, 1, MelFilters.MAX_BANDS);
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
        check("coefficients", coefficients, 1, MelFilters.MAX_BANDS);
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

    /** {@return the field of a JSON object or of a form that has the sound} */
    public String getField() {
        return field;
    }

    /**
     * Sets the field of a JSON object or of a form that has the sound.
     *
     * @param field {@code audio} by default; empty if the JSON itself is the sound
     */
    public void setField(String field) {
        this.field = field;
    }

    /** {@return the field beside it with the rate of lists of samples} */
    public String getRateField() {
        return rateField;
    }

    /**
     * Sets the field beside it with the samples per second of sounds that are lists of samples.
     *
     * @param rateField {@code sampling_rate} by default
     */
    public void setRateField(String rateField) {
        this.rateField = rateField;
    }

    /** {@return the most sounds that a request may have} */
    public int getMaxSounds() {
        return maxSounds;
    }

    /**
     * Sets the most sounds that a request may have.
     *
     * @param maxSounds 100 by default
     * @throws PipelineFaultException if it is out of range
     */
    public void setMaxSounds(int maxSounds) {
        check("maxSounds", maxSounds, 1, Integer.MAX_VALUE);
        this.maxSounds = maxSounds;
    }

    /** {@return what a sound that is wrong does to a request that is a list} */
    public ItemErrors getItemErrors() {
        return itemErrors;
    }

    /**
     * Sets what a sound that is wrong does to a request that is a list.
     *
     * @param itemErrors {@link ItemErrors#FAIL} by default
     */
    public void setItemErrors(ItemErrors itemErrors) {
        this.itemErrors = itemErrors;
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
        plan = new AudioBinding(this, inputs).plan();
    }

    @Override
    public Shape fixedShape() {
        return requireNonNull(plan).fixedShape();
    }

    /**
     * {@inheritDoc} What decoding takes by the files' headers is reserved first.
     *
     * @throws BadInputException if the body is no sound that can be decoded, or too long or short
     * @throws DeadlineExceededException if the exchange's deadline passed
     * @throws OverloadedException if other requests hold too much of the memory now
     * @throws InsufficientMemoryException if the sounds take more memory than there is
     */
    @Override
    protected TType tensor(Exchange exchange) {
        AudioPlan current = requireNonNull(plan);
        Deadline deadline = ExchangeDeadline.of(exchange);
        RequestFiles.Place place = new RequestFiles.Place(field, maxSounds, "sound", true);
        try (RequestFiles files = RequestFiles.read(exchange, place)) {
            RequestItems.setList(exchange, files.list());
            RequestSounds sounds =
                    new RequestSounds(files, current, itemErrors, file -> open(file, current));
            return reserving(
                    exchange,
                    "decoding " + sounds,
                    sounds.bytes(),
                    () -> sounds.tensor(exchange, deadline));
        }
    }

    private EncodedAudio open(RequestFile file, AudioPlan current) {
        Collection<?> numbers = file.numbers();
        byte[] bytes = numbers == null ? file.bytes() : new byte[0];
        try {
            EncodedAudio audio =
                    numbers == null
                            ? EncodedAudio.open(bytes)
                            : new SampleList(numbers, rate(file), current.fullScale());
            if (audio.length() > (long) maxSeconds * audio.sampleRate()) {
                throw new BadInputException(
                        "the audio has "
                                + (double) audio.length() / audio.sampleRate()
                                + " seconds: "
                                + maxSeconds
                                + " is the limit");
            }
            current.tensorBytes(audio);
            return audio;
        } catch (BadInputException e) {
            throw file.named(e);
        }
    }

    /** {@return the rate of samples in a list: the request's, else the model's} */
    private int rate(RequestFile file) {
        Object sent = file.siblings().get(rateField);
        if (sent == null) {
            if (sampleRate == null) {
                throw new BadInputException(
                        "the samples have no rate: send it in the field \"" + rateField + "\"");
            }
            return sampleRate;
        }
        double rate = sent instanceof Number number ? number.doubleValue() : Double.NaN;
        if (!(rate >= EncodedAudio.MIN_SAMPLE_RATE && rate <= EncodedAudio.MAX_SAMPLE_RATE)
                || rate != Math.rint(rate)) {
            throw new BadInputException(
                    "field \""
                            + rateField
                            + "\" must be a whole number from "
                            + EncodedAudio.MIN_SAMPLE_RATE
                            + " to "
                            + EncodedAudio.MAX_SAMPLE_RATE
                            + ", got "
                            + (sent instanceof Number ? sent : JsonType.describe(sent)));
        }
        return (int) rate;
    }
}
