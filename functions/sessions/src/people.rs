//! Who the people in an answer are.

use crate::routes::App;
use carteiro_core::chat::{Address, Chat, Group, Message};
use carteiro_core::phone::Phone;
use carteiro_core::ports::Unavailable;
use carteiro_core::v1::People;
use futures_util::future::try_join_all;
use std::collections::BTreeSet;

/// How many people are looked up in one request; the requests go out side by side.
const AT_A_TIME: usize = 100;

impl App {
    /// Those of these people that the number knows.
    pub(crate) async fn people(
        &self,
        number: &Phone,
        addresses: impl IntoIterator<Item = &Address>,
    ) -> Result<People, Unavailable> {
        let addresses: BTreeSet<&Address> = addresses.into_iter().filter(|a| a.is_person()).collect();
        let addresses: Vec<Address> = addresses.into_iter().cloned().collect();
        let some = addresses.chunks(AT_A_TIME).map(|some| self.chats.contacts_of(number, some));
        Ok(try_join_all(some).await?.into_iter().flatten().collect())
    }
}

/// Whose contact is shown with these messages.
pub(crate) fn authors(messages: &[Message]) -> impl Iterator<Item = &Address> {
    messages.iter().map(|message| message.author.address())
}

/// Whose contact is shown with these chats.
pub(crate) fn partners(chats: &[Chat]) -> impl Iterator<Item = &Address> {
    chats.iter().map(|chat| chat.with.as_ref().map_or(&chat.address, |with| with.address()))
}

/// The members of a group.
pub(crate) fn members(group: &Group) -> impl Iterator<Item = &Address> {
    group.participants.iter().map(|member| member.person.address())
}
