package io.bactrian.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.function.Function;

/**
 * Runs a scenario in all interleavings of its threads' steps with a bounded number of preemptions,
 * that is, switches away from a thread that could continue. Few bugs need more than two, and
 * without a bound there are too many interleavings.
 *
 * <p>Only one thread runs at a time. Steps are separated by acquiring a lock, parking, and
 * unparking: code that shares state only under the lock can't distinguish more interleavings. At
 * each of these points every thread that can continue is tried, depth first, by running the
 * scenario again from the start with the same choices up to that point. Time only advances when a
 * thread's timed wait is chosen to end.
 */
public final class Interleavings {

    /** A scenario, which is created for each interleaving. */
    public interface Scenario {

        /** {@return the code of each thread} */
        List<Runnable> threads();

        /** Called when all threads have ended. */
        void check();
    }

    /** A thread and its state. */
    private static final class Worker {

        Thread thread;
        final Semaphore turn = new Semaphore(0);
        boolean ended;
        boolean parked;
        boolean permit;
        boolean interrupted;
        long wakeAt;

        boolean canGoOn() {
            return !ended && (!parked || permit || interrupted);
        }

        boolean canTimeOut() {
            return !ended && parked && wakeAt != Long.MAX_VALUE;
        }
    }

    /** Thrown to end the threads of a failed interleaving. */
    private static final class Abandoned extends Error {

        private static final long serialVersionUID = 1L;

        Abandoned() {
            super(null, null, false, false);
        }
    }

    private final int maxPreemptions;
    private final List<Integer> choices;
    private final List<Integer> options = new ArrayList<>();
    private final List<Worker> workers = new ArrayList<>();
    private final Semaphore over = new Semaphore(0);
    private int preemptions;
    private Worker current;
    private volatile Throwable failure;
    private volatile boolean abandoned;
    private volatile long now;

    private Interleavings(int maxPreemptions, List<Integer> choices) {
        this.maxPreemptions = maxPreemptions;
        this.choices = choices;
    }

    /**
     * {@return the number of interleavings}
     *
     * @param maxPreemptions the maximum number of preemptions
     * @param scenario creates the scenario; its threads must use the locks, parking and clock of
     *     the argument
     * @throws AssertionError if a thread or check fails or all threads wait; the message has the
     *     choices that led to it
     */
    public static int explore(int maxPreemptions, Function<Interleavings, Scenario> scenario) {
        List<Integer> choices = new ArrayList<>();
        int orders = 0;
        while (true) {
            Interleavings order = new Interleavings(maxPreemptions, choices);
            order.run(scenario.apply(order));
            orders++;
            int last = choices.size() - 1;
            while (last >= 0 && choices.get(last) + 1 == order.options.get(last)) {
                choices.remove(last--);
            }
            if (last < 0) {
                return orders;
            }
            choices.set(last, choices.get(last) + 1);
        }
    }

    private void run(Scenario scenario) {
        for (Runnable task : scenario.threads()) {
            Worker worker = new Worker();
            worker.thread = new Thread(() -> run(worker, task));
            worker.thread.setDaemon(true);
            workers.add(worker);
            worker.thread.start();
        }
        next();
        try {
            if (!over.tryAcquire(1, TimeUnit.MINUTES)) {
                throw new AssertionError("a thread does not come to its next step: " + choices);
            }
            if (failure == null) {
                for (Worker worker : workers) {
                    worker.thread.join();
                }
                scenario.check();
            }
        } catch (InterruptedException | RuntimeException | AssertionError e) {
            failure = e;
        }
        if (failure != null) {
            throw new AssertionError("order " + choices + ": " + failure, failure);
        }
    }

    private void run(Worker worker, Runnable task) {
        worker.turn.acquireUninterruptibly();
        try {
            task.run();
        } catch (Abandoned e) {
            return;
        } catch (Throwable e) {
            failure = e;
        }
        worker.ended = true;
        next();
    }

    /** Switches to one of the threads that can continue, which may be the current one. */
    private void next() {
        Worker from = current;
        List<Worker> candidates = new ArrayList<>();
        boolean goesOn = from != null && from.canGoOn();
        if (goesOn) {
            candidates.add(from);
        }
        if (!goesOn || preemptions < maxPreemptions) {
            for (Worker worker : workers) {
                if (worker != from && worker.canGoOn()) {
                    candidates.add(worker);
                }
            }
            for (Worker worker : workers) {
                if (!worker.canGoOn() && worker.canTimeOut()) {
                    candidates.add(worker);
                }
            }
        }
        if (candidates.isEmpty()) {
            end();
            return;
        }
        Worker to = candidates.get(choose(candidates.size()));
        if (to != from && goesOn) {
            preemptions++;
        }
        current = to;
        if (to != from) {
            to.turn.release();
            if (from != null && !from.ended) {
                from.turn.acquireUninterruptibly();
                if (abandoned) {
                    throw new Abandoned();
                }
            }
        }
    }

    private int choose(int candidates) {
        if (candidates == 1) {
            return 0;
        }
        options.add(candidates);
        if (options.size() > choices.size()) {
            choices.add(0);
        }
        return choices.get(options.size() - 1);
    }

    private void end() {
        boolean waits = workers.stream().anyMatch(worker -> !worker.ended);
        if (waits && failure == null) {
            failure = new AssertionError("all threads wait: a wake-up was lost");
        }
        abandoned = waits;
        over.release();
        if (waits) {
            workers.forEach(worker -> worker.turn.release());
            throw new Abandoned();
        }
    }

    /** Ends a step, so that another thread may continue. */
    public void step() {
        // Has no effect while the scenario is created.
        if (current != null && Thread.currentThread() == current.thread) {
            next();
        }
    }

    public long now() {
        return now;
    }

    /** Interrupts a thread of the scenario, by its index. */
    public void interrupt(int thread) {
        // The thread's own interrupt flag may be cleared while it waits for its turn.
        workers.get(thread).interrupted = true;
        workers.get(thread).thread.interrupt();
        step();
    }

    /**
     * Parks the current thread.
     *
     * @param nanos the maximum time; {@link Long#MAX_VALUE} for no limit
     */
    public void park(long nanos) {
        Worker self = current;
        self.wakeAt = nanos == Long.MAX_VALUE ? Long.MAX_VALUE : now + nanos;
        self.parked = true;
        next();
        self.parked = false;
        if (!self.permit && !self.interrupted) {
            now = Math.max(now, self.wakeAt);
        }
        self.permit = false;
        self.interrupted = false;
    }

    /** Unparks a thread of the scenario, or lets its next parking return at once. */
    public void unpark(Thread thread) {
        step();
        for (Worker worker : workers) {
            if (worker.thread == thread) {
                worker.permit = true;
            }
        }
        step();
    }

    public Lock lock() {
        return new Lock() {

            private Thread owner;

            @Override
            public void lock() {
                step();
                if (owner != null) {
                    throw new AssertionError("a step ended under the lock");
                }
                owner = Thread.currentThread();
            }

            @Override
            public void unlock() {
                owner = null;
            }

            @Override
            public void lockInterruptibly() {
                throw new UnsupportedOperationException();
            }

            @Override
            public boolean tryLock() {
                throw new UnsupportedOperationException();
            }

            @Override
            public boolean tryLock(long time, TimeUnit unit) {
                throw new UnsupportedOperationException();
            }

            @Override
            public Condition newCondition() {
                throw new UnsupportedOperationException();
            }
        };
    }
}
