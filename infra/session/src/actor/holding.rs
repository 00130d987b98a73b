//! Sends that are held back while others pass: those that would begin a chat when none may be begun, and whatever else goes to
//! the same recipient.
//!
//! They are parked, and the table's order is theirs: an owner that takes the number over meets them in that order again, and
//! holds back anew what must be. So nothing of it has to be remembered.

use super::parking::Placed;
use super::{Actor, Setback};
use carteiro_core::ids::SendId;
use carteiro_core::ports::Parked;
use carteiro_core::send::{Recipient, Send, Waiting};
use tokio::time::Instant;

/// What names a recipient, whichever form of the number was asked for.
pub(super) fn recipient(to: &Recipient) -> String {
    match to.phone() {
        Some(phone) => match phone.other_ninth_digit_form() {
            Some(other) if other.digits().len() < phone.digits().len() => other.into(),
            _ => phone.digits().to_owned(),
        },
        None => to.to_string(),
    }
}

impl Actor {
    /// Why a send is held back without a further look: one before it to the same recipient is, or it was itself and nothing has
    /// changed since.
    pub(super) fn held_back(&self, send: &Send) -> Option<Waiting> {
        if self.line.get(send.id).is_none_or(|entry| entry.tries > 0 || entry.begins_chat) {
            return None;
        }
        let before = self.paced.held.get(&recipient(&send.to)).copied();
        before.or_else(|| match send.waiting {
            Some(Waiting::NewChats) => self.has_begun_enough().then_some(Waiting::NewChats),
            Some(Waiting::Restricted) => self.holds_new_chats(send.id).then_some(Waiting::Restricted),
            _ => None,
        })
    }

    /// Parks a send, and from here on all to its recipient.
    pub(super) async fn hold_back(&mut self, id: SendId, why: Waiting) -> Result<(), Setback> {
        let Some(entry) = self.line.get(id) else { return Ok(()) };
        let Some(send) = entry.send.clone() else { return Ok(()) };
        if entry.parked.is_none() || send.waiting != Some(why) {
            self.shared.sends.park(&send, why).await?;
        }
        self.holds(why);
        self.paced.held.insert(recipient(&send.to), why);
        self.put_down(id);
        Ok(())
    }

    /// Looks at everything that is parked again, from the beginning.
    pub(super) fn release(&mut self) {
        self.paced.let_go();
        // What is in hand from the table and was not touched goes back there: what was held back is before it.
        for id in self.line.untouched() {
            self.upload.take_if(|upload| upload.is_of(id));
            self.put_down(id);
        }
        (self.drained, self.cursor) = (false, None);
        self.step_at = Instant::now();
    }

    /// Parks the first send of the queue while the pace holds the line up. One after the other, and its command is deleted only
    /// then: what the queue still has is behind it.
    pub(super) async fn park_overflow(&mut self) -> Result<(), Setback> {
        let Some(id) = self.line.first_of_queue() else { return Ok(()) };
        if let Placed::Parked(send) = self.park(id, Waiting::Paced).await? {
            self.drained = false;
            // Before what was read already: it would be missed.
            if self.cursor.as_ref().is_some_and(|cursor| Parked::of(&send) <= *cursor) {
                self.cursor = None;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_a_number_are_one_recipient() {
        let name = |text: &str| recipient(&text.parse().unwrap());
        assert_eq!(name("5511988887777"), name("551188887777"));
        assert_ne!(name("5511988887777"), name("5511988887778"));
        assert_eq!(name("14155550100"), "14155550100");
        assert_eq!(name("123456789012345@lid"), "123456789012345@lid");
    }
}
