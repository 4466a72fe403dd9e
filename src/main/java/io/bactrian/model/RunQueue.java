package io.bactrian.model;

import io.bactrian.limit.Deadline;
import io.bactrian.limit.DeadlineExceededException;
import io.bactrian.limit.OverloadedException;
import io.bactrian.limit.ServiceTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A bounded number of slots and a bounded queue of calls that wait for them, some of which run as a
 * batch. This class is the part of {@link PredictionScheduler} that synchronizes threads; it does
 * not know tensors.
 *
 * <h2>States of a call</h2>
 *
 * <pre>
 *   enqueue ─┬── a slot is free ──▶ LEADING ── await returns its batch, then finish ──▶
 *            │                        ▲ ▲
 *            └─▶ WAITING ── passed one ─┘ └── requeue, a slot is free ──┐
 *                 │ │ ▲                                               │
 *                 │ │ └────────── requeue ──────────────────────── TAKEN ── settle ──▶ SETTLED
 *                 │ └──────────── joins a batch ──────────────────────▲
 *                 └── deadline, interrupt ──▶ GONE;  close ──▶ CLOSED
 * </pre>
 *
 * Every transition is made under the lock, except for TAKEN to SETTLED, which only the leader
 * makes. A call is in the linked list if and only if it is WAITING. {@code running} counts the
 * slots in use, including one that was passed to a LEADING call whose thread has not woken up yet.
 *
 * <h2>Why no wake-up is lost</h2>
 *
 * The invariant, whenever the lock is not held: <em>while a slot is free, no ready call waits</em>,
 * except for a call whose delay has just elapsed and whose thread its timer has woken up. It holds
 * because a slot is released and passed on in one critical section ({@link #finish}), and a call
 * checks for a free slot in the critical section in which it joins the queue ({@link #enqueue}). A
 * state is always changed before its thread is unparked, and a thread reads its state between any
 * two parks: an early permit is retained, and a late one costs one iteration.
 *
 * @param <C> the type of calls
 */
final class RunQueue<C extends RunQueue.Call<C>> {

    private enum State {
        /** In the list, with its thread parked. */
        WAITING,
        /** It has a slot: its thread gathers a batch and runs it. */
        LEADING,
        /** In the batch of a leader, which will settle or requeue it. */
        TAKEN,
        /** Its result is available. */
        SETTLED,
        /** Removed from the queue by its own thread. */
        GONE,
        /** Removed from the queue by {@link #close}. */
        CLOSED
    }

    /**
     * A call, created by the thread that waits for it. Its fields are private to the queue.
     *
     * @param <C> the subclass itself
     */
    abstract static class Call<C extends Call<C>> {

        final Thread thread = Thread.currentThread();
        final int rows;
        final Deadline deadline;

        /**
         * Null until it is enqueued. Written under the lock; read by the caller's own thread
         * without it.
         */
        volatile @Nullable State state;

        /** When its delay has elapsed. Confined to its own thread. */
        long readyAt;

        // Guarded by the lock.
        @Nullable Object key;
        boolean ready;
        @Nullable C previous;
        @Nullable C next;

        /**
         * @param key equal for calls that can share a run; null to run alone
         * @param rows the number of rows that it adds to a batch
         * @param deadline when it stops waiting
         */
        Call(@Nullable Object key, int rows, Deadline deadline) {
            this.key = key;
            this.rows = rows;
            this.deadline = deadline;
        }

        /** {@return whether it may share a run} Called by the thread that holds its slot. */
        boolean canShare() {
            return key != null;
        }
    }

    /** Parks and unparks threads. */
    interface Parker {

        /** Delegates to {@link LockSupport}. */
        Parker THREADS =
                new Parker() {
                    @Override
                    public void park(Object blocker, long nanos) {
                        if (nanos == Long.MAX_VALUE) {
                            LockSupport.park(blocker);
                        } else {
                            LockSupport.parkNanos(blocker, nanos);
                        }
                    }

                    @Override
                    public void unpark(Thread thread) {
                        LockSupport.unpark(thread);
                    }
                };

        /**
         * Parks the calling thread until it is unparked or interrupted, or spuriously.
         *
         * @param nanos the maximum time; {@link Long#MAX_VALUE} for no limit
         */
        void park(Object blocker, long nanos);

        void unpark(Thread thread);
    }

    /**
     * Counters of a queue.
     *
     * @param running slots in use
     * @param waiting calls in the queue
     * @param refused calls rejected because the queue was full
     * @param expired calls whose deadline passed in the queue
     */
    record Counts(int running, int waiting, long refused, long expired) {}

    private final String name;
    private final int slots;
    private final int capacity;
    private final int maxRows;
    private final long maxDelayNanos;
    private final Lock lock;
    private final Parker parker;
    private final LongSupplier clock;

    // Guarded by the lock.
    private @Nullable C head;
    private @Nullable C tail;
    private int waiting;
    private int running;
    private boolean closed;
    private final List<Thread> closers = new ArrayList<>();
    private final ServiceTime runTime = new ServiceTime();
    private long refused;
    private long expired;

    /**
     * @param name the model's name, for error messages
     * @param slots the maximum number of concurrent runs
     * @param capacity the maximum number of waiting calls
     * @param maxRows the maximum number of rows in a batch
     * @param maxDelayNanos how long a call that can share a run waits for a full batch
     */
    RunQueue(String name, int slots, int capacity, int maxRows, long maxDelayNanos) {
        this(
                name,
                slots,
                capacity,
                maxRows,
                maxDelayNanos,
                new ReentrantLock(),
                Parker.THREADS,
                System::nanoTime);
    }

    /** For tests, which replace lock, parking and clock to control the interleaving of threads. */
    RunQueue(
            String name,
            int slots,
            int capacity,
            int maxRows,
            long maxDelayNanos,
            Lock lock,
            Parker parker,
            LongSupplier clock) {
        this.name = name;
        this.slots = slots;
        this.capacity = capacity;
        this.maxRows = maxRows;
        this.maxDelayNanos = maxDelayNanos;
        this.lock = lock;
        this.parker = parker;
        this.clock = clock;
    }

    /**
     * Takes a slot if one is free, as on an idle model, without allocation. If it returns true, the
     * caller must call {@link #finish}.
     *
     * @throws ModelClosedException after {@link #close}
     */
    boolean tryStart() {
        lock.lock();
        try {
            checkOpen();
            if (running == slots) {
                return false;
            }
            running++;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Releases a slot, or passes it to the call that has waited longest.
     *
     * @param ranNanos the duration of the run; 0 if there was none
     */
    void finish(long ranNanos) {
        @Nullable C next;
        List<Thread> closing = List.of();
        lock.lock();
        try {
            if (ranNanos > 0) {
                runTime.add(ranNanos);
            }
            running--;
            next = startNext();
            if (closed && running == 0) {
                closing = List.copyOf(closers);
            }
        } finally {
            lock.unlock();
        }
        wake(next);
        closing.forEach(parker::unpark);
    }

    /**
     * Gives the calling thread's call a slot or a place in the queue. To be followed by {@link
     * #await}.
     *
     * @throws OverloadedException if the queue is full
     * @throws ModelClosedException after {@link #close}
     */
    void enqueue(C call) {
        C next = null;
        lock.lock();
        try {
            checkOpen();
            boolean patient = maxDelayNanos > 0 && call.key != null;
            if (!patient && running < slots) {
                running++;
                call.state = State.LEADING;
                return;
            }
            if (waiting >= capacity) {
                refused++;
                throw overloaded();
            }
            call.ready = !patient;
            call.readyAt = patient ? clock.getAsLong() + maxDelayNanos : 0;
            call.state = State.WAITING;
            insertAfter(tail, call);
            if (patient && markReadyIfFull(call.key)) {
                next = startNext();
            }
        } finally {
            lock.unlock();
        }
        wake(next);
    }

    /**
     * Waits for a slot, or for the result from another call's run.
     *
     * @param call enqueued by this thread
     * @return the calls to run as a batch, {@code call} first, to be followed by {@link #finish}
     *     and by {@link #settle} or {@link #requeue} of the others; null if another thread has
     *     settled this call
     * @throws DeadlineExceededException if the deadline passed in the queue
     * @throws PredictionInterruptedException if the thread was interrupted in the queue
     * @throws ModelClosedException if the queue was closed
     */
    @Nullable List<C> await(C call) {
        boolean interrupted = false;
        try {
            while (true) {
                switch (Objects.requireNonNull(call.state, "the call was not enqueued")) {
                    case LEADING -> {
                        if (call.deadline.isPassed(clock.getAsLong())) {
                            finish(0);
                            throw expired();
                        }
                        return gather(call);
                    }
                    case WAITING -> {
                        interrupted |= Thread.interrupted();
                        if (interrupted && leave(call)) {
                            throw new PredictionInterruptedException(
                                    "interrupted while queued for model \"" + name + "\"");
                        }
                        long now = clock.getAsLong();
                        if (call.deadline.isPassed(now) && leave(call)) {
                            throw expired();
                        }
                        waitForTurn(call, now);
                    }
                    case TAKEN -> {
                        parker.park(this, Long.MAX_VALUE);
                        // The leader reads its inputs: it must not return before the leader has
                        // finished.
                        interrupted |= Thread.interrupted();
                    }
                    case SETTLED -> {
                        return null;
                    }
                    case CLOSED -> throw closed();
                    case GONE ->
                            throw new IllegalStateException("the call was removed from the queue");
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Parks until the state may have changed, the deadline passes or the delay elapses. */
    private void waitForTurn(C call, long now) {
        long nanos = call.deadline.remainingNanos(now);
        if (maxDelayNanos > 0) {
            long patience = call.readyAt - now;
            if (patience > 0) {
                nanos = Math.min(nanos, patience);
            } else if (startAfterDelay(call)) {
                return;
            }
        }
        if (nanos > 0) {
            parker.park(this, nanos);
        }
    }

    /**
     * {@return whether the call is no longer WAITING} If it is, it is ready from now on, and the
     * next free slot may be passed to it.
     */
    private boolean startAfterDelay(C call) {
        lock.lock();
        try {
            if (call.state != State.WAITING) {
                return true;
            }
            call.ready = true;
            if (running == slots) {
                return false;
            }
            start(call);
            return true;
        } finally {
            lock.unlock();
        }
    }

    private boolean leave(C call) {
        lock.lock();
        try {
            if (call.state != State.WAITING) {
                return false;
            }
            unlink(call);
            call.state = State.GONE;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** {@return the leader and, in order of arrival, the calls that can share its run} */
    private List<C> gather(C leader) {
        List<C> batch = new ArrayList<>();
        batch.add(leader);
        C next = null;
        lock.lock();
        try {
            if (leader.key == null || head == null) {
                return batch;
            }
            int rows = leader.rows;
            long now = clock.getAsLong();
            C following;
            for (C call = head; call != null && rows < maxRows; call = following) {
                following = call.next;
                if (leader.key.equals(call.key)
                        && rows + call.rows <= maxRows
                        && !call.deadline.isPassed(now)) {
                    unlink(call);
                    call.state = State.TAKEN;
                    batch.add(call);
                    rows += call.rows;
                }
            }
            if (maxDelayNanos > 0 && markReadyIfFull(leader.key)) {
                next = startNext();
            }
        } finally {
            lock.unlock();
        }
        wake(next);
        return batch;
    }

    /** Wakes a follower whose result is available. */
    void settle(C call) {
        call.state = State.SETTLED;
        parker.unpark(call.thread);
    }

    /**
     * Returns the calls of a failed batch to the head of the queue, each to run alone. The batch's
     * slot has been released. The leader continues with {@link #await}.
     */
    void requeue(List<C> batch) {
        lock.lock();
        try {
            C place = null;
            for (C call : batch) {
                call.key = null;
                if (closed) {
                    call.state = State.CLOSED;
                    continue;
                }
                call.ready = true;
                call.state = State.WAITING;
                insertAfter(place, call);
                place = call;
            }
            while (startNext() != null) {
                // Start as many as there are free slots.
            }
        } finally {
            lock.unlock();
        }
        // Those without a slot must observe their deadlines again.
        batch.forEach(this::wake);
    }

    /**
     * Rejects new calls, fails waiting ones, and returns when no run is in progress or the deadline
     * has passed. May be called repeatedly.
     *
     * @return the number of runs that are still in progress
     */
    int close(Deadline deadline) {
        List<C> failed = new ArrayList<>();
        lock.lock();
        try {
            closed = true;
            closers.add(Thread.currentThread());
            while (head != null) {
                C call = head;
                unlink(call);
                call.state = State.CLOSED;
                failed.add(call);
            }
        } finally {
            lock.unlock();
        }
        failed.forEach(this::wake);
        boolean interrupted = false;
        int left = counts().running();
        long now = clock.getAsLong();
        while (left > 0 && !deadline.isPassed(now)) {
            parker.park(this, deadline.remainingNanos(now));
            interrupted |= Thread.interrupted();
            left = counts().running();
            now = clock.getAsLong();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return left;
    }

    Counts counts() {
        lock.lock();
        try {
            return new Counts(running, waiting, refused, expired);
        } finally {
            lock.unlock();
        }
    }

    // The following methods require the lock to be held.

    /**
     * {@return the call that got a free slot, to be woken; null if no slot is free or no call is
     * ready}
     */
    private @Nullable C startNext() {
        if (head == null || running == slots) {
            return null;
        }
        long now = clock.getAsLong();
        for (C call = head; call != null; call = call.next) {
            // An expired call is removed by its own thread.
            if (call.ready && !call.deadline.isPassed(now)) {
                start(call);
                return call;
            }
        }
        return null;
    }

    private void start(C call) {
        unlink(call);
        running++;
        call.state = State.LEADING;
    }

    /**
     * {@return whether enough rows wait under {@code key} to fill a batch} If so, the oldest is
     * marked as ready.
     */
    private boolean markReadyIfFull(@Nullable Object key) {
        C oldest = null;
        int rows = 0;
        for (C call = head; call != null; call = call.next) {
            if (key != null && key.equals(call.key)) {
                oldest = oldest == null ? call : oldest;
                rows += call.rows;
            }
        }
        if (oldest == null || rows < maxRows) {
            return false;
        }
        oldest.ready = true;
        return true;
    }

    private void insertAfter(@Nullable C place, C call) {
        call.previous = place;
        call.next = place == null ? head : place.next;
        if (call.next == null) {
            tail = call;
        } else {
            call.next.previous = call;
        }
        if (place == null) {
            head = call;
        } else {
            place.next = call;
        }
        waiting++;
    }

    private void unlink(C call) {
        if (call.previous == null) {
            head = call.next;
        } else {
            call.previous.next = call.next;
        }
        if (call.next == null) {
            tail = call.previous;
        } else {
            call.next.previous = call.previous;
        }
        call.previous = null;
        call.next = null;
        waiting--;
    }

    private void checkOpen() {
        if (closed) {
            throw closed();
        }
    }

    private OverloadedException overloaded() {
        return new OverloadedException(
                "the queue of model \"" + name + "\" is full: " + waiting + " requests wait",
                runTime.retryAfterSeconds(waiting, slots));
    }

    // The following methods do not require the lock.

    private DeadlineExceededException expired() {
        lock.lock();
        try {
            expired++;
        } finally {
            lock.unlock();
        }
        return new DeadlineExceededException(
                "deadline exceeded while queued for model \"" + name + "\"");
    }

    private ModelClosedException closed() {
        return new ModelClosedException("model \"" + name + "\" is closed");
    }

    private void wake(@Nullable C call) {
        if (call != null) {
            parker.unpark(call.thread);
        }
    }
}
