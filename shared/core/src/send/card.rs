//! Contacts to send.

use crate::phone::Phone;
use std::fmt;

/// A contact to send: a name and a number. `Debug` shows neither.
#[derive(Clone, PartialEq, Eq)]
pub struct ContactCard {
    name: String,
    phone: Phone,
}

impl ContactCard {
    /// The most characters of a name; what is longer is cut.
    pub const MAX_NAME: usize = 128;

    /// A contact. Control characters in the name are taken for spaces; of one who has no name the number is shown.
    pub fn new(name: &str, phone: Phone) -> Self {
        let spaced: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let cut: String = spaced.trim().chars().take(Self::MAX_NAME).collect();
        let name = match cut.trim_end() {
            "" => format!("+{phone}"),
            name => name.to_owned(),
        };
        Self { name, phone }
    }

    /// The name that is shown.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The number, as WhatsApp writes it.
    pub fn phone(&self) -> &Phone {
        &self.phone
    }

    /// The contact as a vCard 3.0 (RFC 2426), as WhatsApp's clients write it: its `waid` makes the card lead to a chat.
    pub fn vcard(&self) -> String {
        let (name, digits) = (escaped(&self.name), self.phone.digits());
        format!(
            "BEGIN:VCARD\nVERSION:3.0\nN:;{name};;;\nFN:{name}\nTEL;type=CELL;type=VOICE;waid={digits}:+{digits}\nEND:VCARD"
        )
    }
}

/// A text as a vCard's value (RFC 2426, section 4).
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | ';' | ',') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

impl fmt::Debug for ContactCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ContactCard(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn phone() -> Phone {
        "5511988887777".parse().unwrap()
    }

    #[test]
    fn a_card_leads_to_a_chat() {
        assert_eq!(
            ContactCard::new("Ana; a \"Boa\", \\o/", phone()).vcard(),
            "BEGIN:VCARD\nVERSION:3.0\nN:;Ana\\; a \"Boa\"\\, \\\\o/;;;\nFN:Ana\\; a \"Boa\"\\, \\\\o/\n\
             TEL;type=CELL;type=VOICE;waid=5511988887777:+5511988887777\nEND:VCARD"
        );
        assert_eq!(ContactCard::new(" ", phone()).name(), "+5511988887777");
        assert_eq!(format!("{:?}", ContactCard::new("segredo", phone())), "ContactCard(…)");
    }

    proptest! {
        #[test]
        fn a_name_never_breaks_out_of_its_line(name in "(.|[\\n\\r\\t]){0,200}") {
            let card = ContactCard::new(&name, phone());
            prop_assert_eq!(card.vcard().lines().count(), 6);
            prop_assert_eq!(card.vcard().matches(['\r', '\t']).count(), 0);
            prop_assert!(card.name().chars().count() <= ContactCard::MAX_NAME);
            prop_assert_eq!(ContactCard::new(card.name(), phone()), card);
        }
    }
}
