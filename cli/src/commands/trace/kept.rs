//! Files of many runs, saved anew after each of them: the text of each run is made once.

use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, Read, Seek, SeekFrom, Write};

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
    /// The runs whose pieces are in the file, and the length of these.
    runs: usize,
    length: u64,
    /// As it is after these.
    pieces: P,
}

impl<P: Pieces> Kept<P> {
    pub(super) fn new(pieces: P) -> Self {
        Kept {
            file: tempfile::tempfile().ok(),
            runs: 0,
            length: 0,
            pieces,
        }
    }

    /// Makes the pieces of the runs that are new. Returns whether it has those of all.
    pub(super) fn add(&mut self, runs: &[Run<'_>]) -> bool {
        let made = runs[self.runs..].iter().try_for_each(|run| self.make(run));
        made.is_ok()
    }

    fn make(&mut self, run: &Run<'_>) -> io::Result<()> {
        let mut file = self.file.as_ref().ok_or(ErrorKind::NotFound)?;
        // A piece for which there was no room may have begun there.
        file.seek(SeekFrom::Start(self.length))?;
        let (mut pieces, mut to) = (self.pieces.clone(), BufWriter::new(file));
        pieces.piece(run, &mut to)?;
        to.flush()?;
        drop(to);
        self.length = file.stream_position()?;
        (self.pieces, self.runs) = (pieces, self.runs + 1);
        Ok(())
    }

    /// Writes the whole file, with the pieces that there are and the others made now.
    pub(super) fn write(&self, runs: &[Run<'_>], to: &mut dyn Write) -> io::Result<()> {
        self.pieces.head(to)?;
        if let Some(mut file) = self.file.as_ref() {
            file.rewind()?;
            io::copy(&mut file.take(self.length), to)?;
        }
        let mut pieces = self.pieces.clone();
        for run in &runs[self.runs..] {
            pieces.piece(run, to)?;
        }
        pieces.tail(to)
    }
}
