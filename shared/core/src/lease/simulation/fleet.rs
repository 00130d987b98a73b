//! Two tasks and one shard: what can happen to them, and what must not.

use super::happening::Happening;
use super::table::Table;
use super::town::{Content, Town, at};
use crate::lease::{Action, Timing};

/// When both tasks have been there for long enough for one to own the shard and the other to have seen it beat.
const SETTLED: u64 = 4;

/// What is explored.
#[derive(Clone)]
pub(super) struct Fleet {
    /// Of two tasks one is the shard's place; whether it is the later one, so that the shard has to move.
    pub(super) swapped: bool,
    pub(super) timing: Timing,
    /// How many faults there may be.
    pub(super) faults: u8,
    /// The last step.
    pub(super) horizon: u64,
}

impl Fleet {
    /// Two tasks that have been there for a while, one of them the shard's owner.
    pub(super) fn settled(&self) -> Town {
        let mut town = Town {
            now: 0,
            fenced: 0,
            two_owners: false,
            table: Table::default(),
            nodes: Vec::new(),
            letters: Vec::new(),
            faults: 0,
            lives: 0,
            swapped: self.swapped,
        };
        let first = town.born(self.timing);
        town.nodes.push(first);
        self.calm(&mut town, 1);
        let second = town.born(self.timing);
        town.nodes.push(second);
        self.calm(&mut town, SETTLED);
        town
    }

    /// How many tasks would publish.
    pub(super) fn publishers(&self, town: &Town) -> usize {
        let now = at(town.now);
        town.at_work().filter(|(node, ..)| !node.stopped && !node.keeper.is_fenced(now)).count()
    }

    /// How many publish once everything went well for a while.
    pub(super) fn calmed(&self, town: &Town) -> usize {
        let mut town = town.clone();
        town.faults = self.faults;
        (0..town.nodes.len()).for_each(|node| self.happen(&mut town, Happening::Go(node)));
        while town.letters.iter().any(|letter| letter.held) {
            let held = town.letters.iter().position(|letter| letter.held).unwrap_or_default();
            self.happen(&mut town, Happening::Release(held));
        }
        let end = town.now + 20;
        self.calm(&mut town, end);
        self.publishers(&town)
    }

    /// Lets everything go well until that step.
    fn calm(&self, town: &mut Town, until: u64) {
        while town.now < until {
            let finished = town.nodes.iter().position(|node| node.winding_up.is_some());
            let next = match (town.first(), finished) {
                (Some(_), _) => Happening::Arrive,
                (None, Some(node)) => Happening::Finish(node),
                (None, None) => Happening::Pass,
            };
            self.happen(town, next);
        }
    }

    /// What can happen in a town. What tasks do, and what was held up, happens between two steps; within one only the letters
    /// that arrive matter. A fault that nobody could tell from another is left out: a view that is held up is lost, and so is
    /// any answer that is.
    pub(super) fn possible(&self, town: &Town, happenings: &mut Vec<Happening>) {
        let faulty = town.faults < self.faults;
        if let Some(first) = town.first() {
            happenings.push(Happening::Arrive);
            match &town.letters[first].content {
                Content::Request(Action::View) => {}
                Content::Request(_) => happenings.extend([Happening::Hold, Happening::Lose]),
                Content::Answer(_) | Content::Lost(_) => happenings.push(Happening::Lose),
            }
            return;
        }
        if town.now < self.horizon {
            happenings.push(Happening::Pass);
        }
        let held = town.letters.iter().enumerate().filter(|(_, letter)| letter.held);
        happenings.extend(held.map(|(index, _)| Happening::Release(index)));
        for (index, node) in town.nodes.iter().enumerate() {
            if node.stopped {
                happenings.push(Happening::Go(index));
                continue;
            }
            if node.winding_up.is_some() {
                happenings.push(Happening::Finish(index));
                if !node.lingers {
                    happenings.retain(|happening| *happening != Happening::Pass);
                    happenings.extend(faulty.then_some(Happening::Linger(index)));
                }
            }
            if faulty {
                happenings.extend([Happening::Stop(index), Happening::Kill(index)]);
            }
            if faulty && !node.leaving {
                happenings.push(Happening::Leave(index));
            }
        }
    }

    /// What comes of it, up to the next moment that has more than one way to go on.
    pub(super) fn after(&self, town: &Town, happening: Happening) -> Town {
        let mut next = town.clone();
        self.happen(&mut next, happening);
        next.two_owners |= self.publishers(&next) > 1;
        while next.faults >= self.faults && next.first().is_some() {
            self.happen(&mut next, Happening::Arrive);
            next.two_owners |= self.publishers(&next) > 1;
        }
        next
    }
}
