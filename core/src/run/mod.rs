//! One run of one variant on one runner, from building the runtime to the verdict.

pub(crate) mod launch;
pub(crate) mod limited;
pub(crate) mod options;
pub(crate) mod plan;
pub(crate) mod report;
pub(crate) mod root;
pub(crate) mod session;
pub(crate) mod usage;
pub(crate) mod verdict;

use std::sync::Arc;
use std::time::Instant;

use futures::future::FutureExt;

use self::launch::{Launch, Launcher};
use self::limited::limited;
use self::options::Options;
use self::plan::{Ended, Plan};
use self::report::Report;
use self::root::{ScenarioClock, is_recorded, root};
use self::session::Session;
use crate::program::sink::Null;
use crate::runtime::Runtime;
use crate::runtime::config::BuildError;
use crate::runtime::erased::Erased;
use crate::runtime::runner::Runner;
use crate::scenario::Scenario;
use crate::scenario::outcome::Life;
use crate::trace::data::Trace;
use crate::trace::record::named::NamedSink;
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
/// Blocks the calling thread until the runtime has ended, on another thread; it must not be a
/// thread of a runtime. A poll that does not return is not waited for: a second past the
/// [timeout](Options::timeout) its thread is left behind.
pub fn perform<Q: Runner, C: Scenario>(case: C, options: &Options) -> Result<Report, BuildError> {
    let plan = match Plan::new(case, const { &Q::INFO }, options.into()) {
        Ok(plan) => plan,
        Err(unsupported) => return Ok(*unsupported),
    };
    let began = Instant::now();
    let session = Session::<Q>::build(&plan.config)?;
    let build = began.elapsed();
    let (planned, transcript) = (plan.clone(), options.transcript.clone());
    let run = move |session: &Session<Q>| {
        let asked = Instant::now();
        let root = session.run_planned(&planned, &transcript);
        Ended {
            life: Life {
                build,
                root: asked.elapsed(),
                ..Life::default()
            },
            ..Ended::of(root, session.work(), session.inexact())
        }
    };
    let mut ended = limited(session, plan.patience, run, Session::shutdown, || {
        options.transcript.stop();
    })?;
    ended.transcript = Some(options.transcript.entries());
    Ok(plan.conclude(ended))
}

/// Runs `case` as [`perform`] does, with every poll recorded, up to `trace_limit` events.
///
/// The run is of the same program on the same runtime; recording it costs some
/// time a poll, which the trace states. A transcript is kept as in an untraced run,
/// and the two agree in their times.
///
/// # Errors
///
/// As for [`perform`]. A run that the runner does not support gives an empty trace, and one that was
/// left behind in a poll the trace up to that moment.
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
    let (params, speed) = (plan.params.clone(), plan.speed);
    let transcript = options.transcript.clone();
    let make_root = Box::new(move |runtime: Erased| {
        let recorder = move |clock: ScenarioClock<_>| transcript.recorder(move || clock.now());
        root(case, runtime, params, speed, recorder).boxed()
    });
    let transcript = options.transcript.clone();
    let on_stop = Arc::new(move |_| transcript.stop());
    let (config, limit, patience) = (&plan.config, plan.limit, plan.patience);
    let (mut ended, _) = runner.launch(
        config,
        limit,
        patience,
        make_root,
        on_stop,
        Box::new(|_| ()),
    )?;
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
    let tracer = Tracer::new(runner.info().clock, trace_limit);
    let (report, setting) = perform_recorded_erased(runner, case, options, &tracer)?;
    Ok((report, tracer.trace(&setting)))
}

/// As [`perform_traced_erased`], with the recording in `tracer`, which may be read meanwhile.
/// Returns the facts that the recording does not have.
pub(crate) fn perform_recorded_erased<C: Scenario>(
    runner: &dyn Launch,
    case: C,
    options: &Options,
    tracer: &Tracer,
) -> Result<(Report, Setting), BuildError> {
    let info = runner.info();
    let mut setting = Setting::of(info, &options.config, options.speed);
    let plan = match Plan::new(case, info, options.into()) {
        Ok(plan) => plan,
        Err(unsupported) => return Ok((*unsupported, setting)),
    };
    plan.config.validate()?;
    let (params, speed) = (plan.params.clone(), plan.speed);
    let (recording, transcript) = (tracer.clone(), options.transcript.clone());
    let make_root = Box::new(move |erased: Erased| {
        let tracer = recording;
        let clock = erased.clone();
        tracer.tell_time_by(move || clock.now());
        let traced = Traced::new(erased, tracer.clone());
        let mark_epoch = move |clock: &ScenarioClock<_>| tracer.mark_epoch(clock.epoch);
        let (handle, recorded) = (traced.clone(), traced.clone());
        if const { is_recorded::<C>() } {
            let sink = move |clock: ScenarioClock<_>| {
                mark_epoch(&clock);
                NamedSink::new(transcript.recorder(move || clock.now()), recorded)
            };
            traced.root(root(case, handle, params, speed, sink)).boxed()
        } else {
            let sink = move |clock: ScenarioClock<_>| {
                mark_epoch(&clock);
                NamedSink::new(Null, recorded)
            };
            traced.root(root(case, handle, params, speed, sink)).boxed()
        }
    });
    let (stopped, transcript) = (tracer.clone(), options.transcript.clone());
    let on_stop = Arc::new(move |now| {
        stopped.mark_stop(now);
        transcript.stop();
    });
    let marked = tracer.clone();
    let before_shutdown = Box::new(move |now| marked.mark_shutdown(now));
    let (config, limit, patience) = (&plan.config, plan.limit, plan.patience);
    let (mut ended, runtime) =
        runner.launch(config, limit, patience, make_root, on_stop, before_shutdown)?;
    ended.transcript = Some(options.transcript.entries());
    tracer.anchor(|| runtime.now());
    setting.poll_cost = Some(cost_of_a_poll(info.clock, &runtime));
    Ok((plan.conclude(ended), setting))
}
