//! Finds the ideals of cells, in a child process that runs the virtual clock.

use pollmark_core::{Clock, Workers};

use crate::cell::{Cell, Spec};
use crate::child::{Message, Task};
use crate::flavours;
use crate::output;
use crate::process::{self, End};
use crate::report::Ideal;

/// The ideal of each cell, in the order of the cells. A variant that never ends has none.
/// Nor has one whose simulation failed, for which a warning is printed.
pub(crate) fn find(cells: &[Cell]) -> anyhow::Result<Vec<Ideal>> {
    let mut questions: Vec<Spec> = Vec::new();
    for spec in cells.iter().filter_map(question) {
        if !questions.contains(&spec) {
            questions.push(spec);
        }
    }
    let mut answers: Vec<Ideal> = Vec::new();
    while answers.len() < questions.len() {
        let open = &questions[answers.len()..];
        let timeout = open[0].timeout;
        let task = Task::Ideals(open.to_vec());
        let ended = process::run(task, &[], timeout, |message| {
            if let Message::Ideal(ideal) = message {
                answers.push(ideal);
            }
        })?;
        if answers.len() < questions.len() {
            // The child got stuck or broke on this one; a new child takes the rest.
            let spec = &questions[answers.len()];
            let why = match ended.end {
                End::Aborted(why) | End::Broke(why) => why,
                End::TookTooLong => "it took too long".to_owned(),
                End::Done => "it said nothing".to_owned(),
            };
            let (scenario, variant) = (&spec.scenario, &spec.variant);
            output::warn(&format!("no ideal for {scenario}/{variant}: {why}"));
            answers.push(Ideal::default());
        }
    }
    let answer = |cell: &Cell| {
        let question = question(cell)?;
        let index = questions.iter().position(|known| *known == question)?;
        answers.get(index).copied()
    };
    Ok(cells
        .iter()
        .map(|cell| answer(cell).unwrap_or_default())
        .collect())
}

/// Adds, before the cells of each program, the virtual cell whose time is their ideal, if
/// there is one and it is not there already.
pub(crate) fn beside(cells: Vec<Cell>) -> Vec<Cell> {
    let mut all: Vec<Cell> = Vec::new();
    for program in cells.chunk_by(|a, b| a.program() == b.program()) {
        let is_there = program
            .iter()
            .any(|cell| cell.runner.clock == Clock::Virtual);
        let ideal = program.iter().find_map(virtual_cell);
        all.extend(ideal.filter(|_| !is_there));
        all.extend(program.iter().cloned());
    }
    all
}

/// The cell on the virtual clock with the same workers, if the runner has workers.
fn virtual_cell(cell: &Cell) -> Option<Cell> {
    if cell.runner.workers == Workers::PerTask {
        return None;
    }
    simulated(cell)
}

/// The cell on the virtual clock, with a worker for each task if its runner works that way.
pub(crate) fn simulated(cell: &Cell) -> Option<Cell> {
    let mut infos = flavours::all().map(|flavour| flavour.info());
    let runner = infos.find(|info| info.clock == Clock::Virtual)?;
    let mut spec = cell.spec.clone();
    spec.runner = runner.id.to_owned();
    spec.worker_per_task = cell.runner.workers == Workers::PerTask;
    spec.workers = cell
        .workers()
        .and_then(|n| n.try_into().ok())
        .unwrap_or(cell.spec.workers);
    Some(Cell {
        spec,
        runner,
        ..cell.clone()
    })
}

/// The virtual cell whose time is this cell's ideal.
fn question(cell: &Cell) -> Option<Spec> {
    if cell.never_ends() || !cell.variant.has_ideal {
        return None;
    }
    let infos = flavours::all().map(|flavour| flavour.info());
    let virtual_clock = infos
        .into_iter()
        .find(|info| info.clock == Clock::Virtual)?;
    Some(Spec {
        runner: virtual_clock.id.to_owned(),
        workers: cell
            .workers()
            .and_then(|n| n.try_into().ok())
            .unwrap_or(cell.spec.workers),
        worker_per_task: cell.runner.workers == Workers::PerTask,
        seed: None,
        speed: 1.0,
        ..cell.spec.clone()
    })
}
