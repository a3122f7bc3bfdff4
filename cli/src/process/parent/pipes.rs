//! The pipes to a child: its job goes in, its messages and complaints come out, and one thread
//! waits for all three.

use std::io::{ErrorKind, Read, Write};
use std::os::fd::AsFd;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout};
use std::time::Duration;

use anyhow::Context;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

/// Bytes of a child's standard error that are kept.
const STDERR_KEPT: usize = 64 * 1024;

/// Bytes of one line. A message of a pollmark is shorter by far: a recording comes in parts.
const LINE: usize = 64 << 20;

/// Bytes that are written or read at once. A pipe that can be written to takes 4 KiB at least.
const WRITTEN: usize = 4 * 1024;
const READ: usize = 64 * 1024;

#[derive(Debug)]
pub(crate) struct Pipes {
    /// Open until the child has ended; see `die_with_standard_input`.
    stdin: ChildStdin,
    job: Vec<u8>,
    written: usize,
    /// `None` once the child has closed it.
    stdout: Option<ChildStdout>,
    /// The beginning of a line whose end is still to come.
    line: Vec<u8>,
    /// `None` once the child has closed it.
    stderr: Option<ChildStderr>,
    kept: Vec<u8>,
    chunk: Vec<u8>,
}

impl Pipes {
    /// The pipes to `child`, which is to read `job`.
    pub(crate) fn to(child: &mut Child, job: Vec<u8>) -> anyhow::Result<Self> {
        Ok(Pipes {
            stdin: child.stdin.take().context("the child has no input")?,
            job,
            written: 0,
            stdout: Some(child.stdout.take().context("the child has no output")?),
            line: Vec::new(),
            stderr: Some(child.stderr.take().context("the child has no errors")?),
            kept: Vec::new(),
            chunk: vec![0; READ],
        })
    }

    /// Waits until the child says or takes something, for `limit` at most, and hands each whole
    /// line of its standard output to `hear`. Returns whether the child said anything there.
    pub(crate) fn wait(
        &mut self,
        limit: Duration,
        hear: impl FnMut(&[u8]),
    ) -> anyhow::Result<bool> {
        let [takes, says, complains] = self.ready(limit)?;
        if takes {
            self.write_on();
        }
        let said = if says { self.read_on(hear) } else { 0 };
        if complains {
            self.keep_complaints();
        }
        Ok(said > 0)
    }

    /// Whether the child has closed its outputs, as its end does.
    pub(crate) fn are_closed(&self) -> bool {
        self.stdout.is_none() && self.stderr.is_none()
    }

    /// Whether the child writes a line that is no message, for it does not end.
    pub(crate) fn is_flooded(&self) -> bool {
        self.line.len() > LINE
    }

    /// The beginning of what the child wrote to its standard error.
    pub(crate) fn complaints(&self) -> String {
        String::from_utf8_lossy(&self.kept).trim().to_owned()
    }

    /// The pipes that something can be done with: the job's, the messages', the complaints'.
    fn ready(&self, limit: Duration) -> anyhow::Result<[bool; 3]> {
        let open = [
            (self.written < self.job.len())
                .then(|| PollFd::new(self.stdin.as_fd(), PollFlags::POLLOUT)),
            (self.stdout.as_ref()).map(|out| PollFd::new(out.as_fd(), PollFlags::POLLIN)),
            (self.stderr.as_ref()).map(|err| PollFd::new(err.as_fd(), PollFlags::POLLIN)),
        ];
        let mut polled: Vec<PollFd<'_>> = open.iter().flatten().cloned().collect();
        let millis = u16::try_from(limit.as_micros().div_ceil(1000)).unwrap_or(u16::MAX);
        match poll(&mut polled, PollTimeout::from(millis)) {
            Ok(_) => {}
            Err(Errno::EINTR) => return Ok([false; 3]),
            Err(error) => return Err(error).context("cannot listen to a cell's process"),
        }
        let mut polled = polled.iter().map(|pipe| pipe.any().unwrap_or(true));
        Ok(open.map(|open| open.is_some() && polled.next().unwrap_or_default()))
    }

    fn write_on(&mut self) {
        let rest = &self.job[self.written..];
        match self.stdin.write(&rest[..rest.len().min(WRITTEN)]) {
            Ok(written) => self.written += written,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // The child has ended, and its end says more.
            Err(_) => self.written = self.job.len(),
        }
    }

    /// Reads some, and returns the number of bytes.
    fn read_on(&mut self, mut hear: impl FnMut(&[u8])) -> usize {
        let Some(read) = read(&mut self.stdout, &mut self.chunk) else {
            return 0;
        };
        let mut parts = self.chunk[..read].split(|&byte| byte == b'\n');
        self.line.extend(parts.next().unwrap_or_default());
        for part in parts {
            hear(&self.line);
            self.line.clear();
            self.line.extend(part);
        }
        read
    }

    fn keep_complaints(&mut self) {
        if let Some(read) = read(&mut self.stderr, &mut self.chunk) {
            // The rest is read all the same, so that the child never blocks on it.
            let room = STDERR_KEPT.saturating_sub(self.kept.len());
            self.kept.extend(&self.chunk[..read.min(room)]);
        }
    }
}

/// What is wrong with a child that floods.
pub(crate) fn flood() -> String {
    format!("its process wrote a line of more than {} MiB", LINE >> 20)
}

/// Reads from a pipe that has something to read; closes it at its end.
fn read(pipe: &mut Option<impl Read>, chunk: &mut [u8]) -> Option<usize> {
    match pipe.as_mut()?.read(chunk) {
        Err(error) if error.kind() == ErrorKind::Interrupted => None,
        Ok(read) if read > 0 => Some(read),
        _ => {
            *pipe = None;
            None
        }
    }
}
