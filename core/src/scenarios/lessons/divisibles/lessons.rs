//! What each variant of the search is there to teach.

use super::Divisibles;
use crate::scenario::variant::VariantInfo;

pub(super) fn info(variant: Divisibles) -> VariantInfo {
    match variant {
        Divisibles::Sync => VariantInfo::new(
            "sync",
            "plain function calls, one search after the other",
            "Plain calls run in the order in which they stand, each to its end.",
        )
        .program(&["sync", "find"])
        .predict("Three calls, the large input first. In which order do they end?")
        .runners(
            "In the order of the calls, everywhere: the root computes and nobody else wants to \
             run. It takes about a millisecond. Computing is not sped up: at --speed 20 its times \
             read 20 times as long.",
        )
        .mistake("To judge by this that the order comes from the size of the work.")
        .next("divisibles/no-yield, with async in front of the functions.")
        .without_ideal(),
        Divisibles::NoYield => VariantInfo::new(
            "no-yield",
            "three tasks that never suspend",
            "An async function without an await that suspends runs to its end like a plain one: \
             nobody takes turns.",
        )
        .program(&["no_yield", "find_async", "find"])
        .predict("Each search is a task now. On one worker, does the small one end earlier?")
        .runners(
            "Each search runs from its start to its end on its worker. On one worker they run one \
             after the other: in the order of spawning, except that tokio begins with the one that \
             was spawned last. On more workers and on threads they run side by side, and the \
             smallest is often done first.",
        )
        .mistake("To expect that a runtime interrupts a task to be fair.")
        .next("divisibles/yield-50000, which lets others in.")
        .without_ideal(),
        Divisibles::Yield500000 => VariantInfo::new(
            "yield-500000",
            "tasks that wait 0.1 ms at every number that 500,000 divides",
            "A task gives way only where it waits: the first input waits twice, the others only \
             at 0.",
        )
        .program(&["yielding", "find_yielding"])
        .predict("They wait at 0, and at 500,000 if they come so far. In which order do they end?")
        .runners(
            "100052, 500, 508000 on one worker, always so on the virtual clock: at 500,000 the \
             first lets the other two end, in the order in which they were woken. With more \
             workers 500 may come before 100052. The waits are shorter than most timers are \
             exact, so on real runners the order is recorded, not judged.",
        )
        .mistake("To read the order as one of size: 100052 ends before 500.")
        .next("divisibles/yield-50000, with ten times as many waits.")
        .without_ideal(),
        Divisibles::Yield50000 => VariantInfo::new(
            "yield-50000",
            "tasks that wait 0.1 ms at every number that 50,000 divides",
            "More awaits, more turns: the smallest search ends first, because it meets the fewest \
             of them.",
        )
        .program(&["yielding", "find_yielding"])
        .predict("They wait ten times as often now. Which search is done first?")
        .runners(
            "500, 100052, 508000 on one worker of the virtual clock: after each wait the timers \
             decide who is next, and the larger inputs wait more often. The other runners nearly \
             always show the same. The largest waits eleven times, which takes longer than its \
             computing: 1.1 ms on the virtual clock, more than 11 ms on tokio, whose timers tick \
             once a millisecond.",
        )
        .mistake("To wait in order to give way: a yield does it, and costs no timer.")
        .next("divisibles/results, where main wants what was found.")
        .without_ideal(),
        Divisibles::Results => VariantInfo::new(
            "results",
            "takes the numbers that were found from the tasks' handles",
            "A handle gives its task's value: no shared list, no lock, and the order of asking.",
        )
        .program(&["results", "find_yielding"])
        .predict("The handles are awaited in the order of spawning. Which result is told first?")
        .runners(
            "508000 is told first, everywhere, though its search ends last: main awaits it first, \
             and the other two keep their values meanwhile.",
        )
        .mistake("To print results from inside the tasks, where nobody can use them.")
        .next("divisibles/not-waiting, where nobody asks.")
        .without_ideal(),
        Divisibles::NotWaiting => VariantInfo::new(
            "not-waiting",
            "main yields once and ends; two searches suspend, one does not",
            "When main does not wait, a search that suspends is lost; one that never suspends is \
             done, if only it was begun.",
        )
        .program(&["not_waiting", "find_yielding", "find_async"])
        .predict("Main gives way once and ends. Which of the three searches come to their end?")
        .runners(
            "On tokio-current-thread and the virtual clock the third is done and the other two are \
             lost, halfway. Where workers run beside main it is a race how far each comes before \
             the end, and the outcome tells. On async-std, which has no end but the process's, \
             nothing is lost yet: what suspends goes on.",
        )
        .mistake("To conclude from a small test that tasks need not be awaited.")
        .next("waiter/orphan, a task that was hardly begun.")
        .without_ideal(),
        Divisibles::SlowPoll => VariantInfo::new(
            "slow-poll",
            "times each poll, and reports those over a threshold",
            "What stalls a runtime is a long poll, and a long poll can be measured.",
        )
        .program(&["slow_poll", "find_async", "find"])
        .predict("One search looks at 508 million numbers without an await. How long is its poll?")
        .runners(
            "One poll of `below 508000120` is reported everywhere: 0.508 s on the virtual clock, \
             some 0.2 to 1 s of real time on real CPUs. The two small searches stay under the \
             threshold of 10 ms, unless the machine is so busy that it takes the CPU away from \
             them. asyncio reports from 100 ms on, in its debug mode.",
        )
        .mistake(
            "To look for such a poll in a CPU profile: it says how much, not how long at a time.",
        )
        .next("divisibles/parallel, where such work belongs.")
        .without_ideal(),
        Divisibles::Cleanup => VariantInfo::new(
            "cleanup",
            "a search fails, the group cancels the others, every file is closed",
            "However a task ends, what it owns is dropped, once; and the group hands the error on.",
        )
        .program(&["cleanup", "find_in_file"])
        .predict(
            "One search fails while the others wait. Who closes their files, and who hears of it?",
        )
        .runners(
            "Everywhere each file that was opened is closed once, and main has the error when all \
             are closed. How many were opened by then may be fewer than three where the other \
             searches had not been polled yet when the first one failed.",
        )
        .mistake("To write the closing at the end of the function: a cancel never comes there.")
        .next("task-group/failing-child, the group by itself.")
        .without_ideal()
        .fails(),
        Divisibles::Parallel => VariantInfo::new(
            "parallel",
            "three big searches, each on a thread of the blocking pool",
            "Computing is made faster by cores, and a pool of threads uses them, whatever the \
             number of workers.",
        )
        .program(&["parallel", "find"])
        .predict("Fifty million numbers each, on three threads. How much faster on two cores?")
        .runners(
            "On an idle machine about as many times faster as it has cores, three at the most, on \
             every runner, tokio-current-thread included. On the virtual clock, where --cores says \
             how many there are: 150.81 ms on one, 100.01 ms on two, 50.8 ms on three.",
        )
        .mistake("To give the pool more such calls than there are cores and expect more.")
        .next("divisibles/concurrent-big, the same as tasks.")
        .without_ideal(),
        Divisibles::ConcurrentBig => VariantInfo::new(
            "concurrent-big",
            "three big searches, each in a task that never suspends",
            "Concurrency alone gains nothing for computing: on one worker three searches take the \
             time of three.",
        )
        .program(&["no_yield", "find_async", "find"])
        .predict("The same big searches as tasks. How long on one worker, and on two?")
        .runners(
            "On one worker (tokio-current-thread, and asyncio) it takes the sum, and nothing else \
             runs meanwhile. On more workers they run in parallel, as far as there are cores, and \
             keep those workers from all other tasks.",
        )
        .mistake("To measure it on many workers, find it fast, and stall a server with it.")
        .next("divisibles/parallel, which leaves the workers free.")
        .without_ideal(),
    }
}
