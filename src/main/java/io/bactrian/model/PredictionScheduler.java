package io.bactrian.model;

import io.bactrian.limit.Deadline;
import io.bactrian.limit.DeadlineExceededException;
import io.bactrian.limit.InsufficientMemoryException;
import io.bactrian.limit.OverloadedException;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.NamedTensors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tensorflow.types.family.TType;

/**
 * The scheduler of one model: decides when each request runs, and which requests share a run. Each
 * caller waits on its own thread; the scheduler has no threads. Safe for use by many threads at
 * once.
 *
 * <h2>Slots</h2>
 *
 * Throughput is highest with as many concurrent runs as there are cores: fewer leave cores idle,
 * more contend for caches and memory. That is the number of <em>slots</em>. While a slot is free, a
 * request takes it and runs immediately on its own thread, at the cost of two short critical
 * sections and no allocation. Otherwise requests wait in a bounded queue, and queued requests may
 * share a run as a batch, which for a small model takes hardly longer than a run of one. Batches
 * form from requests that must wait anyway: unless a maximum delay is configured, no request waits
 * in order to be batched.
 *
 * <h2>Handoff</h2>
 *
 * When a run ends, its slot passes to the request that has waited longest, whose thread becomes the
 * <em>leader</em> of the next run. The leader gathers its batch after it wakes up, not when it is
 * chosen, so that requests that arrive in the meantime are included: those with the same {@link
 * BatchKey}, in order of arrival, as long as they fit. Their threads, the <em>followers</em>, stay
 * parked while the leader joins the inputs, runs, passes its slot on, splits the outputs and wakes
 * each follower with its part. {@link RunQueue} implements this without knowledge of tensors, and
 * describes the states and why no wake-up is lost.
 *
 * <p>With a maximum delay, a request that can be batched is queued even if a slot is free. It
 * becomes ready when its delay has elapsed, by a timed wait of its own thread, or as soon as a full
 * batch is queued. Only ready requests become leaders. Requests that join a batch run with its
 * leader, so no request is delayed longer than its own maximum.
 *
 * <h2>Fairness</h2>
 *
 * Leaders are chosen in order of arrival. A request that joins a batch overtakes those that do not
 * fit, but takes no slot from them. It overtakes no request that would have fit, except one that is
 * too large for the rest of the batch, which soon leads a batch itself. A new request can't take a
 * slot ahead of the queue: while requests are queued, slots are passed on and never free.
 *
 * <h2>Native memory</h2>
 *
 * Each tensor has one owner at any time:
 *
 * <ul>
 *   <li>A request's inputs belong to its caller. Other threads read them only while the request is
 *       in a batch (TAKEN), and its caller does not return before that has ended: neither a
 *       deadline nor an interrupt removes a request from a run. Both remove it from the queue, and
 *       then no other thread has a reference to it.
 *   <li>The joined inputs belong to the leader, which closes them when the run has ended.
 *   <li>The joined outputs belong to the leader, which closes them when they have been split.
 *   <li>A follower's part of the outputs passes to the follower with its result. The follower is
 *       waiting to receive it. If splitting fails, the parts created so far are closed.
 * </ul>
 *
 * <h2>Failures</h2>
 *
 * <ul>
 *   <li>A request with wrong names or dtypes fails before it takes a slot or a place in the queue.
 *   <li>A request with a shape other than the declared one runs alone and gets the model's own
 *       result.
 *   <li>If a batch fails, its requests return to the head of the queue and each runs alone on its
 *       own thread: each gets the result or error that it would have got without the others.
 *   <li>If the outputs of a batch have another number of rows than its inputs, the signature is not
 *       batched any more. The same holds after {@value SignatureBatching#MAX_STRIKES} failed
 *       batches whose requests all succeeded alone.
 *   <li>A full queue rejects requests immediately. An expired deadline, an interrupt and {@link
 *       #close} end the wait of a queued request, which then has not been run.
 * </ul>
 *
 * <h2>Which requests share runs</h2>
 *
 * A signature whose outputs mix rows, for example by normalizing over the batch, must not be
 * batched: one request's data would affect another's result. By default, therefore, requests share
 * runs only if {@link io.bactrian.model.graph.RowIndependence} proves that rows are independent,
 * {@link BatchingBenchmark} measures that batching pays, and {@link RowIndependenceTrial} does not
 * refute the proof.
 */
public final class PredictionScheduler implements AutoCloseable {

    /** Runs a signature: a model, or a substitute in tests. */
    interface Runner {
        /**
         * {@return the outputs, owned by the caller}
         *
         * @param inputs as {@link Signature#bind} returned them, still owned by the caller
         * @param deadline when the outputs are of no use any more
         */
        NamedTensors run(Signature signature, Map<String, TType> inputs, Deadline deadline);

        /** Runs a signature on synthetic inputs, for which no request waits. */
        default NamedTensors run(Signature signature, Map<String, TType> inputs) {
            return run(signature, inputs, Deadline.after(GraphSession.SYNTHETIC_RUN_LIMIT));
        }
    }

    /**
     * Counters of a scheduler.
     *
     * @param running runs in progress
     * @param waiting requests in the queue
     * @param refused requests rejected because the queue was full
     * @param expired requests whose deadline passed in the queue
     * @param batches runs that were shared by several requests or padded
     * @param batchedRequests requests that were answered from such a run
     * @param paddingRows rows added to reach an allowed batch size
     * @param failedBatches batches whose requests were run again alone
     */
    public record Counts(
            int running,
            int waiting,
            long refused,
            long expired,
            long batches,
            long batchedRequests,
            long paddingRows,
            long failedBatches) {}

    /** A queued request. Other threads may read its inputs while it is in a batch. */
    private static final class Request extends RunQueue.Call<Request> {

        final SignatureBatching batching;
        final Map<String, TType> inputs;

        /** Written by the leader before it settles this request. */
        @Nullable NamedTensors outputs;

        /** The failed batch that contained this request, or null. */
        @Nullable FailedBatch failed;

        Request(
                SignatureBatching batching,
                Map<String, TType> inputs,
                @Nullable BatchKey key,
                int rows,
                Deadline deadline) {
            super(key, rows, deadline);
            this.batching = batching;
            this.inputs = inputs;
        }
    }

    /** The number of requests of a failed batch that have not succeeded alone. */
    private static final class FailedBatch {

        private final AtomicInteger left;

        FailedBatch(int size) {
            left = new AtomicInteger(size);
        }

        /**
         * {@return whether all requests have succeeded, so that none of them caused the failure}
         */
        boolean succeeded() {
            return left.decrementAndGet() == 0;
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(PredictionScheduler.class);

    private static final Duration TRIAL_BUDGET = Duration.ofMillis(200);

    /** How long {@link #close} waits for runs in progress. */
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(3);

    private final String name;
    private final Runner runner;
    private final SchedulerConfig config;
    private final RunQueue<Request> queue;
    private final Map<String, SignatureBatching> batchings = new LinkedHashMap<>();
    private final Set<SignatureBatching> unmeasured = ConcurrentHashMap.newKeySet();

    /** Whether a request that can be batched needs more than a free slot to start. */
    private final boolean batchesAlways;

    private final LongAdder batches = new LongAdder();
    private final LongAdder batchedRequests = new LongAdder();
    private final LongAdder paddingRows = new LongAdder();
    private final LongAdder failedBatches = new LongAdder();

    PredictionScheduler(
            String name, Collection<Signature> signatures, Runner runner, SchedulerConfig config) {
        this.name = name;
        this.runner = runner;
        this.config = config;
        this.batchesAlways = !config.maxDelay().isZero() || !config.allowedBatchSizes().isEmpty();
        this.queue =
                new RunQueue<>(
                        name,
                        config.concurrentRuns(),
                        config.capacity(),
                        config.maxBatchSize(),
                        config.maxDelay().toNanos());
        for (Signature signature : signatures) {
            batchings.put(signature.name(), SignatureBatching.of(name, signature, config));
        }
    }

    /**
     * Creates the scheduler of a loaded model. With batching set to AUTO, a signature is batched
     * once {@link #measure} has found that it pays.
     *
     * @param model the model, which the caller closes after this scheduler
     * @param config the configuration of batching and concurrent runs
     * @return the scheduler
     * @throws ModelLoadException if the padding value is not a value of an input's dtype
     */
    public static PredictionScheduler of(LoadedModel model, SchedulerConfig config) {
        PredictionScheduler scheduler;
        try {
            scheduler =
                    new PredictionScheduler(
                            model.name(), model.signatures().values(), model::run, config);
        } catch (IllegalArgumentException e) {
            throw new ModelLoadException("model \"" + model.name() + "\": " + e.getMessage());
        }
        if (config.batching() == SchedulerConfig.Batching.AUTO) {
            scheduler.batchings.values().stream()
                    .filter(SignatureBatching::isOn)
                    .forEach(batching -> scheduler.declineUntilProven(batching, model));
        }
        return scheduler;
    }

    private void declineUntilProven(SignatureBatching batching, LoadedModel model) {
        String unproven = model.rowIndependence(batching.signature()).reason();
        if (unproven != null) {
            batching.declineUnproven(unproven);
        } else if (!batching.padding().isEmpty()) {
            batching.declineUnproven("padding makes a row as long as the longest of its batch");
        } else {
            batching.decline("it has not been measured");
            unmeasured.add(batching);
        }
    }

    /**
     * Measures whether batching a signature pays, if that is not known yet and batching is set to
     * AUTO. Takes about 0.2 s, and must be called before requests arrive, while the machine is
     * idle.
     *
     * @param signature a runnable signature of the model
     */
    public void measure(Signature signature) {
        SignatureBatching batching = Objects.requireNonNull(batchings.get(signature.name()));
        if (unmeasured.remove(batching)) {
            batching.begin();
            declineUnlessItPays(batching);
        }
    }

    private void declineUnlessItPays(SignatureBatching batching) {
        Signature signature = batching.signature();
        try (NamedTensors single = SyntheticInputs.zeros(signature)) {
            BatchingBenchmark.Result result =
                    BatchingBenchmark.run(
                            runner,
                            signature,
                            single.asMap(),
                            config.maxBatchSize(),
                            config.concurrentRuns(),
                            TRIAL_BUDGET);
            if (result == null) {
                batching.decline("a run takes too long to measure");
            } else if (!result.pays()) {
                batching.decline(
                        String.format(
                                "batches of %d process %.2f times the rows per second of single runs"
                                        + " and save %.3f ms per row",
                                result.rows(), result.speedup(), result.savedMicros() / 1000));
            } else {
                String output = new RowIndependenceTrial(runner, signature).differingOutput();
                if (output != null) {
                    batching.declineUnproven(
                            "in a trial, output \"" + output + "\" differed in a batch and alone");
                }
            }
        } catch (BadInputException e) {
            batching.decline("the model rejects the synthetic inputs of the measurement");
        } catch (BrokenBatchException e) {
            batching.decline(String.valueOf(e.getMessage()));
        } catch (PredictionException | InsufficientMemoryException | DeadlineExceededException e) {
            batching.decline("a trial failed: " + e.getMessage());
        }
    }

    /**
     * Runs the model for one request, immediately or after queueing, alone or in a batch. The
     * result is the same.
     *
     * @param signature a signature of the model, from {@link LoadedModel#signature}
     * @param inputs the tensors by input name, still owned by the caller; no thread reads them
     *     after this method has returned
     * @param deadline when the run must have begun; a signature that may run forever must also have
     *     ended
     * @return the outputs by name, owned by the caller
     * @throws BadInputException if an input does not match the signature, naming the input
     * @throws OverloadedException immediately, if the queue is full
     * @throws DeadlineExceededException if the deadline passed before the run began or ended
     * @throws PredictionInterruptedException if the thread was interrupted in the queue
     * @throws ModelClosedException if this scheduler is closed
     * @throws InsufficientMemoryException if TensorFlow ran out of memory
     * @throws PredictionException if the model failed
     */
    public NamedTensors predict(Signature signature, Map<String, TType> inputs, Deadline deadline) {
        SignatureBatching batching = batchings.get(signature.name());
        if (batching == null) {
            throw new IllegalArgumentException("no signature of this model: " + signature.name());
        }
        Map<String, TType> bound = signature.bind(inputs);
        if (deadline.isPassed()) {
            throw new DeadlineExceededException("deadline exceeded before the request was queued");
        }
        if (!(batchesAlways && batching.isOn()) && queue.tryStart()) {
            return runAlone(signature, bound, deadline);
        }
        int rows = SignatureBatching.rows(bound);
        return predictInTurn(
                new Request(batching, bound, batching.key(bound, rows), rows, deadline));
    }

    private NamedTensors predictInTurn(Request request) {
        queue.enqueue(request);
        while (true) {
            List<Request> batch = queue.await(request);
            if (batch == null) {
                return Objects.requireNonNull(request.outputs);
            }
            if (batch.size() > 1 && !request.batching.isOn()) {
                // Batching was stopped while they were queued.
                queue.finish(0);
                queue.requeue(batch);
                continue;
            }
            if (batch.size() == 1 && !isPadded(request)) {
                NamedTensors outputs =
                        runAlone(request.batching.signature(), request.inputs, request.deadline);
                if (request.failed != null && request.failed.succeeded()) {
                    request.batching.strike();
                }
                return outputs;
            }
            if (runTogether(batch)) {
                return Objects.requireNonNull(request.outputs);
            }
        }
    }

    private boolean isPadded(Request request) {
        return request.canShare()
                && request.batching.isOn()
                && config.paddedRows(request.rows) != request.rows;
    }

    /** Runs one request with the slot of the calling thread, and passes the slot on. */
    private NamedTensors runAlone(
            Signature signature, Map<String, TType> inputs, Deadline deadline) {
        long start = System.nanoTime();
        try {
            return runner.run(signature, inputs, deadline);
        } finally {
            queue.finish(System.nanoTime() - start);
        }
    }

    /**
     * Runs a batch with the slot of the calling thread, whose request is the first, and passes the
     * slot on.
     *
     * @return whether every request has its outputs; if not, all have returned to the queue
     */
    private boolean runTogether(List<Request> batch) {
        List<NamedTensors> outputs;
        try {
            outputs = runJoined(batch);
        } catch (Throwable e) {
            // Of whatever kind: the request that caused it will fail again, alone.
            failedBatches.increment();
            FailedBatch failed = new FailedBatch(batch.size());
            batch.forEach(request -> request.failed = failed);
            queue.requeue(batch);
            return false;
        }
        batches.increment();
        batchedRequests.add(batch.size());
        batch.get(0).outputs = outputs.get(0);
        for (int i = 1; i < batch.size(); i++) {
            Request follower = batch.get(i);
            follower.outputs = outputs.get(i);
            queue.settle(follower);
        }
        return true;
    }

    private List<NamedTensors> runJoined(List<Request> batch) {
        SignatureBatching batching = batch.get(0).batching;
        int[] rows = new int[batch.size()];
        int total = 0;
        int padded;
        NamedTensors joinedOutputs;
        long start = System.nanoTime();
        try {
            List<Map<String, TType>> inputs = new ArrayList<>(rows.length);
            for (Request request : batch) {
                rows[inputs.size()] = request.rows;
                total += request.rows;
                inputs.add(request.inputs);
            }
            padded = config.paddedRows(total);
            try (NamedTensors joined = TensorBatch.join(inputs, padded, batching.padding())) {
                joinedOutputs =
                        runner.run(batching.signature(), joined.asMap(), sharedDeadline(batch));
            }
        } finally {
            queue.finish(System.nanoTime() - start);
        }
        try (joinedOutputs) {
            String problem = TensorBatch.problem(joinedOutputs, padded);
            if (problem != null) {
                batching.stop(problem);
                throw new BrokenBatchException(problem);
            }
            paddingRows.add(padded - total);
            return TensorBatch.split(joinedOutputs, rows);
        }
    }

    /**
     * {@return the deadline of a shared run} It leaves each request time to run again alone, since
     * perhaps only one request causes an endless run.
     */
    private static Deadline sharedDeadline(List<Request> batch) {
        Duration longest = Duration.ZERO;
        for (Request request : batch) {
            Duration remaining = request.deadline.remaining();
            if (remaining == null) {
                return Deadline.none();
            }
            longest = remaining.compareTo(longest) > 0 ? remaining : longest;
        }
        return Deadline.after(batch.size() > 1 ? longest.dividedBy(2) : longest);
    }

    /** {@return whether requests of any signature share runs} */
    public boolean sharesRuns() {
        return batchings.values().stream().anyMatch(SignatureBatching::isOn);
    }

    /**
     * {@return why requests of a signature do not share runs; null if they do}
     *
     * @param signature a runnable signature of the model
     */
    public @Nullable String batchingDisabledReason(Signature signature) {
        return Objects.requireNonNull(batchings.get(signature.name())).reason();
    }

    /** {@return sentences for the operator about signatures whose requests do not share runs} */
    List<String> remarks() {
        return batchings.values().stream()
                .map(SignatureBatching::remark)
                .filter(Objects::nonNull)
                .toList();
    }

    /** {@return the counters since the model was loaded} */
    public Counts counts() {
        RunQueue.Counts queued = queue.counts();
        return new Counts(
                queued.running(),
                queued.waiting(),
                queued.refused(),
                queued.expired(),
                batches.sum(),
                batchedRequests.sum(),
                paddingRows.sum(),
                failedBatches.sum());
    }

    /**
     * Fails queued requests, rejects new ones, and waits for runs in progress, for a limited time:
     * a run that does not end keeps the model's memory.
     */
    @Override
    public void close() {
        int left = queue.close(Deadline.after(CLOSE_LIMIT));
        if (left > 0) {
            LOG.warn(
                    "{}: closed with {} runs still in progress, which keep its memory", name, left);
        }
    }
}
