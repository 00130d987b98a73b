//! What a task has itself seen of its peers' heartbeats.

use super::{LeaseTable, TaskId};
use std::collections::BTreeMap;
use std::time::Duration;

/// How a peer's counter has been seen. Times are this task's own.
#[cfg_attr(test, derive(Debug, Clone, PartialEq, Eq, Hash))]
struct Sighting {
    /// The counter; `None` when the table has no row of it.
    counter: Option<u64>,
    /// When the view that first showed this counter had come in: the heartbeat was begun before that.
    since: Duration,
    /// When the latest view that still showed it was asked for: no heartbeat had come until then.
    until: Duration,
    /// Whether the counter was ever seen to move.
    moved: bool,
}

/// The peers of a task.
#[derive(Default)]
#[cfg_attr(test, derive(Debug, Clone, PartialEq, Eq, Hash))]
pub(super) struct Peers(BTreeMap<TaskId, Sighting>);

impl Peers {
    /// Takes in a view that was asked for at `asked` and came at `came`.
    pub(super) fn observe(&mut self, table: &LeaseTable, asked: Duration, came: Duration) {
        let owners = table.shards.values().filter_map(|lease| lease.owner.as_ref());
        let named: BTreeMap<&TaskId, Option<u64>> = owners
            .map(|owner| (owner, None))
            .chain(table.tasks.iter().map(|(task, row)| (task, Some(row.counter))))
            .collect();
        self.0.retain(|task, _| named.contains_key(task));
        for (task, counter) in named {
            match self.0.get_mut(task) {
                Some(sighting) if sighting.counter == counter => sighting.until = sighting.until.max(asked),
                Some(sighting) => *sighting = Sighting { counter, since: came, until: asked, moved: true },
                None => {
                    let sighting = Sighting { counter, since: came, until: asked, moved: false };
                    self.0.insert(task.clone(), sighting);
                }
            }
        }
    }

    /// Whether its counter has stood still for `time`, by what was read at both ends of it. A peer that was never seen
    /// is not still.
    pub(super) fn still_for(&self, task: &TaskId, time: Duration) -> bool {
        self.0.get(task).is_some_and(|sighting| sighting.until >= sighting.since + time)
    }

    /// When the next peer will have stood still for `time`, unless it moves.
    pub(super) fn next_death(&self, time: Duration, now: Duration) -> Option<Duration> {
        self.0.values().map(|sighting| sighting.since + time).filter(|at| *at > now).min()
    }

    /// When the first view with its latest heartbeat came.
    pub(super) fn last_sign_of(&self, task: &TaskId) -> Option<Duration> {
        self.0.get(task).map(|sighting| sighting.since)
    }

    /// Whether its counter was seen to move, so that it is more than a row left behind.
    pub(super) fn has_moved(&self, task: &TaskId) -> bool {
        self.0.get(task).is_some_and(|sighting| sighting.moved)
    }
}
