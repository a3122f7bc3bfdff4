//! Random programs against two schedulers that share nothing with the simulator.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::num::NonZeroUsize;
use std::time::Duration;

use pollmark_core::{Config, Runner, Runtime};
use pollmark_runner_virtual::Virtual;
use proptest::prelude::*;

#[derive(Debug, Clone, Copy)]
enum Step {
    Wait(u64),
    Block(u64),
    Spin(u64),
}

/// Runs one task for each program; when each ended, in milliseconds.
fn simulate(workers: usize, cores: usize, programs: &[Vec<Step>]) -> Vec<u64> {
    let config = Config {
        cores: NonZeroUsize::new(cores),
        ..Config::with_workers(workers)
    };
    let runner = Virtual::build(&config).expect("one thread starts");
    let rt = runner.handle();
    let programs = programs.to_vec();
    let root = async move {
        let start = |program: Vec<Step>| {
            let own = rt.clone();
            rt.spawn(async move {
                for step in program {
                    match step {
                        Step::Wait(ms) => own.sleep(Duration::from_millis(ms)).await,
                        Step::Block(ms) => own.block(Duration::from_millis(ms)),
                        Step::Spin(ms) => own.spin(Duration::from_millis(ms)),
                    }
                }
                own.now()
            })
        };
        let tasks: Vec<_> = programs.into_iter().map(start).collect();
        let mut ends = Vec::new();
        for task in tasks {
            let end = task.await.expect("no task fails");
            ends.push(u64::try_from(end.as_millis()).expect("programs are short"));
        }
        ends
    };
    runner.run(root, None).expect("the root ends")
}

/// Graham's list scheduling: each task in turn goes to the worker that is free first.
fn list_schedule(workers: usize, lengths: &[u64]) -> Vec<u64> {
    let mut free_at: BinaryHeap<_> = (0..workers).map(|_| Reverse(0)).collect();
    let place = |length: &u64| {
        let Reverse(begin) = free_at.pop().expect("there is a worker");
        free_at.push(Reverse(begin + length));
        begin + length
    };
    lengths.iter().map(place).collect()
}

/// The state of a task of the ticking scheduler.
#[derive(Clone, Copy, PartialEq)]
enum At {
    Ready,
    Waiting { until: u64, since: u64 },
    Blocked { until: u64, since: u64 },
    WantsCore { ms: u64 },
    Spinning { until: u64, since: u64 },
    Ended,
}

/// A scheduler that looks at every task in every millisecond.
struct Ticking<'a> {
    programs: &'a [Vec<Step>],
    next_step: Vec<usize>,
    at: Vec<At>,
    ends: Vec<u64>,
    ready: VecDeque<usize>,
    want_core: VecDeque<usize>,
    free_workers: usize,
    free_cores: usize,
    now: u64,
    /// Orders the tasks of one millisecond by their beginning.
    begun: u64,
}

impl<'a> Ticking<'a> {
    fn run(workers: usize, cores: usize, programs: &'a [Vec<Step>]) -> Vec<u64> {
        let mut this = Ticking {
            programs,
            next_step: vec![0; programs.len()],
            at: vec![At::Ready; programs.len()],
            ends: vec![0; programs.len()],
            ready: (0..programs.len()).collect(),
            want_core: VecDeque::new(),
            free_workers: workers,
            free_cores: cores,
            now: 0,
            begun: 0,
        };
        while this.at.iter().any(|at| *at != At::Ended) {
            this.tick();
            this.now += 1;
        }
        this.ends
    }

    fn tick(&mut self) {
        let mut due: Vec<(u64, usize)> = Vec::new();
        for (task, at) in self.at.iter().enumerate() {
            match *at {
                At::Waiting { until, since }
                | At::Blocked { until, since }
                | At::Spinning { until, since }
                    if until == self.now =>
                {
                    due.push((since, task));
                }
                _ => {}
            }
        }
        due.sort_unstable();
        let mut go_on = Vec::new();
        for (_, task) in due {
            match self.at[task] {
                At::Waiting { .. } => {
                    self.at[task] = At::Ready;
                    self.ready.push_back(task);
                }
                At::Spinning { .. } => {
                    self.free_cores += 1;
                    self.hand_out_cores();
                    go_on.push(task);
                }
                _ => go_on.push(task),
            }
        }
        for task in go_on {
            self.go_on(task);
        }
        while self.free_workers > 0
            && let Some(task) = self.ready.pop_front()
        {
            self.free_workers -= 1;
            self.go_on(task);
        }
    }

    /// Steps on with a task that holds a worker, until it rests.
    fn go_on(&mut self, task: usize) {
        loop {
            let step = self.programs[task].get(self.next_step[task]).copied();
            self.next_step[task] += 1;
            self.begun += 1;
            let since = self.begun;
            match step {
                Some(Step::Wait(0) | Step::Block(0) | Step::Spin(0)) => continue,
                Some(Step::Wait(ms)) => {
                    let until = self.now + ms;
                    self.at[task] = At::Waiting { until, since };
                    self.free_workers += 1;
                }
                Some(Step::Block(ms)) => {
                    let until = self.now + ms;
                    self.at[task] = At::Blocked { until, since };
                }
                Some(Step::Spin(ms)) => {
                    self.at[task] = At::WantsCore { ms };
                    self.want_core.push_back(task);
                    self.hand_out_cores();
                }
                None => {
                    self.at[task] = At::Ended;
                    self.ends[task] = self.now;
                    self.free_workers += 1;
                }
            }
            return;
        }
    }

    fn hand_out_cores(&mut self) {
        while self.free_cores > 0
            && let Some(task) = self.want_core.pop_front()
        {
            let At::WantsCore { ms } = self.at[task] else {
                unreachable!("only who wants a core queues for one")
            };
            self.free_cores -= 1;
            self.begun += 1;
            self.at[task] = At::Spinning {
                until: self.now + ms,
                since: self.begun,
            };
        }
    }
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..20u64).prop_map(Step::Wait),
        (0..20u64).prop_map(Step::Block),
        (0..20u64).prop_map(Step::Spin),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn blocking_tasks_are_list_scheduled(
        workers in 1..=64usize,
        lengths in prop::collection::vec(0..1_000u64, 1..150),
    ) {
        let programs: Vec<_> = lengths.iter().map(|ms| vec![Step::Block(*ms)]).collect();
        let ends = simulate(workers, workers, &programs);
        prop_assert_eq!(ends, list_schedule(workers, &lengths));
    }

    #[test]
    fn mixed_programs_end_when_a_ticking_scheduler_ends_them(
        workers in 1..=8usize,
        cores in 1..=8usize,
        programs in prop::collection::vec(prop::collection::vec(step(), 0..6), 1..20),
    ) {
        let ends = simulate(workers, cores, &programs);
        prop_assert_eq!(ends, Ticking::run(workers, cores, &programs));
    }
}
