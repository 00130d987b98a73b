//! What can befall two tasks and their table, carried out.

use super::fleet::Fleet;
use super::town::{Answer, Content, Letter, Outcome, Town, at, both, error, outcome, question, silence};
use crate::lease::Action;

/// How many steps a task waits for an answer.
const PATIENCE: u64 = 1;

/// What can happen next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Happening {
    /// The first letter that is not held up arrives.
    Arrive,
    /// It is held up.
    Hold,
    /// It is lost.
    Lose,
    /// A letter that was held up arrives.
    Release(usize),
    /// A step's time passes.
    Pass,
    /// A task stops.
    Stop(usize),
    /// It goes on.
    Go(usize),
    /// It is killed, and another one starts in its place.
    Kill(usize),
    /// It is told to end.
    Leave(usize),
    /// It has finished the work on a shard that it gives up.
    Finish(usize),
    /// That work will take a while.
    Linger(usize),
}

impl Fleet {
    /// Lets it happen.
    pub(super) fn happen(&self, town: &mut Town, happening: Happening) {
        match happening {
            Happening::Arrive => {
                if let Some(first) = town.first() {
                    let letter = town.letters.remove(first);
                    self.arrive(town, letter);
                }
            }
            Happening::Release(held) => {
                let letter = town.letters.remove(held);
                self.arrive(town, Letter { held: false, ..letter });
            }
            Happening::Hold => {
                town.faults += 1;
                if let Some(first) = town.first() {
                    town.letters[first].held = true;
                }
            }
            Happening::Lose => {
                town.faults += 1;
                if let Some(first) = town.first() {
                    let letter = &mut town.letters[first];
                    letter.content = match letter.content.clone() {
                        Content::Request(action) | Content::Lost(action) => Content::Lost(action),
                        Content::Answer(answer) => Content::Lost(question(&answer)),
                    };
                }
            }
            Happening::Pass => self.pass(town),
            Happening::Stop(node) => {
                town.faults += 1;
                town.nodes[node].stopped = true;
            }
            Happening::Go(node) => {
                town.nodes[node].stopped = false;
                self.wake(town, node);
            }
            Happening::Kill(node) => {
                town.faults += 1;
                town.nodes[node] = town.born(self.timing);
                self.wake(town, node);
            }
            Happening::Leave(node) => {
                town.faults += 1;
                let leaving = &mut town.nodes[node];
                leaving.leaving = true;
                leaving.keeper.leave();
                town.table.leave(leaving.keeper.task());
                leaving.winding_up = leaving.winding_up.or(leaving.keeper.owned().iter().next().map(both));
                self.retire(town, node);
            }
            Happening::Linger(node) => {
                town.faults += 1;
                town.nodes[node].lingers = true;
            }
            Happening::Finish(node) => {
                town.nodes[node].lingers = false;
                if let Some((shard, epoch)) = town.nodes[node].winding_up.take() {
                    self.ask(town, node, Action::Release(shard, epoch));
                }
            }
        }
    }

    /// A step's time passes; whoever waits for too long waits no more.
    fn pass(&self, town: &mut Town) {
        town.now += 1;
        for node in 0..town.nodes.len() {
            self.wake(town, node);
        }
    }

    /// A task that runs looks at its clock.
    fn wake(&self, town: &mut Town, node: usize) {
        if town.nodes[node].stopped {
            return;
        }
        let (now, life) = (town.now, town.nodes[node].life);
        let late = |letter: &Letter| {
            letter.node == node && letter.life == life && !letter.given_up && now >= letter.asked + PATIENCE
        };
        while let Some(index) = town.letters.iter().position(late) {
            let letter = &mut town.letters[index];
            letter.given_up = true;
            let (asked, content) = (letter.asked, letter.content.clone());
            let answer = match content {
                Content::Request(action) => silence(&action),
                Content::Lost(action) => {
                    town.letters.remove(index);
                    silence(&action)
                }
                Content::Answer(answer) => {
                    town.letters.remove(index);
                    silence(&question(&answer))
                }
            };
            if let Some(answer) = answer {
                self.hear(town, node, asked, answer);
            }
        }
        let actions = town.nodes[node].keeper.tick(at(now));
        self.perform(town, node, actions);
    }

    /// A letter has come: a request to the table, an answer to its task.
    fn arrive(&self, town: &mut Town, letter: Letter) {
        let sender = town.name(letter.life);
        let alive = town.nodes[letter.node].life == letter.life && !letter.given_up;
        match letter.content {
            Content::Request(action) => {
                let table = &mut town.table;
                let answer = match &action {
                    Action::Heartbeat(counter) => {
                        let beat = table.heartbeat(&sender, *counter);
                        Answer::Heartbeat(beat.as_ref().err().map_or(Outcome::Good, outcome))
                    }
                    Action::View => Answer::View(Some(table.0.clone())),
                    Action::Take { shard, seen, revoke } => {
                        let taken = table.take(*shard, &sender, seen.as_ref(), *revoke);
                        Answer::Take(*shard, taken.map_err(|error| outcome(&error)))
                    }
                    Action::Release(shard, epoch) => {
                        table.release(*shard, &sender, *epoch);
                        Answer::Release(*shard)
                    }
                    Action::Retire(task) => {
                        table.0.tasks.remove(task);
                        return;
                    }
                    Action::Own(..) | Action::Lose(_) | Action::Fence => return,
                };
                if alive {
                    town.letters.push(Letter { content: Content::Answer(answer), ..letter });
                }
            }
            Content::Answer(answer) if alive => self.hear(town, letter.node, letter.asked, answer),
            Content::Answer(_) | Content::Lost(_) => {}
        }
    }

    fn hear(&self, town: &mut Town, node: usize, asked: u64, answer: Answer) {
        let (asked, now) = (at(asked), at(town.now));
        let keeper = &mut town.nodes[node].keeper;
        let actions = match answer {
            Answer::Heartbeat(Outcome::Good) => keeper.heartbeat_done(asked, now, Ok(())),
            Answer::Heartbeat(bad) => keeper.heartbeat_done(asked, now, Err(error(bad))),
            Answer::View(table) => keeper.viewed(asked, now, table.as_ref()),
            Answer::Take(shard, taken) => keeper.take_done(shard, now, taken.map_err(error)),
            Answer::Release(shard) => keeper.release_done(shard, now),
        };
        self.perform(town, node, actions);
        self.retire(town, node);
    }

    fn perform(&self, town: &mut Town, node: usize, actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::Own(..) => {}
                Action::Lose(shard) => {
                    town.nodes[node].winding_up.take_if(|(wound_up, _)| *wound_up == shard);
                }
                Action::Release(shard, epoch) => town.nodes[node].winding_up = Some((shard, epoch)),
                Action::Fence => {
                    town.fenced += 1;
                    town.nodes[node] = town.born(self.timing);
                    return self.wake(town, node);
                }
                action => self.ask(town, node, action),
            }
        }
    }

    fn ask(&self, town: &mut Town, node: usize, action: Action) {
        let given_up = matches!(action, Action::Retire(_));
        let (life, asked) = (town.nodes[node].life, town.now);
        town.letters.push(Letter {
            node,
            life,
            asked,
            content: Content::Request(action),
            held: false,
            given_up,
        });
    }

    /// A task that was told to end and has given everything up removes its row and ends; another one starts.
    fn retire(&self, town: &mut Town, node: usize) {
        let ending = &town.nodes[node];
        let asks = town.letters.iter().any(|letter| {
            letter.life == ending.life
                && matches!(
                    letter.content,
                    Content::Request(Action::Release(..)) | Content::Answer(Answer::Release(_))
                )
        });
        if ending.leaving && ending.winding_up.is_none() && ending.keeper.is_settled() && !asks {
            let own = ending.keeper.task().clone();
            self.ask(town, node, Action::Retire(own));
            town.nodes[node] = town.born(self.timing);
            self.wake(town, node);
        }
    }
}
