//! Contacts.

use super::Said;
use carteiro_core::chat::{Body, Card};
use waproto::whatsapp::Message;
use waproto::whatsapp::message::ContactMessage;

/// What a message with contacts says.
pub(super) fn said(message: &Message) -> Option<Said<'_>> {
    if let Some(contact) = message.contact_message.as_option() {
        return Some(Said::new(Body::Contacts { cards: vec![card(contact)] }, &contact.context_info));
    }
    let contacts = message.contacts_array_message.as_option()?;
    let cards = contacts.contacts.iter().map(card).collect();
    Some(Said::new(Body::Contacts { cards }, &contacts.context_info))
}

fn card(contact: &ContactMessage) -> Card {
    Card {
        name: contact.display_name.clone().unwrap_or_default(),
        vcard: contact.vcard.clone().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use waproto::buffa::MessageField;
    use waproto::whatsapp::message::ContactsArrayMessage;

    #[test]
    fn contacts_come_alone_or_together() {
        let contact = ContactMessage {
            display_name: Some("Ana".into()),
            vcard: Some("BEGIN:VCARD\nEND:VCARD".into()),
            ..ContactMessage::default()
        };
        let card = Card { name: "Ana".into(), vcard: "BEGIN:VCARD\nEND:VCARD".into() };
        let alone = Message { contact_message: MessageField::some(contact.clone()), ..Message::default() };
        let alone = said(&alone).unwrap().body;
        assert_eq!((alone.v1_type(), &alone), ("vcard", &Body::Contacts { cards: vec![card.clone()] }));
        let both = ContactsArrayMessage {
            contacts: vec![contact.clone(), contact],
            ..ContactsArrayMessage::default()
        };
        let both = Message { contacts_array_message: MessageField::some(both), ..Message::default() };
        let both = said(&both).unwrap().body;
        assert_eq!(
            (both.v1_type(), &both),
            ("multi_vcard", &Body::Contacts { cards: vec![card.clone(), card] })
        );
    }
}
