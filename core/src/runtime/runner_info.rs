//! A runner as data: its name, its workers, its clock, and the rules that it cannot meet.

use serde::{Deserialize, Serialize};

use super::config::{Config, MAX_TASK_THREADS};
use super::settings::SettingInfo;

/// A runner's names, options and limits: the same for each of its runs.
#[derive(Debug, Clone, Copy)]
pub struct RunnerInfo {
    /// The name on the command line and in results, such as `tokio-current-thread`.
    pub id: &'static str,
    /// One line for `pollmark list`.
    pub summary: &'static str,
    /// How the runner treats the number of workers.
    pub workers: Workers,
    /// Whether its time is real or virtual.
    pub clock: Clock,
    /// How a task comes to its worker.
    pub placement: Placement,
    /// Whether `--runner all` means it too; one that it does not mean must be named.
    pub in_all: bool,
    /// The runtime's own settings that it takes; [`Config::settings`] chooses among them.
    pub settings: &'static [SettingInfo],
    /// The conformance rules that it cannot meet, each with the reason.
    pub exceptions: &'static [Exception],
}

impl RunnerInfo {
    /// A runner that meets every rule, is among `all`, shares its tasks among its workers and has
    /// no settings.
    pub const fn new(
        id: &'static str,
        summary: &'static str,
        workers: Workers,
        clock: Clock,
    ) -> Self {
        RunnerInfo {
            id,
            summary,
            workers,
            clock,
            placement: Placement::Shared,
            in_all: matches!(clock, Clock::Real),
            settings: &[],
            exceptions: &[],
        }
    }

    /// The number of workers that this runner has with `config`; `None` if it has no workers.
    pub fn effective_workers(&self, config: &Config) -> Option<usize> {
        match self.workers {
            Workers::Any => Some(config.workers.get()),
            Workers::One => Some(1),
            Workers::PerTask => None,
        }
    }

    /// How tasks come to their workers with `config`: on a virtual clock, the switch [`NO_STEAL`]
    /// decides.
    pub fn effective_placement(&self, config: &Config) -> Placement {
        match config.settings.is_on(NO_STEAL) {
            true => Placement::Fixed,
            false => self.placement,
        }
    }

    /// The most tasks that may be alive at a time; `None` if there is no such limit.
    pub fn max_tasks(&self) -> Option<usize> {
        match self.workers {
            Workers::Any | Workers::One => None,
            Workers::PerTask => Some(MAX_TASK_THREADS),
        }
    }

    /// The reason why this runner cannot have `tasks` tasks alive at a time; `None` if it can.
    pub fn too_many_tasks(&self, tasks: usize) -> Option<String> {
        let most = self.max_tasks().filter(|most| tasks > *most)?;
        Some(format!(
            "{tasks} tasks at a time, the root among them, would be {tasks} OS threads, and \
             pollmark starts {most} at the most"
        ))
    }

    /// The reason that it declares for not keeping a rule of the conformance suite; `None` if it
    /// declares none.
    pub fn exception(&self, rule: &str) -> Option<&'static str> {
        let mut exceptions = self.exceptions.iter();
        let exception = exceptions.find(|exception| exception.rule == rule);
        exception.map(|exception| exception.reason)
    }
}

/// How a runner treats the number of workers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Workers {
    /// It runs as many as the configuration says.
    Any,
    /// It always has one.
    One,
    /// It has no workers: each task has a thread of its own.
    PerTask,
}

/// The switch of a virtual clock for [`Placement::Fixed`], so that there is an ideal for real
/// runtimes of that kind.
pub const NO_STEAL: &str = "no-steal";

/// How a task comes to its worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placement {
    /// No task waits for one worker while another is free, as far as the runtime manages: by a
    /// shared queue, or by stealing.
    Shared,
    /// The worker on which it was placed runs it to its end. Tasks are placed in turn.
    Fixed,
}

/// Whether a runner's time is the machine's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// Waiting takes real time, and the times measured carry the machine's noise.
    Real,
    /// Time is a number that moves when nothing else can happen: exact and repeatable.
    Virtual,
}

/// A rule of the conformance suite that a runtime cannot meet.
#[derive(Debug, Clone, Copy)]
pub struct Exception {
    /// The rule's name in the conformance suite.
    pub rule: &'static str,
    /// The reason why the runtime cannot meet it, and the behaviour instead.
    pub reason: &'static str,
}
