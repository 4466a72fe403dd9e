package io.bactrian.model;

import io.bactrian.limit.Deadline;
import io.bactrian.limit.DeadlineExceededException;
import io.bactrian.limit.InsufficientMemoryException;
import io.bactrian.limit.OverloadedException;
import io.bactrian.model.graph.RowIndependence.Verdict;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tensorflow.types.family.TType;

/**
 * Decides when each request of one model runs, and which requests share a run. Every caller brings
 * its own thread and waits on it; there is no other thread here. Safe for use by many threads at
 * once.
 *
 * <h2>What it is for</h2>
 *
 * A model runs fastest with as many runs at the same time as there are cores: fewer leave cores
 * idle, more fight over caches and memory. So there are that many <em>slots</em>. While one is free
 * a request takes it and runs at once, on its own thread: two short critical sections and no object
 * more than without a scheduler. While none is free, requests wait in a bounded queue, and those
 * that wait may share a run, which for a small model costs hardly more than a run of one. Nobody
 * ever waits for company unless a maximum delay was asked for; batches form out of the waiting that
 * there is anyway.
 *
 * <h2>The hand-off</h2>
 *
 * Who ends a run gives its slot to the request that has waited longest, whose thread becomes the
 * <em>leader</em> of the next run. The leader gathers its batch when it wakes, not when it was
 * chosen, so that what has come in between goes along: requests with the same {@link BatchKey}, in
 * the order they came, as long as they fit. Their threads, the <em>followers</em>, go on sleeping;
 * the leader copies their inputs, runs, gives its slot on, copies each follower's rows out of the
 * outputs and wakes it with its answer. The states, and why no wake-up is lost, are described at
 * {@link RunQueue}, which does this and knows nothing of tensors.
 *
 * <p>With a maximum delay, a request that could be batched queues even though a slot is free. It
 * becomes ready when its delay is over, by a timed wait of its own thread, or as soon as a full
 * batch waits; a leader is only ever chosen among the ready. Company that comes to an older request
 * leaves with it, so no request waits longer than its own delay for company.
 *
 * <h2>Fairness</h2>
 *
 * Leaders are chosen in order of arrival. A request that fits a batch overtakes those that do not,
 * at no cost of a slot to them; it can't overtake one that would have fitted as well, but for one
 * that is too large for what is left of the batch, which leads a batch of its own soon. A request
 * that comes can't take a slot from under the queue, since slots are handed on and not put back
 * while requests wait.
 *
 * <h2>Native memory</h2>
 *
 * Each tensor has one owner at any time:
 *
 * <ul>
 *   <li>A request's inputs are its caller's. Others read them only while the request is in a batch
 *       (TAKEN), and its caller does not return before that is over: neither a deadline nor an
 *       interrupt takes a request out of a run. Out of the queue they do, and from then on nobody
 *       else knows the request.
 *   <li>The joined inputs are the leader's, who closes them when the run has ended.
 *   <li>The joined outputs are the leader's, who closes them when they are split.
 *   <li>A follower's part of the outputs becomes the follower's with its answer. It is there to
 *       take it, since it does not return before. If splitting fails half way, the parts made so
 *       far are closed.
 * </ul>
 *
 * <h2>What happens on failure</h2>
 *
 * <ul>
 *   <li>A request whose names or dtypes are wrong fails before it takes a slot or a place.
 *   <li>One whose shape the signature does not know runs alone, and gets the model's own answer.
 *   <li>If a batch fails, for whatever reason, its requests go back to the head of the queue, and
 *       each runs alone on its own thread when its turn comes: each gets the answer or the error
 *       that it would have got without the others.
 *   <li>If a batch's outputs are not as many rows as its inputs, the signature does not keep what
 *       it promises and is batched no more; nor is it when {@value SignatureBatching#MAX_STRIKES}
 *       batches failed whose requests then all succeeded alone.
 *   <li>A full queue refuses at once; a deadline that has passed, an interrupt and {@link #close}
 *       end the waiting. Such a request has not been run at all.
 * </ul>
 *
 * <h2>Which requests share runs</h2>
 *
 * A signature whose outputs mix their rows, by normalizing over the batch say, must not be batched:
 * one request's data would be in another's answer. So where the settings leave it open, requests
 * share runs only if {@link io.bactrian.model.graph.RowIndependence} proves that rows are
 * independent, {@link BatchingBenchmark} measures that it pays, and {@link RowIndependenceTrial}
 * does not refute the proof.
 */
public final class PredictionScheduler implements AutoCloseable {

    /** Runs tensors: a model, or in tests something that acts as one. */
    interface Runner {
        /**
         * {@return the outputs, owned by the caller}
         *
         * @param inputs as {@link Signature#bind} gave them; they go on belonging to the caller
         * @param deadline until when the outputs are of use
         */
        NamedTensors run(Signature signature, Map<String, TType> inputs, Deadline deadline);

        /** Runs what no client waits for: a trial, say. */
        default NamedTensors run(Signature signature, Map<String, TType> inputs) {
            return run(signature, inputs, Deadline.after(GraphSession.SYNTHETIC_RUN_LIMIT));
        }
    }

    /**
     * What has been going on.
     *
     * @param running runs under way
     * @param waiting requests in the queue
     * @param refused requests that found the queue full
     * @param expired requests whose deadline passed in the queue
     * @param batches runs that several requests shared, or that were padded
     * @param batchedRequests requests that were answered out of such a run
     * @param paddingRows rows that were run for nothing, to make up an allowed batch size
     * @param failedBatches batches whose requests had to run alone again
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

    /** One that waits. Its inputs may be read by others while it is in a batch. */
    private static final class Request extends RunQueue.Call<Request> {

        final SignatureBatching batching;
        final Map<String, TType> inputs;

        /** Written by the leader before it settles this request. */
        NamedTensors outputs;

        /** The batch that failed with this request in it, or null. */
        FailedBatch failed;

        Request(
                SignatureBatching batching,
                Map<String, TType> inputs,
                BatchKey key,
                int rows,
                Deadline deadline) {
            super(key, rows, deadline);
            this.batching = batching;
            this.inputs = inputs;
        }
    }

    /** Counts the requests of a failed batch that succeed alone. */
    private static final class FailedBatch {

        private final AtomicInteger left;

        FailedBatch(int size) {
            left = new AtomicInteger(size);
        }

        /** {@return whether all have, so that none of them can have made the batch fail} */
        boolean succeeded() {
            return left.decrementAndGet() == 0;
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(PredictionScheduler.class);

    private static final Duration TRIAL_BUDGET = Duration.ofMillis(200);

    /** How long closing waits for runs under way, by when an ordinary one has ended. */
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
     * Makes the scheduler of a model that is loaded and warm. Where the settings leave it open, a
     * signature's requests share runs once {@link #measure} has found that it pays.
     *
     * @param model it goes on belonging to the caller, who closes it after this scheduler
     * @throws ModelLoadException if the padding value is none of an input's dtype
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
        Verdict verdict = model.rowIndependence(batching.signature());
        if (!verdict.isProven()) {
            batching.declineUnproven(verdict.reason());
        } else if (!batching.padding().isEmpty()) {
            batching.declineUnproven("padding makes a row as long as the longest of its batch");
        } else {
            batching.decline("it has not been measured");
            unmeasured.add(batching);
        }
    }

    /**
     * Finds out whether a signature's requests should share runs, where the settings leave it open
     * and it is not known yet; it takes about 0.2 s. To be called before requests come, when the
     * machine has nothing else to do.
     */
    public void measure(Signature signature) {
        SignatureBatching batching = batchings.get(signature.name());
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
                                "batches of %d give %.2f times the rows of single runs and spare"
                                        + " %.3f ms a row",
                                result.rows(), result.speedup(), result.sparedMicros() / 1000));
            } else {
                String output = new RowIndependenceTrial(runner, signature).differingOutput();
                if (output != null) {
                    batching.declineUnproven(
                            "in a trial, output \"" + output + "\" differed in a batch and alone");
                }
            }
        } catch (BadInputException e) {
            batching.decline("the model refuses what it could be measured with");
        } catch (BrokenBatchException e) {
            batching.decline(e.getMessage());
        } catch (PredictionException | InsufficientMemoryException | DeadlineExceededException e) {
            batching.decline("a trial failed: " + e.getMessage());
        }
    }

    /**
     * Runs the model for one request, at once or when its turn comes, alone or with others. The
     * answer is the same.
     *
     * @param signature one of the model's, from {@link LoadedModel#signature}
     * @param inputs the tensors by input name; the caller goes on owning them, and nothing reads
     *     them after this method has returned
     * @param deadline until when the run must have begun, and where the signature may not end by
     *     itself, have ended
     * @return the outputs by name, owned by the caller
     * @throws BadInputException if the inputs do not fit, naming the one that does not
     * @throws OverloadedException if the queue is full; at once
     * @throws DeadlineExceededException if the deadline passed before the run began, or ended it
     * @throws PredictionInterruptedException if the thread was interrupted while it waited
     * @throws ModelClosedException if this scheduler is closed
     * @throws InsufficientMemoryException if memory ran out
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
                return request.outputs;
            }
            if (batch.size() > 1 && !request.batching.isOn()) {
                // Found out while they waited.
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
                return request.outputs;
            }
        }
    }

    private boolean isPadded(Request request) {
        return request.canShare()
                && request.batching.isOn()
                && config.paddedRows(request.rows) != request.rows;
    }

    /** With a slot, which is given on. */
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
     * With a slot, which is given on. The first of the batch is the calling thread's.
     *
     * @return whether every request has its outputs; if not, all are back in the queue
     */
    private boolean runTogether(List<Request> batch) {
        List<NamedTensors> outputs;
        try {
            outputs = runJoined(batch);
        } catch (Throwable e) {
            // Whatever it was: who is to blame will get it again, alone.
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
     * {@return when a shared run is ended} That leaves each request time to run alone again, since
     * of those in a run that does not end perhaps only one is to blame.
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

    /** {@return whether there is a signature whose requests share runs} */
    public boolean sharesRuns() {
        return batchings.values().stream().anyMatch(SignatureBatching::isOn);
    }

    /** {@return why requests of {@code signature} never share a run; null if they may} */
    public String batchingDisabledReason(Signature signature) {
        return batchings.get(signature.name()).reason();
    }

    /** {@return sentences for the operator about signatures whose requests never share runs} */
    List<String> remarks() {
        return batchings.values().stream()
                .map(SignatureBatching::remark)
                .filter(Objects::nonNull)
                .toList();
    }

    /** {@return what has been going on since the model was loaded} */
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
     * Fails the requests that wait, refuses those that come, and waits for the runs under way: but
     * not for one that does not end, which keeps the model's memory.
     */
    @Override
    public void close() {
        int left = queue.close(Deadline.after(CLOSE_LIMIT));
        if (left > 0) {
            LOG.warn(
                    "{}: closed while {} of its runs did not end; they keep its memory",
                    name,
                    left);
        }
    }
}
