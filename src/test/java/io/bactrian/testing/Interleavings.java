package io.bactrian.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.function.Function;

/**
 * Runs a scenario of a few threads in every order of their steps, but for orders that take the turn
 * from a thread that could go on more than a given number of times (few bugs need more than two;
 * without a bound there are too many orders).
 *
 * <p>Only one thread runs at a time. A step ends where a lock is to be taken, where a thread parks
 * and around unparking one: code that shares state only under the lock can't tell more orders
 * apart. There every thread that can go on is tried: depth first, by running the scenario again
 * from its beginning with the same choices up to there. Time stands still, but when a thread's
 * timed wait is chosen to end.
 */
public final class Interleavings {

    /** One scenario: made anew for each order. */
    public interface Scenario {

        /** {@return what the threads do} */
        List<Runnable> threads();

        /** Called when all threads have ended. */
        void check();
    }

    /** A thread, and whether it can go on. */
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

    /** Ends the threads of an order that has come to a dead end. */
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
     * {@return how many orders there were}
     *
     * @param maxPreemptions how often an order may take the turn from a thread that could go on
     * @param scenario given what its threads must lock, park and tell the time with
     * @throws AssertionError with the choices that led to it, if a thread or check fails in one of
     *     them, or all threads wait
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

    /** Gives the turn to one of those that can go on; the one that has it may keep it. */
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

    /** Lets any thread go on: a step ends here too. */
    public void step() {
        // Not while the scenario is set up.
        if (current != null && Thread.currentThread() == current.thread) {
            next();
        }
    }

    public long now() {
        return now;
    }

    /** Interrupts the scenario's thread of that number. */
    public void interrupt(int thread) {
        // The thread's own flag comes and goes while it waits for its turn.
        workers.get(thread).interrupted = true;
        workers.get(thread).thread.interrupt();
        step();
    }

    /**
     * Parks the thread that has the turn.
     *
     * @param nanos for how long; {@link Long#MAX_VALUE} for as long as it takes
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

    /** Lets a thread of the scenario that is parked, or parks next, go on. */
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
