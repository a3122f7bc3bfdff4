//! Two actors that send to each other through channels with room for one.
use pollmark_core::transcript::Sink;
use pollmark_core::*;
#[derive(Clone, Copy)]
pub(crate) enum Cycle {
    Bounded,
    Unbounded,
}
use Cycle::*;
impl Scenario for Cycle {
    const INFO: ScenarioInfo = crate::lab::info("cycle");
    const VARIANTS: &'static [Self] = &[Bounded, Unbounded];
    fn info(self) -> VariantInfo {
        VariantInfo::new(
            match self {
                Bounded => "bounded",
                Unbounded => "unbounded",
            },
            "",
            "",
        )
    }
    async fn run<R: Runtime, K: Sink>(self, cx: Context<R, K>, _: Params) -> Outcome {
        let pair = || match self {
            Bounded => async_channel::bounded::<u32>(1),
            Unbounded => async_channel::unbounded(),
        };
        let ((to_a, a), (to_b, b)) = (pair(), pair());
        to_a.send(6).await.unwrap();
        let actor = |name: &'static str,
                     mine: async_channel::Receiver<u32>,
                     other: async_channel::Sender<u32>| {
            cx.spawn(name, async move {
                let mut seen = 0u32;
                while let Ok(n) = mine.recv().await {
                    seen += 1;
                    if n == 0 {
                        other.close();
                        mine.close();
                        break;
                    }
                    for _ in 0..2 {
                        if other.send(n - 1).await.is_err() {
                            return seen;
                        }
                    }
                }
                seen
            })
        };
        let (a, b) = (actor("actor a", a, to_b), actor("actor b", b, to_a));
        let seen = a.await.unwrap() + b.await.unwrap();
        Outcome::new().with("seen", seen > 0)
    }
    fn check(self, seen: &mut Observed<'_>) {
        seen.value("seen", true)
    }
}

/// The number of times that a hang must be told right, of as many.
const TIMES: usize = 10;

fn stands_still<Q: Runner>(times: usize) {
    for _ in 0..times {
        let options = crate::lab::options(std::time::Duration::from_millis(200));
        let (report, trace) = crate::lab::traced::<Q, _>(Bounded, &options);
        let found = crate::lab::hang(&report, &trace);
        let (text, runner) = (&found.text, Q::INFO.id);
        let begins = "`main` waits, and nothing wakes it: since ";
        assert!(text.starts_with(begins), "{runner}: {text}");
        assert!(
            text.contains(", for the end of `actor a`;"),
            "{runner}: {text}"
        );
        let since = |actor: &str| text.contains(&format!("`{actor}` (since "));
        assert!(since("actor a") && since("actor b"), "{runner}: {text}");
        assert_eq!(
            (found.task, &found.others[..]),
            (0, &[1, 2][..]),
            "{runner}"
        );
    }
}

#[test]
fn all_who_wait_for_each_other_are_named_on_every_runner() {
    stands_still::<pollmark_runner_virtual::Virtual>(1);
    crate::lab::on_every_real_runner!(stands_still(TIMES));
}
