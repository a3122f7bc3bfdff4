//! The bookkeeping of the registry: the threads that run, and those that have ended.
//!
//! Everything here happens under the registry's lock, so nothing here starts or joins a
//! thread or drops user code: both are handed out instead.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::thread;

use crate::stop::Unfinished;

/// The members of a registry.
#[derive(Default)]
pub(crate) struct Members {
    closed: bool,
    /// Whether the threads that end from now on go unjoined.
    detached: bool,
    /// Threads that have been asked for and have not ended.
    running: usize,
    /// Threads that have ended and have not been joined.
    leaving: usize,
    by_id: HashMap<u64, Member>,
    ended: Vec<thread::JoinHandle<()>>,
    next_id: u64,
}

/// A thread that runs, or has ended before its handle was attached.
pub(crate) struct Member {
    role: Role,
    thread: Option<thread::JoinHandle<()>>,
    ended: bool,
}

/// The purpose of a thread.
pub(crate) enum Role {
    Task(Arc<dyn Unfinished>),
    Blocking,
}

impl Role {
    pub(crate) fn thread_name(&self) -> &'static str {
        // Linux shows 15 bytes of a thread's name.
        match self {
            Role::Task(_) => "pollmark-task",
            Role::Blocking => "pollmark-block",
        }
    }
}

impl Members {
    /// Whether new threads are refused.
    pub(crate) fn are_closed(&self) -> bool {
        self.closed
    }

    /// Whether there is no member.
    pub(crate) fn are_gone(&self) -> bool {
        self.by_id.is_empty()
    }

    pub(crate) fn running(&self) -> usize {
        self.running
    }

    pub(crate) fn leaving(&self) -> usize {
        self.leaving
    }

    /// The number of ended threads that can be joined.
    pub(crate) fn unjoined(&self) -> usize {
        self.ended.len()
    }

    /// Refuses new threads; the tasks of the others.
    pub(crate) fn close(&mut self) -> Vec<Arc<dyn Unfinished>> {
        self.closed = true;
        self.tasks()
    }

    pub(crate) fn tasks(&self) -> Vec<Arc<dyn Unfinished>> {
        let task = |member: &Member| match &member.role {
            Role::Task(task) => Some(Arc::clone(task)),
            Role::Blocking => None,
        };
        self.by_id.values().filter_map(task).collect()
    }

    /// Enters a thread that is about to be started; its number.
    pub(crate) fn enter(&mut self, role: Role) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        self.running += 1;
        let member = Member {
            role,
            thread: None,
            ended: false,
        };
        self.by_id.insert(id, member);
        id
    }

    /// Removes a member that never got its thread.
    pub(crate) fn remove(&mut self, id: u64) -> Option<Member> {
        self.running -= 1;
        self.by_id.remove(&id)
    }

    /// Keeps a started thread's handle; gives back a member that has settled.
    pub(crate) fn attach(&mut self, id: u64, thread: thread::JoinHandle<()>) -> Option<Member> {
        if let Some(member) = self.by_id.get_mut(&id) {
            member.thread = Some(thread);
        }
        self.settle(id)
    }

    /// Notes that the thread's work is done; gives back a member that has settled.
    pub(crate) fn end(&mut self, id: u64) -> Option<Member> {
        self.by_id.get_mut(&id)?.ended = true;
        self.running -= 1;
        self.leaving += 1;
        self.settle(id)
    }

    /// Removes a member that has ended and whose handle has been attached.
    fn settle(&mut self, id: u64) -> Option<Member> {
        let settled = |member: &Member| member.ended && member.thread.is_some();
        if !self.by_id.get(&id).is_some_and(settled) {
            return None;
        }
        let mut member = self.by_id.remove(&id)?;
        if self.detached {
            self.leaving -= 1;
        } else {
            self.ended.extend(member.thread.take());
        }
        Some(member)
    }

    /// Lets threads that end from now on go unjoined; those that have ended.
    pub(crate) fn detach(&mut self) -> Vec<thread::JoinHandle<()>> {
        self.detached = true;
        self.take_ended()
    }

    /// Takes the ended threads, to join them.
    pub(crate) fn take_ended(&mut self) -> Vec<thread::JoinHandle<()>> {
        std::mem::take(&mut self.ended)
    }

    /// Notes that `count` threads have been joined.
    pub(crate) fn have_left(&mut self, count: usize) {
        self.leaving -= count;
    }

    pub(crate) fn left(&self) -> Left {
        let blocking = |member: &&Member| matches!(member.role, Role::Blocking);
        let calls = self.by_id.values().filter(blocking).count();
        Left {
            calls,
            tasks: self.by_id.len() - calls,
        }
    }
}

/// Threads that did not end in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Left {
    tasks: usize,
    calls: usize,
}

impl fmt::Display for Left {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            (
                self.calls,
                "inside a blocking call",
                "inside blocking calls",
            ),
            (
                self.tasks,
                "inside the poll of a task",
                "inside polls of tasks",
            ),
        ];
        let mut and = "";
        for (count, one, many) in parts {
            match count {
                0 => continue,
                1 => write!(f, "{and}1 thread is {one}")?,
                _ => write!(f, "{and}{count} threads are {many}")?,
            }
            and = ", ";
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_reads_as_a_sentence() {
        let text = |tasks, calls| Left { tasks, calls }.to_string();
        assert_eq!(text(0, 3), "3 threads are inside blocking calls");
        let both = "1 thread is inside a blocking call, 2 threads are inside polls of tasks";
        assert_eq!(text(2, 1), both);
    }
}
