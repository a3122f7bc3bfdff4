//! Files of many runs, saved anew after each of them: the text of each run is made once.

use std::fs::File;
use std::io::{self, BufWriter, Seek, Write};

use super::recorded::Run;

/// The form of a file: a head, one piece after the other, and a tail.
pub(super) trait Pieces: Clone {
    /// Writes the beginning.
    fn head(&self, to: &mut dyn Write) -> io::Result<()>;

    /// Writes the next run.
    fn piece(&mut self, run: &Run<'_>, to: &mut dyn Write) -> io::Result<()>;

    /// Writes the end.
    fn tail(&self, to: &mut dyn Write) -> io::Result<()>;
}

/// The pieces so far, in a temporary file without a name.
pub(super) struct Kept<P> {
    /// `None` if there is no room for one: then all pieces are made each time.
    file: Option<File>,
    /// The number of runs in the file.
    runs: usize,
    /// As it is after these.
    pieces: P,
    before: P,
}

impl<P: Pieces> Kept<P> {
    pub(super) fn new(pieces: P) -> Self {
        Kept {
            file: tempfile::tempfile().ok(),
            runs: 0,
            before: pieces.clone(),
            pieces,
        }
    }

    /// Makes the pieces of the runs that are new.
    pub(super) fn add(&mut self, runs: &[Run<'_>]) {
        for run in &runs[self.runs..] {
            let Some(file) = &self.file else { return };
            let mut to = BufWriter::new(file);
            let made = self.pieces.piece(run, &mut to);
            if made.and_then(|()| to.flush()).is_ok() {
                self.runs += 1;
            } else {
                drop(to);
                (self.file, self.runs) = (None, 0);
                self.pieces = self.before.clone();
            }
        }
    }

    /// Writes the whole file, with the pieces that there are and the others made now.
    pub(super) fn write(&self, runs: &[Run<'_>], to: &mut dyn Write) -> io::Result<()> {
        self.pieces.head(to)?;
        if let Some(mut file) = self.file.as_ref() {
            file.rewind()?;
            io::copy(&mut file, to)?;
        }
        let mut pieces = self.pieces.clone();
        for run in &runs[self.runs..] {
            pieces.piece(run, to)?;
        }
        pieces.tail(to)
    }
}
