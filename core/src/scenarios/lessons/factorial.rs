//! Three factorials at once, with a pause of 1 s before each multiplication.
//!
//! They end in the order of their size, and their results are handed out in the
//! order in which they were asked for. From the lesson on gather of the asyncio
//! tutorials; asyncio (Python 3.11) measured 3.00 s for both variants.

use std::time::Duration;

use futures::future::join_all;

use crate::program::context::Context;
use crate::program::sink::Sink;
use crate::program::transcript::Event;
use crate::runtime::Runtime;
use crate::scenario::observed::{At, Line, Observed};
use crate::scenario::outcome::Outcome;
use crate::scenario::params::Params;
use crate::scenario::variant::VariantInfo;
use crate::scenario::{Kind, Scenario, ScenarioInfo};
use crate::scenarios::support::timetable::secs;

/// The variants of the factorials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Factorial {
    /// 2, 3, 4: the order in which they end.
    Ascending,
    /// 4, 2, 3: not the order in which they end.
    Shuffled,
}

/// The pause before each multiplication.
const PAUSE: Duration = secs(1);

impl Factorial {
    fn numbers(self) -> [u32; 3] {
        match self {
            Factorial::Ascending => [2, 3, 4],
            Factorial::Shuffled => [4, 2, 3],
        }
    }
}

impl Scenario for Factorial {
    const INFO: ScenarioInfo = ScenarioInfo {
        id: "factorial",
        kind: Kind::Lesson,
        summary: "the factorials of 2, 3 and 4, with 1 s before each multiplication",
        source: "the lesson on gather of the asyncio tutorials",
        text: include_str!("factorial.rs"),
        prose: include_str!("factorial.md"),
        params: &[],
    };

    const VARIANTS: &'static [Self] = &[Factorial::Ascending, Factorial::Shuffled];

    fn info(self) -> VariantInfo {
        match self {
            Factorial::Ascending => VariantInfo::new(
                "ascending",
                "asks for the factorials of 2, 3 and 4, in this order",
                "Joined tasks give their results together, once the longest is done.",
            )
            .program(&["all", "factorial"])
            .asyncio(3.00),
            Factorial::Shuffled => VariantInfo::new(
                "shuffled",
                "asks for the factorials of 4, 2 and 3, in this order",
                "Results stand in the order of the question, not in that of the answers.",
            )
            .program(&["all", "factorial"])
            .asyncio(3.00),
        }
    }

    async fn run<R: Runtime, S: Sink>(self, cx: Context<R, S>, _params: Params) -> Outcome {
        let factorials = all(&cx, self.numbers()).await;
        Outcome::new().with("factorials", factorials)
    }

    fn check(self, seen: &mut Observed<'_>) {
        let numbers = self.numbers();
        let expected = numbers.map(|number| (1..=number).product::<u32>());
        seen.value("factorials", expected.to_vec());
        multiplied(seen, &numbers);
        seen.takes(PAUSE * 3, 3);
    }
}

async fn all<R: Runtime, S: Sink>(cx: &Context<R, S>, numbers: [u32; 3]) -> Vec<u32> {
    let tasks = numbers.map(|number| {
        let name = format!("{number}!");
        cx.spawn(name, factorial(cx.clone(), number))
    });
    let results = join_all(tasks).await;
    results.into_iter().flatten().collect()
}

async fn factorial<R: Runtime, S: Sink>(cx: Context<R, S>, number: u32) -> u32 {
    let mut product = 1;
    for factor in 2..=number {
        cx.wait(PAUSE).await;
        product *= factor;
        cx.say(format_args!("times {factor}: {product}"));
    }
    product
}

/// Each task multiplied once a second from the start on.
fn multiplied(seen: &mut Observed<'_>, numbers: &[u32]) {
    const SAID: [&str; 3] = ["times 2: 2", "times 3: 6", "times 4: 24"];
    let names: Vec<String> = numbers.iter().map(|number| format!("{number}!")).collect();
    let mut events: Vec<At<'_>> = Vec::new();
    let mut lines: Vec<Line<'_>> = Vec::new();
    for (name, number) in names.iter().zip(numbers) {
        let said = SAID.into_iter().zip(1..*number);
        lines.extend(said.map(|(line, second)| (PAUSE * second, name.as_str(), line)));
        events.push((Duration::ZERO, name, Event::Started));
        events.push((PAUSE * (number - 1), name, Event::Finished));
    }
    lines.sort_by_key(|&(at, ..)| at);
    events.sort_by_key(|&(at, ..)| at);
    seen.lines(&lines);
    seen.events(&events);
}
