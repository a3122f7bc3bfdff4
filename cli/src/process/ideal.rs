//! Finds the ideals of cells, in a child process that runs the virtual clock.

use pollmark_core::{Clock, Config, NO_STEAL, Placement, Settings, Workers};

use super::parent::{self, End};
use super::protocol::{Message, Task};
use crate::model::cell::{Cell, Spec};
use crate::model::result::Ideal;
use crate::model::runners;
use crate::text::lists::distinct;
use crate::text::messages;

/// The ideal of each cell, in the order of the cells. A variant that never ends has none.
/// Nor has one whose simulation failed, for which a warning is printed, or one that uses
/// something outside of the virtual clock, which a note says.
pub(crate) fn find(cells: &[Cell]) -> anyhow::Result<Vec<Ideal>> {
    let questions = distinct(cells.iter().filter_map(question));
    let mut answers: Vec<Ideal> = Vec::new();
    while answers.len() < questions.len() {
        let known = answers.len();
        let open = &questions[answers.len()..];
        let timeout = open[0].timeout;
        let task = Task::Ideals(open.to_vec());
        let ended = parent::run(task, &[], timeout, |message| {
            if let Message::Ideal(ideal) = message {
                answers.push(ideal);
            }
        })?;
        // A child is done early after a program that left threads of its own behind.
        let is_done = matches!(ended.end, End::Done) && answers.len() > known;
        if answers.len() < questions.len() && !is_done {
            // The child got stuck or broke on this one; a new child takes the rest.
            let spec = &questions[answers.len()];
            let why = match ended.end {
                End::Aborted(why) | End::Broke(why) => why,
                End::TookTooLong => "it took too long".to_owned(),
                End::Done => "it said nothing".to_owned(),
            };
            let (scenario, variant) = (&spec.scenario, &spec.variant);
            messages::warn(&format!("no ideal for {scenario}/{variant}: {why}"));
            answers.push(Ideal::default());
        }
    }
    let answer = |cell: &Cell| {
        let question = question(cell)?;
        let index = questions.iter().position(|known| *known == question)?;
        answers.get(index).cloned()
    };
    Ok(cells
        .iter()
        .map(|cell| answer(cell).unwrap_or_default())
        .collect())
}

/// Orders the cells of each program by their ideals, and adds before those of each ideal the
/// virtual cell that shows it, if it is not there already.
pub(crate) fn beside(cells: Vec<Cell>) -> Vec<Cell> {
    let mut all: Vec<Cell> = Vec::new();
    for program in cells.chunk_by(|a, b| a.program() == b.program()) {
        let ideals = distinct(program.iter().map(shown_as));
        for ideal in ideals {
            let of_it = program.iter().filter(|cell| shown_as(cell) == ideal);
            let (on_clock, real): (Vec<&Cell>, Vec<&Cell>) =
                of_it.partition(|cell| cell.runner.clock == Clock::Virtual);
            let added = real.first().and_then(|cell| simulated(cell));
            let added = added.filter(|_| on_clock.is_empty());
            all.extend(added.map(|cell| Cell {
                is_beside: true,
                ..cell
            }));
            all.extend(on_clock.into_iter().chain(real).cloned());
        }
    }
    all
}

/// The virtual cell that shows this cell's ideal.
fn shown_as(cell: &Cell) -> Option<Spec> {
    let mut spec = simulated(cell)?.spec;
    // A setting of real clocks alone.
    spec.speed = 1.0;
    if spec.config.worker_per_task {
        spec.config.workers = Config::default().workers;
    }
    Some(spec)
}

/// The cell on the virtual clock, with a worker for each task if its runner works that way.
pub(crate) fn simulated(cell: &Cell) -> Option<Cell> {
    let mut infos = runners::all().map(|flavour| flavour.info());
    let runner = infos.find(|info| info.clock == Clock::Virtual)?;
    let mut spec = cell.spec.clone();
    if cell.runner.clock == Clock::Real {
        // A real runtime's settings change nothing about the ideal.
        spec.config.settings = Settings::default();
    }
    if cell.runner.placement == Placement::Fixed {
        spec.config.settings.switch_on(NO_STEAL);
    }
    spec.runner = runner.id.to_owned();
    spec.config.worker_per_task |= cell.runner.workers == Workers::PerTask;
    let workers = cell.workers().and_then(|workers| workers.try_into().ok());
    spec.config.workers = workers.unwrap_or(spec.config.workers);
    Some(Cell {
        spec,
        runner,
        build: None,
        ..cell.clone()
    })
}

/// The virtual cell that has this cell's ideal as its time.
fn question(cell: &Cell) -> Option<Spec> {
    if cell.never_ends() || !cell.variant.has_ideal {
        return None;
    }
    let mut spec = simulated(cell)?.spec;
    spec.config.seed = None;
    spec.speed = 1.0;
    Some(spec)
}
