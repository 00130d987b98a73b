//! Which of two forms a mobile number of Brazil has on WhatsApp, which knows many without the ninth digit that the phone network added.

use crate::routes::App;
use crate::session::Paired;
use carteiro_core::chat::Address;
use carteiro_core::phone::Phone;
use carteiro_core::ports::Unavailable;
use carteiro_core::query::{Answer, Query};

/// An address, and whether it is certain that WhatsApp knows it so.
struct Found {
    address: Address,
    certain: bool,
}

impl App {
    /// The address that a chat is kept by: where there is no chat with the form that was asked for, that of the other form, if there is
    /// such a chat.
    pub(crate) async fn chat_of(&self, number: &Phone, asked: &Address) -> Result<Address, Unavailable> {
        Ok(self.by_chats(number, asked).await?.address)
    }

    /// The address of whom a session is asked about: what the chats say, else what WhatsApp says, which is remembered for a day. Where it
    /// says nothing, the form that was asked for.
    pub(crate) async fn on_whatsapp(
        &self,
        session: &Paired,
        asked: &Address,
    ) -> Result<Address, Unavailable> {
        let found = self.by_chats(&session.number, asked).await?;
        let Some(phone) = found.address.phone().filter(|_| !found.certain) else { return Ok(found.address) };
        let validate = Query::Validate { numbers: vec![phone] };
        let answer = self.ask.ask(&session.number, session.link.shard, validate).await;
        let person = match answer {
            Ok(Answer::Validated { numbers }) => numbers.into_iter().next().and_then(|one| one.person),
            _ => None,
        };
        Ok(person.map_or(found.address, |person| person.address().clone()))
    }

    async fn by_chats(&self, number: &Phone, asked: &Address) -> Result<Found, Unavailable> {
        let address = self.chats.canonical(number, asked).await?;
        let other = address.phone().and_then(|phone| phone.other_ninth_digit_form());
        let Some(other) = other.map(|other| Address::of_phone(&other)) else {
            return Ok(Found { address, certain: true });
        };
        for form in [&address, &other] {
            if self.chats.chat(number, form).await?.is_some() {
                return Ok(Found { address: form.clone(), certain: true });
            }
        }
        Ok(Found { address, certain: false })
    }
}
