//! One run with every poll recorded.
//!
//! The program is compiled once for all runners: over the traced [`Erased`] runtime.
//! A runner brings a [`Stage`] only, on which a boxed root is run.

use futures::future::FutureExt;

use crate::erased::Erased;
use crate::perform::{Options, Plan, ScenarioClock, is_recorded, root};
use crate::report::Report;
use crate::runner::{BuildError, Runner};
use crate::scenario::Scenario;
use crate::stage::{Stage, stage};
use crate::trace::data::Trace;
use crate::traced::calibration::cost_of_a_poll;
use crate::traced::collector::Tracer;
use crate::traced::judging::Judging;
use crate::traced::merge::Setting;
use crate::traced::runtime::Traced;
use crate::transcript::Null;

/// As [`perform`](fn@crate::perform), with every poll recorded, `trace_limit` events at
/// the most.
///
/// What is recorded is the same program on the same runtime; recording it costs some
/// time a poll, which the trace states. A transcript is kept as in an untraced run,
/// and the two agree in their times.
///
/// # Errors
///
/// As for [`perform`](fn@crate::perform). A run that the runner does not support gives an
/// empty trace.
///
/// # Blocking
///
/// As for [`perform`](fn@crate::perform).
pub fn perform_traced<Q: Runner, C: Scenario>(
    case: C,
    options: &Options,
    trace_limit: usize,
) -> Result<(Report, Trace), BuildError> {
    perform_on(&stage::<Q>(), case, options, trace_limit)
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
    let make_root = Box::new(|erased: Erased| {
        let traced = Traced::new(erased, tracer.clone());
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
    let before_shutdown = |now| tracer.mark_shutdown(now);
    let (mut ran, runtime) = stage.run(&plan.config, plan.limit, make_root, &before_shutdown)?;
    ran.transcript = Some(options.transcript.entries());
    let mut setting = Setting::of(info, config, plan.speed);
    setting.poll_cost = Some(cost_of_a_poll(&runtime));
    Ok((plan.conclude(ran), tracer.trace(&setting)))
}
