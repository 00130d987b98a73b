//! What a person is called by.

use crate::chat::Address;
use crate::phone::Phone;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Everything that a person is found by: their phone number in each form that WhatsApp may write it in, and their LIDs. `Debug`
/// shows none of them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Names {
    phones: Vec<Phone>,
    lids: Vec<Address>,
}

impl Names {
    /// A person by phone number, with and without Brazil's ninth digit.
    pub fn of(phone: &Phone) -> Self {
        Self {
            phones: [Some(phone.clone()), phone.other_ninth_digit_form()].into_iter().flatten().collect(),
            lids: Vec::new(),
        }
    }

    /// A LID of theirs became known; what is no LID is not taken.
    pub fn learn(&mut self, lid: &Address) {
        if lid.is_lid() && !self.lids.contains(lid) {
            self.lids.push(lid.clone());
        }
    }

    /// Their phone number in each form.
    pub fn phones(&self) -> &[Phone] {
        &self.phones
    }

    /// Every address of theirs on WhatsApp.
    pub fn addresses(&self) -> Vec<Address> {
        self.phones.iter().map(Address::of_phone).chain(self.lids.iter().cloned()).collect()
    }

    /// Whether this is their number.
    pub fn has_phone(&self, phone: &Phone) -> bool {
        self.phones.contains(phone)
    }

    /// Whether this is an address of theirs.
    pub fn has(&self, address: &Address) -> bool {
        self.lids.contains(address) || address.phone().is_some_and(|phone| self.has_phone(&phone))
    }

    /// Whether a text has their number or the digits of a LID of theirs in it: as they are, or a number as people write it, with
    /// spaces, dashes, dots and brackets. Digits that are a part of longer ones are another number.
    pub fn are_in(&self, text: &str) -> bool {
        let digits = self.phones.iter().map(Phone::digits).chain(self.lids.iter().map(Address::user));
        let digits: Vec<&str> = digits.collect();
        let numbers = text.split(|c: char| !c.is_ascii_digit() && !is_separator(c));
        numbers.into_iter().any(|number| {
            let groups: Vec<&str> = number.split(is_separator).filter(|group| !group.is_empty()).collect();
            (0..groups.len()).any(|first| begins_with_one_of(&groups[first..], &digits))
        })
    }
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Names({} numbers, {} LIDs)", self.phones.len(), self.lids.len())
    }
}

fn is_separator(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '-' | '.' | '(' | ')' | '\u{2011}')
}

/// Whether some of these groups of digits, from the first one on, are one of the numbers.
fn begins_with_one_of(groups: &[&str], numbers: &[&str]) -> bool {
    numbers.iter().any(|number| {
        let mut rest = *number;
        for group in groups {
            match rest.strip_prefix(group) {
                Some("") => return true,
                Some(shorter) => rest = shorter,
                None => return false,
            }
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ana() -> Names {
        let mut names = Names::of(&"5531988887777".parse().unwrap());
        names.learn(&"7712345678901@lid".parse().unwrap());
        names.learn(&"5531977776666@s.whatsapp.net".parse().unwrap());
        names
    }

    #[test]
    fn a_person_has_both_forms_and_lids() {
        let ana = ana();
        for address in ["5531988887777@c.us", "553188887777@s.whatsapp.net", "7712345678901@lid"] {
            assert!(ana.has(&address.parse().unwrap()), "{address}");
        }
        for address in ["5531988887778@c.us", "5531977776666@c.us", "7712345678902@lid", "553188887777@g.us"]
        {
            assert!(!ana.has(&address.parse().unwrap()), "{address}");
        }
        assert_eq!(ana.addresses().len(), 3);
        assert_eq!(Names::of(&"14155550100".parse().unwrap()).phones().len(), 1);
        assert!(!format!("{ana:?}").contains("8888"));
    }

    #[test]
    fn they_are_found_in_texts() {
        let ana = ana();
        for text in [
            "5531988887777",
            "i#5531988887777@s.whatsapp.net#3EB0",
            "waid=553188887777:+55 31 8888-7777",
            "fale com +55 (31) 98888-7777.",
            "@7712345678901 oi",
            r#"{"lid":"7712345678901@lid"}"#,
        ] {
            assert!(ana.are_in(text), "{text}");
        }
        for text in ["", "55319888877771", "155319888877", "Ana", "771234567890", "000188887777000"] {
            assert!(!ana.are_in(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn wherever_it_stands_it_is_found(before in "\\D{0,20}", after in "\\D{0,20}") {
            let text = format!("{before}5531988887777{after}");
            prop_assert!(ana().are_in(&text));
        }
    }
}
