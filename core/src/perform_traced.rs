//! One run with every poll recorded.
//!
//! The program is compiled once for all runners: over the traced [`Erased`] runtime.
//! A runner brings a [`Stage`] only, on which a boxed root is run.

use std::marker::PhantomData;
use std::time::Duration;

use futures::future::{BoxFuture, FutureExt};

use crate::perform::{Finish, Plan, Ran, SHUTDOWN, ScenarioClock, is_recorded, root};
use crate::trace::Trace;
use crate::traced::{Judging, Setting, cost_of_a_poll};
use crate::transcript::Null;
use crate::{
    BuildError, Config, Erased, Options, Report, Runner, RunnerInfo, Runtime, Scenario, Traced,
    Tracer,
};

/// As [`perform`](crate::perform), with every poll recorded, `trace_limit` events at
/// the most.
///
/// What is recorded is the same program on the same runtime; recording it costs some
/// time a poll, which the trace states. A transcript is kept as in an untraced run,
/// and the two agree in their times.
///
/// # Errors
///
/// As for [`perform`](crate::perform). A run that the runner does not support gives an
/// empty trace.
///
/// # Blocking
///
/// As for [`perform`](crate::perform).
pub fn perform_traced<Q: Runner, C: Scenario>(
    case: C,
    options: &Options,
    trace_limit: usize,
) -> Result<(Report, Trace), BuildError> {
    perform_on(&stage::<Q>(), case, options, trace_limit)
}

/// A runner without its type, on which roots of one type are run.
pub(crate) trait Stage {
    fn info(&self) -> &'static RunnerInfo;

    /// Builds the runtime, runs what `root` makes of its handle, and ends the runtime.
    /// Gives what came of it, and the handle, which still tells the time.
    fn run(
        &self,
        config: &Config,
        limit: Option<Duration>,
        tracer: &Tracer,
        root: MakeRoot<'_>,
    ) -> Result<(Ran, Erased), BuildError>;
}

type MakeRoot<'a> = Box<dyn FnOnce(Traced<Erased>) -> BoxFuture<'static, Finish> + 'a>;

pub(crate) fn stage<Q: Runner>() -> impl Stage {
    On::<Q>(PhantomData)
}

struct On<Q>(PhantomData<fn() -> Q>);

impl<Q: Runner> Stage for On<Q> {
    fn info(&self) -> &'static RunnerInfo {
        const { &Q::INFO }
    }

    fn run(
        &self,
        config: &Config,
        limit: Option<Duration>,
        tracer: &Tracer,
        root: MakeRoot<'_>,
    ) -> Result<(Ran, Erased), BuildError> {
        let runner = Q::build(config)?;
        let erased = Erased::new(runner.handle());
        let root = root(Traced::new(erased.clone(), tracer.clone()));
        let ran = runner.run(root, limit);
        let work = runner.work();
        tracer.mark_shutdown(erased.now());
        let shutdown = runner.shutdown(SHUTDOWN);
        let ran = Ran {
            ran,
            work,
            shutdown: Some(shutdown),
            transcript: None,
        };
        Ok((ran, erased))
    }
}

pub(crate) fn perform_on<C: Scenario>(
    stage: &dyn Stage,
    case: C,
    options: &Options,
    trace_limit: usize,
) -> Result<(Report, Trace), BuildError> {
    let (info, config) = (stage.info(), &options.config);
    let tracer = Tracer::new(trace_limit);
    let plan = match Plan::new(case, info, options.into()) {
        Ok(plan) => plan,
        Err(unsupported) => {
            let setting = Setting::of(info, config, unsupported.speed);
            return Ok((*unsupported, tracer.trace(&setting)));
        }
    };
    plan.config.validate()?;
    let make_root = Box::new(|traced: Traced<Erased>| {
        let (given, speed) = (plan.params.clone(), plan.speed);
        let tracer = tracer.clone();
        let mark_epoch = move |clock: &ScenarioClock<_>| tracer.mark_epoch(clock.epoch);
        let handle = traced.clone();
        if const { is_recorded::<C>() } {
            let transcript = options.transcript.clone();
            let sink = move |clock: ScenarioClock<_>| {
                mark_epoch(&clock);
                Judging(transcript.recorder(move || clock.now()))
            };
            traced.root(root(case, handle, given, speed, sink)).boxed()
        } else {
            let sink = move |clock: ScenarioClock<_>| {
                mark_epoch(&clock);
                Judging(Null)
            };
            traced.root(root(case, handle, given, speed, sink)).boxed()
        }
    });
    let (mut ran, runtime) = stage.run(&plan.config, plan.limit, &tracer, make_root)?;
    ran.transcript = Some(options.transcript.entries());
    let mut setting = Setting::of(info, config, plan.speed);
    setting.poll_cost = Some(cost_of_a_poll(&runtime));
    Ok((plan.conclude(ran), tracer.trace(&setting)))
}
