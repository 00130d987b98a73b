//! What is to be taken in, and how far that is.

use super::NumberOwner;
use super::effect::Effect;
use crate::chat::Update;
use std::collections::VecDeque;

/// How many people are stored together.
const PEOPLE: usize = 100;

/// What is to be taken in of a number, in this order. It keeps how far it is: what failed is tried again from there.
pub struct Intake {
    pub(super) owner: NumberOwner,
    pub(super) updates: VecDeque<Update>,
    /// What follows from the update that was stored last.
    pub(super) effects: VecDeque<Effect>,
    /// How many people are stored together now.
    pub(super) together: usize,
}

impl Intake {
    /// Updates as WhatsApp told them.
    pub fn new(owner: NumberOwner, updates: Vec<Update>) -> Self {
        Self { owner, updates: updates.into(), effects: VecDeque::new(), together: PEOPLE }
    }

    /// Whether all of it was taken in.
    pub fn is_done(&self) -> bool {
        self.updates.is_empty() && self.effects.is_empty()
    }

    /// Leaves out what comes next, which can never be taken in, and tells what that was; `None` where it was many things, which are
    /// tried in smaller parts from now on, so that what is good of them is not lost.
    pub fn leave_out(&mut self) -> Option<&'static str> {
        if let Some(effect) = self.effects.pop_front() {
            return Some(effect.name());
        }
        let people = self.updates.iter().take(self.together).take_while(|update| is_person(update)).count();
        if people > 1 {
            self.together = people / 2;
            return None;
        }
        self.together = PEOPLE;
        let (first, second) = halves(self.updates.pop_front()?);
        let Some(second) = second else { return Some(name(&first)) };
        self.updates.push_front(second);
        self.updates.push_front(first);
        None
    }
}

/// An update of many things as two, in their order; itself alone where it is one.
fn halves(update: Update) -> (Update, Option<Update>) {
    match update {
        Update::History { mut chats, mut messages, mut contacts }
            if chats.len() + messages.len() + contacts.len() > 1 =>
        {
            let mut room = (chats.len() + messages.len() + contacts.len()) / 2;
            let later = Update::History {
                chats: beyond(&mut chats, &mut room),
                messages: beyond(&mut messages, &mut room),
                contacts: beyond(&mut contacts, &mut room),
            };
            (Update::History { chats, messages, contacts }, Some(later))
        }
        Update::Acked { chat, mut ids, ack, at } if ids.len() > 1 => {
            let later = ids.split_off(ids.len() / 2);
            let later = Update::Acked { chat: chat.clone(), ids: later, ack, at };
            (Update::Acked { chat, ids, ack, at }, Some(later))
        }
        one => (one, None),
    }
}

/// Takes away what is beyond the room, and from the room what stays.
fn beyond<T>(all: &mut Vec<T>, room: &mut usize) -> Vec<T> {
    let later = all.split_off(all.len().min(*room));
    *room -= all.len();
    later
}

fn is_person(update: &Update) -> bool {
    matches!(update, Update::Contact(_))
}

/// What an update is, for the log.
fn name(update: &Update) -> &'static str {
    match update {
        Update::Message(_) => "a message",
        Update::History { .. } => "something of the history",
        Update::Edited { .. } => "an edit",
        Update::Revoked { .. } => "a revocation",
        Update::Acked { .. } => "how far a message is",
        Update::Contact(_) => "a person",
        Update::Chat { .. } => "a change of a chat",
        Update::Group(_) | Update::GroupLeft(_) => "a group",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::{Ack, Address, Chat, Contact, ContactChange, Person};
    use crate::ids::{MessageId, UserId};
    use jiff::Timestamp;

    fn person(index: usize) -> Person {
        Person::from(format!("55119{index:08}@s.whatsapp.net").parse::<Address>().unwrap())
    }

    fn known(index: usize) -> Update {
        let person = person(index);
        Update::Contact(ContactChange { person, name: None, push_name: None, verified_name: None })
    }

    fn intake(updates: Vec<Update>) -> Intake {
        let owner = NumberOwner { user: UserId::from_random([7; 16]), session: None };
        Intake::new(owner, updates)
    }

    /// What is taken in of updates, where everything fails that has one of the bad things in it.
    fn taken(updates: Vec<Update>, bad: impl Fn(&Update) -> bool) -> (Vec<Update>, Vec<&'static str>) {
        let (mut intake, mut taken, mut left_out) = (intake(updates), Vec::new(), Vec::new());
        for _ in 0..10_000 {
            let people = intake.updates.iter().take_while(|update| is_person(update)).take(intake.together);
            let next = people.count().max(1).min(intake.updates.len());
            if next == 0 {
                break;
            }
            match intake.updates.iter().take(next).any(&bad) {
                true => left_out.extend(intake.leave_out()),
                false => taken.extend(intake.updates.drain(..next)),
            }
        }
        assert!(intake.is_done());
        (taken, left_out)
    }

    #[test]
    fn of_many_people_only_the_bad_ones_are_left_out() {
        for bad in [0, 1, 57, 99, 100, 149] {
            let all: Vec<Update> = (0..150).map(known).collect();
            let (taken, left_out) = taken(all.clone(), |update| *update == known(bad));
            assert_eq!((taken.len(), left_out), (149, vec!["a person"]));
            assert!(all.iter().filter(|update| **update != known(bad)).eq(&taken), "{bad}");
        }
    }

    #[test]
    fn of_the_history_only_what_is_bad_is_left_out() {
        let address = |index| person(index).address().clone();
        let history = Update::History {
            chats: (0..9).map(|index| Chat::unknown(address(index))).collect(),
            messages: Vec::new(),
            contacts: (0..9).map(|index| Contact::new(person(index))).collect(),
        };
        let bad = |update: &Update| {
            let Update::History { chats, contacts, .. } = update else { return false };
            chats.iter().any(|chat| chat.address == address(8))
                || contacts.iter().any(|contact| contact.person == person(3))
        };
        let (taken, left_out) = taken(vec![known(1), history, known(2)], bad);
        assert_eq!(left_out, ["something of the history"; 2]);
        let size = |update: &Update| match update {
            Update::History { chats, contacts, .. } => chats.len() + contacts.len(),
            _ => 1,
        };
        assert_eq!(taken.iter().map(size).sum::<usize>(), 2 + 16);
        assert_eq!((taken.first(), taken.last()), (Some(&known(1)), Some(&known(2))));
    }

    #[test]
    fn of_many_acks_only_the_bad_one_is_left_out() {
        let ids: Vec<MessageId> = (0..11).map(|id| format!("A{id}").parse().unwrap()).collect();
        let at = Timestamp::UNIX_EPOCH;
        let acked = Update::Acked { chat: person(1).address().clone(), ids: ids.clone(), ack: Ack::Read, at };
        let of = |update: &Update| match update {
            Update::Acked { ids, .. } => ids.clone(),
            _ => Vec::new(),
        };
        let (taken, left_out) = taken(vec![acked], |update| of(update).contains(&ids[4]));
        assert_eq!(left_out, ["how far a message is"]);
        let reached: Vec<_> = taken.iter().flat_map(of).collect();
        assert!(ids.iter().filter(|id| **id != ids[4]).eq(&reached));
    }
}
