//! How to run a variant: the runtime's configuration, parameters, speed and time limit.

use std::time::Duration;

use crate::program::speed::Speed;
use crate::program::transcript::Transcript;
use crate::runtime::config::Config;
use crate::scenario::params::Params;

/// How to run a variant.
#[derive(Debug, Clone)]
pub struct Options {
    /// How the runtime is built.
    pub config: Config,
    /// The scenario's parameters; defaults for those it does not hold.
    pub params: Params,
    /// How many times faster than scenario time the run is; virtual clocks need no
    /// speed and run at [`Speed::REAL`].
    pub speed: Speed,
    /// The real time after which the run is given up. If a poll does not return then, the run is
    /// left behind on its thread a second later.
    pub timeout: Duration,
    /// The transcript that the run writes.
    pub transcript: Transcript,
}

impl Default for Options {
    /// The machine's workers, the defaults of the scenario, twenty times faster
    /// than scenario time, half a minute of patience.
    fn default() -> Self {
        Options {
            config: Config::default(),
            params: Params::default(),
            speed: Speed::LESSON,
            timeout: Duration::from_secs(30),
            transcript: Transcript::new(),
        }
    }
}

/// The request for one run, by [`perform`](fn@crate::perform) or a [`Session`](crate::Session).
#[derive(Clone, Copy)]
pub(crate) struct RunSpec<'a> {
    pub(crate) config: &'a Config,
    pub(crate) params: &'a Params,
    pub(crate) speed: Speed,
    pub(crate) timeout: Duration,
}

impl<'a> From<&'a Options> for RunSpec<'a> {
    fn from(options: &'a Options) -> Self {
        RunSpec {
            config: &options.config,
            params: &options.params,
            speed: options.speed,
            timeout: options.timeout,
        }
    }
}
