package io.bactrian.model;

import io.bactrian.tensor.DType;
import io.bactrian.tensor.TensorSpec;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TType;

/**
 * The batching state of one signature: whether its requests share runs, which of them can, and why
 * not. Batching that was stopped is not resumed.
 */
final class SignatureBatching {

    private static final Logger LOG = LoggerFactory.getLogger(SignatureBatching.class);

    /** Batches that may fail although each request succeeds alone, as for lack of memory. */
    static final int MAX_STRIKES = 3;

    private final String model;
    private final Signature signature;
    private final int maxRows;
    private final Map<String, byte[]> padding;
    private final AtomicInteger strikes = new AtomicInteger();

    /** Why requests do not share runs; null while they do. */
    private volatile @Nullable String reason;

    /** Why rows are not proven to be independent; null if they are, or if it was not examined. */
    private volatile @Nullable String unproven;

    private SignatureBatching(
            String model,
            Signature signature,
            int maxRows,
            Map<String, byte[]> padding,
            @Nullable String reason) {
        this.model = model;
        this.signature = signature;
        this.maxRows = maxRows;
        this.padding = padding;
        this.reason = reason;
    }

    /**
     * @param model the model's name, for the log
     * @throws IllegalArgumentException if the padding value is not a value of an input's dtype
     */
    static SignatureBatching of(String model, Signature signature, SchedulerConfig config) {
        String reason = disabledReason(signature, config);
        return new SignatureBatching(
                model,
                signature,
                config.maxBatchSize(),
                reason == null && config.paddingValue() != null
                        ? padding(signature, config.paddingValue())
                        : Map.of(),
                reason);
    }

    private static @Nullable String disabledReason(Signature signature, SchedulerConfig config) {
        if (config.batching() == SchedulerConfig.Batching.OFF || config.maxBatchSize() == 1) {
            return "it is switched off";
        }
        if (signature.problem() != null) {
            return "the signature can't be run";
        }
        if (signature.inputs().isEmpty()) {
            return "there is no input";
        }
        String sideEffect = signature.effects().sideEffect();
        if (sideEffect != null) {
            return "operation " + sideEffect + " changes state";
        }
        String fixed = fixed(signature.inputs().values());
        if (fixed != null) {
            return "input \"" + fixed + "\" has no free batch dimension";
        }
        fixed = fixed(signature.outputs().values());
        return fixed == null ? null : "output \"" + fixed + "\" has no free batch dimension";
    }

    /**
     * {@return the first tensor without a free batch dimension, or null} A tensor of unknown rank
     * is not known to have one.
     */
    private static @Nullable String fixed(Collection<TensorSpec> specs) {
        for (TensorSpec spec : specs) {
            Shape shape = spec.shape();
            if (shape.isUnknown()
                    || shape.numDimensions() == 0
                    || shape.get(0) != Shape.UNKNOWN_SIZE) {
                return spec.name();
            }
        }
        return null;
    }

    private static Map<String, byte[]> padding(Signature signature, String value) {
        Map<String, byte[]> padding = new LinkedHashMap<>();
        for (TensorSpec spec : signature.inputs().values()) {
            Shape shape = spec.shape();
            for (int axis = 1; axis < shape.numDimensions(); axis++) {
                if (shape.get(axis) == Shape.UNKNOWN_SIZE) {
                    padding.put(spec.name(), padding(spec, value));
                    break;
                }
            }
        }
        return padding;
    }

    private static byte[] padding(TensorSpec spec, String value) {
        DType dtype = spec.dtype();
        try {
            return PaddingElement.of(dtype, value);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "input \"" + spec.name() + "\": " + e.getMessage(), e);
        }
    }

    Signature signature() {
        return signature;
    }

    boolean isOn() {
        return reason == null;
    }

    /** {@return why requests do not share runs; null if they do} */
    @Nullable String reason() {
        return reason;
    }

    /** {@return by input name, the element that pads shorter rows to the longest} */
    Map<String, byte[]> padding() {
        return padding;
    }

    /** Starts batching. */
    void begin() {
        reason = null;
    }

    /** Disables batching for an expected reason: it does not pay, for example. */
    void decline(String why) {
        reason = why;
        LOG.debug("{}: no batching of \"{}\": {}", model, signature.name(), why);
    }

    /** Disables batching because the rows are not proven to be independent. */
    void declineUnproven(String why) {
        unproven = why;
        decline("rows are not proven to be independent: " + why);
    }

    /** {@return a sentence for the operator if rows are not proven to be independent, else null} */
    @Nullable String remark() {
        return unproven == null
                ? null
                : "signature \""
                        + signature.name()
                        + "\" is not batched: "
                        + unproven
                        + " (SAGEMAKER_TFS_ENABLE_BATCHING=true batches it regardless)";
    }

    /** Stops batching because the model contradicts its signature. */
    void stop(String why) {
        if (reason == null) {
            reason = why;
            LOG.warn("{}: batching of \"{}\" stopped: {}", model, signature.name(), why);
        }
    }

    /** Counts a failed batch whose requests all succeeded alone. */
    void strike() {
        if (strikes.incrementAndGet() == MAX_STRIKES) {
            stop(MAX_STRIKES + " batches failed whose requests succeeded alone");
        }
    }

    /**
     * {@return the number of rows, which is the size of dimension 0 of all inputs; 0 if they
     * differ}
     *
     * @param bound the inputs by name, as {@link Signature#bind} returned them
     */
    static int rows(Map<String, TType> bound) {
        long rows = -1;
        for (TType tensor : bound.values()) {
            Shape shape = tensor.shape();
            long size = shape.numDimensions() == 0 ? 0 : shape.get(0);
            if (rows >= 0 && rows != size) {
                return 0;
            }
            rows = size;
        }
        return (int) Math.max(0, Math.min(Integer.MAX_VALUE, rows));
    }

    /**
     * {@return the key that the requests of a batch have in common; null if this request must run
     * alone}
     *
     * @param bound the inputs by name, as {@link Signature#bind} returned them
     * @param rows the number of rows
     */
    @Nullable BatchKey key(Map<String, TType> bound, int rows) {
        if (!isOn() || rows < 1 || rows > maxRows || signature.shapeProblem(bound) != null) {
            return null;
        }
        int length = 0;
        for (TType tensor : bound.values()) {
            length += tensor.shape().numDimensions();
        }
        long[] sizes = new long[length];
        int end = 0;
        for (TensorSpec spec : signature.inputs().values()) {
            Shape actual = Objects.requireNonNull(bound.get(spec.name())).shape();
            boolean padded = padding.containsKey(spec.name());
            // The signature fixes the ranks, so the sizes need no separators.
            end++;
            for (int axis = 1; axis < actual.numDimensions(); axis++) {
                sizes[end++] =
                        padded && spec.shape().get(axis) == Shape.UNKNOWN_SIZE
                                ? Shape.UNKNOWN_SIZE
                                : actual.get(axis);
            }
        }
        return new BatchKey(signature.name(), sizes);
    }
}
