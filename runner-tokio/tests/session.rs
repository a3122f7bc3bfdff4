//! A session awaits pipes only if its runtime was built to.

use pollmark_core::scenarios::{BrigadePipe, PingPong};
use pollmark_core::{Config, Params, Runner, Scenario, Session, Verdict};
use pollmark_runner_tokio::{Tokio, TokioCurrentThread};

#[test]
fn pipes_take_a_session_with_io() {
    on::<Tokio>();
    on::<TokioCurrentThread>();
}

fn on<Q: Runner>() {
    let without = Config::with_workers(2);
    let with = Config {
        io: true,
        ..without.clone()
    };
    let brigade = |session: &Session<Q>| {
        let params = small(BrigadePipe::VARIANTS[0], &[("tasks", "5"), ("rounds", "3")]);
        session.run(BrigadePipe::VARIANTS[0], &params).verdict
    };

    let session = Session::<Q>::build(&without).expect("two workers are to be had");
    let refused = brigade(&session);
    assert!(
        matches!(&refused, Verdict::Unsupported(reason) if reason.contains("without `io`")),
        "{refused:?}"
    );

    let session = Session::<Q>::build(&with).expect("two workers are to be had");
    for _ in 0..2 {
        assert_eq!(brigade(&session), Verdict::Ok);
        let params = small(PingPong::Channels, &[("rounds", "3")]);
        let ping_pong = session.run(PingPong::Channels, &params);
        assert_eq!(ping_pong.verdict, Verdict::Ok);
    }
}

fn small<C: Scenario>(_: C, given: &[(&str, &str)]) -> Params {
    let infos = C::INFO.params;
    let with = |params: Params, (name, value): &(&str, &str)| params.with(infos, name, value);
    let params = given.iter().try_fold(Params::defaults(infos), with);
    params.expect("the parameters fit")
}
