//! Rules about pipes, for runtimes that offer them.
//!
//! A runtime without pipes declares an exception to `pipe_gives_bytes`; the other rules then hold
//! trivially.

use std::io::{self, PipeWriter, Write, pipe};
use std::pin::pin;

use futures::future::{Either, select};

use crate::conformance::rule::Rule;
use crate::conformance::signals::STEP;
use crate::runtime::pipe::ReadByte;
use crate::runtime::runner::Runner;
use crate::runtime::{JoinHandle, Runtime};

/// The bytes written to a pipe arrive in order, even if the reader waits before the first is
/// written; once the writer is gone, the end arrives.
pub fn pipe_gives_bytes<Q: Runner>() -> Rule<Q> {
    let rule = Rule::root(2, |rt: Q::Runtime| async move {
        let (reader, mut writer) = pipe().expect("there is a pipe");
        let mut reader = rt.pipe_reader(reader).expect("tasks can await it");
        let reading = rt.spawn(async move {
            let mut bytes = Vec::new();
            while let Some(byte) = reader.read_byte().await.expect("the pipe can be read") {
                bytes.push(byte);
            }
            bytes
        });
        writer.write_all(&[3, 1]).expect("there is room");
        // Usually long enough for the reader to wait; the rule is right even if it is not.
        rt.sleep(5 * STEP).await;
        writer.write_all(&[4]).expect("there is room");
        rt.sleep(5 * STEP).await;
        drop(writer);
        let bytes = reading.await.expect("the reader ended well");
        assert_eq!(bytes, [3, 1, 4]);
    });
    rule.io()
}

/// While tasks wait for bytes, the only worker's timers and tasks go on.
pub fn pipe_wait_holds_no_worker<Q: Runner>() -> Rule<Q> {
    const READERS: u8 = 3;

    let rule = Rule::root(1, |rt: Q::Runtime| async move {
        let mut writers = Vec::new();
        let mut readings = Vec::new();
        for _ in 0..READERS {
            let Some((mut reader, writer)) = offered(&rt) else {
                return;
            };
            writers.push(writer);
            readings.push(rt.spawn(async move { reader.read_byte().await }));
        }
        rt.sleep(2 * STEP).await;
        let beside = rt.spawn({
            let rt = rt.clone();
            async move { rt.sleep(STEP).await }
        });
        beside.await.expect("a task beside the readers went on");
        // The last one first: each task waits for its own pipe.
        for (byte, writer) in (0..READERS).zip(&mut writers).rev() {
            writer.write_all(&[byte]).expect("there is room");
        }
        for (byte, reading) in (0..READERS).zip(readings) {
            let read = reading.await.expect("the reader ended well");
            assert_eq!(read.expect("the pipe can be read"), Some(byte));
        }
    });
    rule.io()
}

/// A wait for a byte may be given up, and consumes no byte; a reader may be dropped while it waits,
/// and the next pipe, which may get the same descriptor, works.
pub fn pipe_reader_may_be_dropped<Q: Runner>() -> Rule<Q> {
    const TIMES: u8 = 20;

    let rule = Rule::root(1, |rt: Q::Runtime| async move {
        for byte in 0..TIMES {
            let Some((mut reader, mut writer)) = offered(&rt) else {
                return;
            };
            {
                let reading = pin!(reader.read_byte());
                let sleep = pin!(rt.sleep(STEP));
                match select(reading, sleep).await {
                    Either::Right(_) => {}
                    Either::Left((read, _)) => panic!("nothing was written, and read: {read:?}"),
                }
            }
            writer.write_all(&[byte]).expect("there is room");
            let read = reader.read_byte().await.expect("the pipe can be read");
            assert_eq!(read, Some(byte), "after a wait that was given up");

            let reading = rt.spawn(async move { reader.read_byte().await });
            rt.sleep(STEP).await;
            let ended = reading.cancel().await;
            assert!(ended.is_err(), "nothing was written, and read: {ended:?}");
            let refused = writer
                .write_all(&[byte])
                .expect_err("nobody reads any more");
            assert_eq!(refused.kind(), io::ErrorKind::BrokenPipe);
        }
    });
    rule.io()
}

/// A pipe with a reading end that tasks can await; `None` if the runtime offers no pipes.
fn offered<R: Runtime>(rt: &R) -> Option<(impl ReadByte + use<R>, PipeWriter)> {
    let (reader, writer) = pipe().expect("there is a pipe");
    match rt.pipe_reader(reader) {
        Ok(reader) => Some((reader, writer)),
        Err(error) if error.kind() == io::ErrorKind::Unsupported => None,
        Err(error) => panic!("tasks cannot await a pipe: {error}"),
    }
}
