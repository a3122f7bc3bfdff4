//! One run of one variant on one runner, from building the runtime to the verdict.

pub(crate) mod launch;
pub(crate) mod options;
pub(crate) mod plan;
pub(crate) mod report;
pub(crate) mod root;
pub(crate) mod session;
pub(crate) mod usage;
pub(crate) mod verdict;

use futures::future::FutureExt;

use self::launch::{Launch, Launcher};
use self::options::Options;
use self::plan::{Ended, Plan};
use self::report::Report;
use self::root::{ScenarioClock, is_recorded, root};
use self::session::Session;
use crate::program::sink::Null;
use crate::runtime::config::BuildError;
use crate::runtime::erased::Erased;
use crate::runtime::runner::Runner;
use crate::scenario::Scenario;
use crate::trace::data::Trace;
use crate::trace::record::failures::Failures;
use crate::trace::record::overhead::cost_of_a_poll;
use crate::trace::record::runtime::Traced;
use crate::trace::record::setting::Setting;
use crate::trace::record::tracer::Tracer;

/// Runs `case` on a runtime built for it, ends the runtime, and checks the outcome.
///
/// ```
/// # use pollmark_core::Scenario;
/// use pollmark_core::scenarios::Cafe;
/// use pollmark_core::{Options, Runner, perform};
///
/// fn latte<Q: Runner>() -> Result<(), pollmark_core::BuildError> {
///     let report = perform::<Q, _>(Cafe::Concurrent, &Options::default())?;
///     println!("{report}");
///     Ok(())
/// }
/// ```
///
/// # Errors
///
/// [`BuildError`] if the runtime could not be built. A run that went wrong is no
/// error but a [`Verdict`](crate::Verdict).
///
/// # Blocking
///
/// Blocks the calling thread until the runtime has ended; it must not be a thread
/// of a runtime.
pub fn perform<Q: Runner, C: Scenario>(case: C, options: &Options) -> Result<Report, BuildError> {
    let plan = match Plan::new(case, &Q::INFO, options.into()) {
        Ok(plan) => plan,
        Err(unsupported) => return Ok(*unsupported),
    };
    let session = Session::<Q>::build(&plan.config)?;
    let root = session.run_planned(&plan, &options.transcript);
    let work = session.work();
    let shutdown = session.shutdown();
    Ok(plan.conclude(Ended {
        root,
        work,
        shutdown: Some(shutdown),
        transcript: Some(options.transcript.entries()),
    }))
}

/// Runs `case` as [`perform`] does, with every poll recorded, up to `trace_limit` events.
///
/// The run is of the same program on the same runtime; recording it costs some
/// time a poll, which the trace states. A transcript is kept as in an untraced run,
/// and the two agree in their times.
///
/// # Errors
///
/// As for [`perform`]. A run that the runner does not support gives an empty trace.
///
/// # Blocking
///
/// As for [`perform`].
pub fn perform_traced<Q: Runner, C: Scenario>(
    case: C,
    options: &Options,
    trace_limit: usize,
) -> Result<(Report, Trace), BuildError> {
    perform_traced_erased(&Launcher::<Q>::new(), case, options, trace_limit)
}

/// As [`perform`], compiled once for all runners: for programs that are not measured.
pub(crate) fn perform_erased<C: Scenario>(
    runner: &dyn Launch,
    case: C,
    options: &Options,
) -> Result<Report, BuildError> {
    let plan = match Plan::new(case, runner.info(), options.into()) {
        Ok(plan) => plan,
        Err(unsupported) => return Ok(*unsupported),
    };
    plan.config.validate()?;
    let make_root = Box::new(|runtime: Erased| {
        let (params, speed) = (plan.params.clone(), plan.speed);
        let transcript = options.transcript.clone();
        let recorder = move |clock: ScenarioClock<_>| transcript.recorder(move || clock.now());
        root(case, runtime, params, speed, recorder).boxed()
    });
    let on_stop = |_| options.transcript.stop();
    let (mut ended, _) = runner.launch(&plan.config, plan.limit, make_root, &on_stop, &|_| {})?;
    ended.transcript = Some(options.transcript.entries());
    Ok(plan.conclude(ended))
}

/// As [`perform_traced`], compiled once for all runners: over the traced [`Erased`] runtime.
pub(crate) fn perform_traced_erased<C: Scenario>(
    runner: &dyn Launch,
    case: C,
    options: &Options,
    trace_limit: usize,
) -> Result<(Report, Trace), BuildError> {
    let (info, config) = (runner.info(), &options.config);
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
        let (params, speed) = (plan.params.clone(), plan.speed);
        let tracer = tracer.clone();
        let mark_epoch = move |clock: &ScenarioClock<_>| tracer.mark_epoch(clock.epoch);
        let handle = traced.clone();
        if const { is_recorded::<C>() } {
            let transcript = options.transcript.clone();
            let sink = move |clock: ScenarioClock<_>| {
                mark_epoch(&clock);
                Failures(transcript.recorder(move || clock.now()))
            };
            traced.root(root(case, handle, params, speed, sink)).boxed()
        } else {
            let sink = move |clock: ScenarioClock<_>| {
                mark_epoch(&clock);
                Failures(Null)
            };
            traced.root(root(case, handle, params, speed, sink)).boxed()
        }
    });
    let on_stop = |now| {
        tracer.mark_stop(now);
        options.transcript.stop();
    };
    let before_shutdown = |now| tracer.mark_shutdown(now);
    let (mut ended, runtime) = runner.launch(
        &plan.config,
        plan.limit,
        make_root,
        &on_stop,
        &before_shutdown,
    )?;
    ended.transcript = Some(options.transcript.entries());
    let mut setting = Setting::of(info, config, plan.speed);
    setting.poll_cost = Some(cost_of_a_poll(&runtime));
    Ok((plan.conclude(ended), tracer.trace(&setting)))
}
