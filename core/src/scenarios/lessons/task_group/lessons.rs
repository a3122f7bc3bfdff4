//! What each variant of the task group is there to teach.

use super::Groups;
use crate::scenario::variant::VariantInfo;

pub(super) fn info(variant: Groups) -> VariantInfo {
    match variant {
        Groups::Ok => VariantInfo::new(
            "ok",
            "spawns two tasks into a group, which waits for both",
            "The code after a group runs when the last task of the group has ended: nobody has to \
             remember to await them.",
        )
        .program(&["ok"])
        .asyncio(2.01)
        .predict(
            "Milk takes 1 s, bread 2 s. Nobody awaits either. When is `scheduling done` said, and \
             when `done`?",
        )
        .runners(
            "`scheduling done` at 0 and `done` at 2 s everywhere: the end of the group's body is \
             not yet the end of the group.",
        )
        .mistake("To spawn tasks with nobody to wait for them: the program may end before they do.")
        .next("task-group/failing-child, where one of the tasks fails."),
        Groups::FailingChild => VariantInfo::new(
            "failing-child",
            "one of three tasks fails after 1 s; the group cancels the others and fails",
            "One failure ends the group: what has not finished by then is cancelled, and the error \
             comes out where the group was awaited.",
        )
        .fails()
        .program(&["failing_child"])
        .asyncio(1.01)
        .predict(
            "Milk is sold out after 1 s; bread would take 2 s, eggs take 0.5 s. What is bought, \
             and when does the group end?",
        )
        .runners(
            "Eggs at 0.5 s, no bread, the error at 1 s, everywhere. A task that only waits is \
             gone as soon as it is cancelled.",
        )
        .mistake("To go on without one of the results. A group gives all of them or an error.")
        .next("gather/collect, which keeps what succeeded beside what failed."),
        Groups::Nested => VariantInfo::new(
            "nested",
            "a failure cancels the group's body, a child, and the children of that child",
            "Cancellation goes down the whole tree, and the group waits for the last grandchild.",
        )
        .fails()
        .program(&["nested", "friends"])
        .asyncio(1.0)
        .predict(
            "Milk is sold out at 1 s. The body cooks for 60 s, and a child has sent two friends \
             shopping for 60 s. Who of them is still there after 1 s?",
        )
        .runners(
            "Nobody, everywhere. The child is dropped, and with it the group inside it, which asks \
             its own children to end; the outer group waits until they have.",
        )
        .mistake("To spawn plain tasks inside a child: these belong to no group and go on.")
        .next("gather/fail-fast-tasks, where a task goes on because it belongs to no group."),
        Groups::TwoFailures => VariantInfo::new(
            "two-failures",
            "two of three tasks fail at the same instant",
            "A group reports every failure that it has seen, not only the first: how many that are \
             may depend on who is faster.",
        )
        .fails()
        .program(&["two_failures"])
        .predict("Milk and eggs are both sold out at 1 s. How many errors does the group report?")
        .runners(
            "Two on the virtual clock: both tasks run before the group does. On real runners the \
             group may run between the two, and then cancels the second before it can fail: one \
             or two errors, and which one may differ from run to run. One worker of tokio's \
             multi-thread scheduler mostly shows one: it runs next whom a task has just woken, \
             and that is the group.",
        )
        .mistake("To write a test that expects both errors, or a certain one of them.")
        .next("gather/collect, which always has all results."),
        Groups::BlockingSibling => VariantInfo::new(
            "blocking-sibling",
            "one task fails after 1 s while another blocks its worker for 2 s",
            "A task that blocks cannot be cancelled, and a group cannot end before it: an error at \
             1 s is reported at 2 s.",
        )
        .fails()
        .program(&["blocking_sibling"])
        .asyncio(2.06)
        .predict(
            "Milk is sold out at 1 s, while another child blocks its thread from 0 to 2 s. When \
             does the group end? Is the number of workers of any matter?",
        )
        .runners(
            "2 s. With two workers or more, and on threads, the failure happens at 1 s and the \
             group waits for the oven; on one worker nobody even runs at 1 s, and the milk fails \
             at 2 s. Where a single worker runs the task spawned last first (tokio with \
             --workers 1), the milk begins at 2 s only, and all of it takes 3 s.",
        )
        .mistake("To expect that a group, or a timeout, ends a call that blocks.")
        .next("waiter/offloaded, which takes the blocking part off the workers."),
    }
}
