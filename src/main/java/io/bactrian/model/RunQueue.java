package io.bactrian.model;

import io.bactrian.limit.Deadline;
import io.bactrian.limit.DeadlineExceededException;
import io.bactrian.limit.OverloadedException;
import io.bactrian.limit.ServiceTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Who runs next, and with whom: a bounded number of slots, and a bounded queue of calls before
 * them. Knows nothing of tensors. {@link PredictionScheduler} tells the whole story; this is its
 * part about threads.
 *
 * <h2>A call's states</h2>
 *
 * <pre>
 *   enqueue ─┬── a slot is free ──▶ LEADING ── await returns its batch, then finish ──▶
 *            │                        ▲ ▲
 *            └─▶ WAITING ── handed one ─┘ └── requeue, a slot is free ──┐
 *                 │ │ ▲                                               │
 *                 │ │ └────────── requeue ──────────────────────── TAKEN ── settle ──▶ SETTLED
 *                 │ └──────────── joins a batch ──────────────────────▲
 *                 └── deadline, interrupt ──▶ GONE;  close ──▶ CLOSED
 * </pre>
 *
 * Every transition is made under the lock, but for TAKEN to SETTLED, which only the leader can
 * make. A call is in the linked list if and only if it is WAITING. {@code running} counts the slots
 * taken, one that was handed to a LEADING call whose thread has not woken yet included.
 *
 * <h2>Why no wake-up is lost</h2>
 *
 * The invariant, whenever the lock is free: <em>while a slot is free, no ready call waits</em>, but
 * for one whose delay has just run out, and its own thread is awake by its timer. It holds since a
 * slot is given back and handed on in one critical section ({@link #finish}), and a call looks for
 * a slot in the one in which it joins the queue ({@link #enqueue}). A state is always changed
 * before its thread is unparked, and a thread reads its state between any two parks: a permit that
 * comes early is kept, one that comes late is one turn of a loop.
 *
 * @param <C> the calls
 */
final class RunQueue<C extends RunQueue.Call<C>> {

    private enum State {
        /** In the list, its thread parked. */
        WAITING,
        /** It has a slot: its thread gathers a batch and runs it. */
        LEADING,
        /** In another's batch, whose leader will settle or requeue it. */
        TAKEN,
        /** Its answer is there. */
        SETTLED,
        /** It left by itself. */
        GONE,
        /** The queue was closed while it waited. */
        CLOSED
    }

    /**
     * One caller's place in the queue, made on the thread that will wait. The fields are the
     * queue's own.
     *
     * @param <C> the subclass itself
     */
    abstract static class Call<C extends Call<C>> {

        final Thread thread = Thread.currentThread();
        final int rows;
        final Deadline deadline;

        /** Written under the lock; read by the caller's own thread without it. */
        volatile State state;

        /** When it has waited long enough for company. Its own thread's. */
        long readyAt;

        // Guarded by the lock.
        Object key;
        boolean ready;
        C previous;
        C next;

        /**
         * @param key equal for calls that can share a run; null to run alone
         * @param rows how much of a batch it takes
         * @param deadline until when it may wait
         */
        Call(Object key, int rows, Deadline deadline) {
            this.key = key;
            this.rows = rows;
            this.deadline = deadline;
        }

        /** {@return whether it may run with others; by the thread whose turn it is} */
        boolean canShare() {
            return key != null;
        }
    }

    /** How threads sleep and wake each other. */
    interface Parker {

        /** {@link LockSupport}. */
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
         * Returns when the thread was unparked or interrupted, or for no reason.
         *
         * @param nanos at most so long; {@link Long#MAX_VALUE} for no end
         */
        void park(Object blocker, long nanos);

        void unpark(Thread thread);
    }

    /**
     * What has become of calls since the start.
     *
     * @param running slots taken now
     * @param waiting calls in the queue now
     * @param refused calls that found the queue full
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
    private C head;
    private C tail;
    private int waiting;
    private int running;
    private boolean closed;
    private final List<Thread> closers = new ArrayList<>();
    private final ServiceTime runTime = new ServiceTime();
    private long refused;
    private long expired;

    /**
     * @param name what errors call the model
     * @param slots how many runs there may be at the same time
     * @param capacity how many calls may wait
     * @param maxRows rows in a batch
     * @param maxDelayNanos how long a call that could share a run waits for a full batch
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

    /** With a lock, parking and time of its own, so that a test can decide who goes on when. */
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
     * Takes a slot if one is free, as it is when the model is idle: no object is made and nobody is
     * woken. Who got it must {@link #finish}.
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
     * Gives a slot back, or hands it to the call that has waited longest.
     *
     * @param ranNanos how long the run took; 0 if there was none
     */
    void finish(long ranNanos) {
        C next;
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
     * Gives the calling thread's call a slot or a place in the queue; {@link #await} tells which.
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
     * Waits for a slot, or for the answer from another's run.
     *
     * @param call enqueued by this thread
     * @return the calls to run together, {@code call} first: {@link #finish} when they have run,
     *     and {@link #settle} or {@link #requeue} the others; null if another has settled this call
     * @throws DeadlineExceededException if the deadline passed before its turn
     * @throws PredictionInterruptedException if the thread was interrupted before its turn
     * @throws ModelClosedException if the queue was closed before its turn
     */
    List<C> await(C call) {
        boolean interrupted = false;
        try {
            while (true) {
                switch (call.state) {
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
                                    "interrupted in the queue of model \"" + name + "\"");
                        }
                        long now = clock.getAsLong();
                        if (call.deadline.isPassed(now) && leave(call)) {
                            throw expired();
                        }
                        waitForTurn(call, now);
                    }
                    case TAKEN -> {
                        parker.park(this, Long.MAX_VALUE);
                        // Its inputs are being read: it can't go before the leader is done.
                        interrupted |= Thread.interrupted();
                    }
                    case SETTLED -> {
                        return null;
                    }
                    case CLOSED -> throw closed();
                    case GONE -> throw new IllegalStateException("the call has left");
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Parks until something may have changed: a wake-up, the deadline, the end of its delay. */
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
     * {@return whether the call is no longer WAITING; if it is, it is ready now, and the next slot
     * that is freed may be its own}
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

    /** The leader and, in the order they came, those that can share its run. */
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

    /** Tells a call of a batch, not its leader, that its answer is there. */
    void settle(C call) {
        call.state = State.SETTLED;
        parker.unpark(call.thread);
    }

    /**
     * Puts a batch that failed back, before all others, each call to run alone. Its slot was given
     * back before. The leader goes on with {@link #await}.
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
                // One more of them has a slot.
            }
        } finally {
            lock.unlock();
        }
        // All of them: one that got no slot has a deadline to look after again.
        batch.forEach(this::wake);
    }

    /**
     * Refuses all further calls, fails those that wait, and returns when no run is under way or the
     * deadline has passed. A second call is harmless.
     *
     * @return how many runs are under way still
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

    // What follows is called with the lock held.

    /**
     * {@return the call that got the free slot, to be woken; null if none is free or none is ready}
     */
    private C startNext() {
        if (head == null || running == slots) {
            return null;
        }
        long now = clock.getAsLong();
        for (C call = head; call != null; call = call.next) {
            // A late one is left for its own thread to find.
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
     * {@return whether enough rows wait under {@code key} to fill a batch; the oldest is ready
     * then}
     */
    private boolean markReadyIfFull(Object key) {
        C oldest = null;
        int rows = 0;
        for (C call = head; call != null; call = call.next) {
            if (key.equals(call.key)) {
                oldest = oldest == null ? call : oldest;
                rows += call.rows;
            }
        }
        if (rows < maxRows) {
            return false;
        }
        oldest.ready = true;
        return true;
    }

    private void insertAfter(C place, C call) {
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

    // What follows needs no lock, or takes it.

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

    private void wake(C call) {
        if (call != null) {
            parker.unpark(call.thread);
        }
    }
}
