use super::*;

fn recorder(transcript: &Transcript) -> Recorder {
    transcript.recorder(|| Duration::from_secs(3))
}

fn events(transcript: &Transcript) -> Vec<(String, Event)> {
    let entries = transcript.entries();
    let pair = |entry: Entry| (entry.task.to_string(), entry.event);
    entries.into_iter().map(pair).collect()
}

#[test]
fn a_note_belongs_to_the_innermost_task_being_polled() {
    let transcript = Transcript::new();
    let sink = recorder(&transcript);
    let mut outer = sink.watch(&"outer".into());
    let mut inner = sink.watch(&"inner".into());
    outer.poll(|| {
        inner.poll(|| sink.note(&"a"));
        sink.note(&"b");
    });
    inner.finish(Ending::Finished);
    outer.finish(Ending::Failed);
    let expected = [
        ("outer", Event::Started),
        ("inner", Event::Started),
        ("inner", Event::Note),
        ("outer", Event::Note),
        ("inner", Event::Finished),
        ("outer", Event::Failed),
    ];
    assert_eq!(
        events(&transcript),
        expected.map(|(task, event)| (task.to_owned(), event))
    );
}

#[test]
fn what_pollmark_stops_is_neither_cancelled_nor_failed() {
    let transcript = Transcript::new();
    let sink = recorder(&transcript);
    let mut ended = sink.watch(&"ended".into());
    let mut waits = sink.watch(&"waits".into());
    let mut runs = sink.watch(&"runs".into());
    ended.poll(|| ());
    ended.finish(Ending::Finished);
    waits.poll(|| ());
    runs.poll(|| transcript.stop());
    runs.finish(Ending::Failed);
    drop((waits, sink.watch(&"late".into())));
    sink.note(&"late");
    let entries = transcript.entries();
    let stopped = entries.iter().filter(|entry| entry.event == Event::Stopped);
    let told: Vec<_> = stopped.map(|entry| entry.to_string()).collect();
    assert_eq!(
        told,
        [
            "   3.000  waits           still waiting, stopped by pollmark",
            "   3.000  runs            still running, stopped by pollmark",
        ]
    );
    assert_eq!(entries.len(), 6, "{transcript:?}");
}

#[test]
fn a_watch_dropped_early_is_a_cancel_and_dropped_by_a_panic_a_failure() {
    let transcript = Transcript::new();
    let sink = recorder(&transcript);
    drop(sink.watch(&"quiet".into()));
    let mut loud = sink.watch(&"loud".into());
    let panic =
        std::panic::AssertUnwindSafe(move || loud.poll(|| std::panic::resume_unwind(Box::new(()))));
    assert!(std::panic::catch_unwind(panic).is_err());
    let expected = [
        ("quiet", Event::Cancelled),
        ("loud", Event::Started),
        ("loud", Event::Failed),
    ];
    assert_eq!(
        events(&transcript),
        expected.map(|(task, event)| (task.to_owned(), event))
    );
}
