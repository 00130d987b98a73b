//! Phone numbers.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A phone number in international form, digits only: 10 to 15 of them (ITU-T E.164 allows 15).
///
/// Parsing accepts what people send (`+55 (11) 98888-7777`, `5511…@c.us`, `5511…@s.whatsapp.net`) and keeps the digits.
/// `Debug` masks it; `Display` does not, so never log one by `Display`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Phone(String);

/// What was given is not a phone number: not 10 to 15 digits once separators are taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a phone number of 10 to 15 digits")]
pub struct InvalidPhone;

impl Phone {
    /// The digits.
    pub fn digits(&self) -> &str {
        &self.0
    }

    /// For logs: the country and area code and the last two digits, the rest as dots, such as `5511•••••••77`.
    pub fn masked(&self) -> String {
        let (head, tail) = (&self.0[..4], &self.0[self.0.len() - 2..]);
        format!("{head}{}{tail}", "•".repeat(self.0.len() - 6))
    }

    /// A Brazilian mobile number with the ninth digit put in or taken out: the other form WhatsApp may know it by.
    /// `None` for numbers that have no such form.
    ///
    /// Brazil's regulator (Anatel) put a 9 before mobile numbers; accounts made before that keep the short form.
    pub fn other_ninth_digit_form(&self) -> Option<Phone> {
        let national = self.0.strip_prefix("55")?;
        let (area, subscriber) = national.split_at_checked(2)?;
        if area.starts_with('0') || area.ends_with('0') {
            return None;
        }
        match subscriber.as_bytes() {
            [b'9', b'6'..=b'9', ..] if subscriber.len() == 9 => {
                Some(Phone(format!("55{area}{}", &subscriber[1..])))
            }
            [b'6'..=b'9', ..] if subscriber.len() == 8 => Some(Phone(format!("55{area}9{subscriber}"))),
            _ => None,
        }
    }

    /// The form to use when WhatsApp cannot be asked: the 9 is taken out when the area code is 31 or higher and the
    /// digit after the 9 is 7 or higher; every other number stays as it is.
    pub fn guessed_whatsapp_form(&self) -> Phone {
        let bytes = self.0.as_bytes();
        let is_long_mobile = bytes.len() == 13 && bytes.starts_with(b"55") && bytes[4] == b'9';
        if is_long_mobile && &bytes[2..4] >= b"31".as_slice() && bytes[5] >= b'7' {
            return Phone(format!("{}{}", &self.0[..4], &self.0[5..]));
        }
        self.clone()
    }
}

impl FromStr for Phone {
    type Err = InvalidPhone;

    fn from_str(text: &str) -> Result<Self, InvalidPhone> {
        let text = text.trim();
        let text =
            text.strip_suffix("@c.us").or_else(|| text.strip_suffix("@s.whatsapp.net")).unwrap_or(text);
        let text = text.strip_prefix('+').unwrap_or(text);
        let mut digits = String::with_capacity(15);
        for c in text.chars() {
            match c {
                '0'..='9' => digits.push(c),
                ' ' | '-' | '(' | ')' => {}
                _ => return Err(InvalidPhone),
            }
        }
        if (10..=15).contains(&digits.len()) { Ok(Phone(digits)) } else { Err(InvalidPhone) }
    }
}

impl TryFrom<String> for Phone {
    type Error = InvalidPhone;

    fn try_from(text: String) -> Result<Self, InvalidPhone> {
        text.parse()
    }
}

impl From<Phone> for String {
    fn from(phone: Phone) -> String {
        phone.0
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Phone({})", self.masked())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn phone(text: &str) -> Phone {
        text.parse().unwrap()
    }

    #[test]
    fn accepts_what_people_write() {
        for text in
            ["+55 (11) 98888-7777", "5511988887777@c.us", " 5511988887777 ", "5511988887777@s.whatsapp.net"]
        {
            assert_eq!(phone(text).digits(), "5511988887777", "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_number() {
        for text in [
            "",
            "123456789",
            "1234567890123456",
            "55119x8887777",
            "5511988887777@g.us",
            "５５１１９８８８８７７７７",
            "55+11988887777",
        ] {
            assert_eq!(text.parse::<Phone>(), Err(InvalidPhone), "{text}");
        }
    }

    #[test]
    fn knows_both_ninth_digit_forms() {
        assert_eq!(phone("5531988887777").other_ninth_digit_form(), Some(phone("553188887777")));
        assert_eq!(phone("553188887777").other_ninth_digit_form(), Some(phone("5531988887777")));
        assert_eq!(phone("551133334444").other_ninth_digit_form(), None, "a landline");
        assert_eq!(phone("14155550100").other_ninth_digit_form(), None, "another country");
    }

    #[test]
    fn guesses_by_area_code() {
        assert_eq!(phone("5531988887777").guessed_whatsapp_form().digits(), "553188887777");
        assert_eq!(phone("5511988887777").guessed_whatsapp_form().digits(), "5511988887777");
        assert_eq!(phone("5531968887777").guessed_whatsapp_form().digits(), "5531968887777");
    }

    #[test]
    fn debug_never_shows_the_number() {
        assert_eq!(format!("{:?}", phone("5511988887777")), "Phone(5511•••••••77)");
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_keeps_only_digits(text in ".{0,40}") {
            if let Ok(parsed) = text.parse::<Phone>() {
                prop_assert!(parsed.digits().bytes().all(|b| b.is_ascii_digit()));
                prop_assert_eq!(parsed.digits().parse::<Phone>().unwrap(), parsed);
            }
        }

        #[test]
        fn the_other_form_is_its_own_inverse(area in 11u8..=99, subscriber in 60_000_000u32..=99_999_999) {
            let short = phone(&format!("55{area}{subscriber}"));
            if let Some(long) = short.other_ninth_digit_form() {
                prop_assert_eq!(long.other_ninth_digit_form(), Some(short));
            }
        }
    }
}
