//! To whom a deployment sends SMS, and how many. Each costs money, and somebody who earns by it asks for many, to numbers of their own
//! in countries where they are dear (toll fraud).

use crate::phone::Phone;
use crate::rate::Rate;
use jiff::SignedDuration;
use std::str::FromStr;

/// In microseconds.
const HOUR: i64 = 3_600_000_000;

/// Where SMS may go, and how many in an hour.
#[derive(Debug, Clone)]
pub struct SmsPolicy {
    countries: SmsCountries,
    rate: Rate,
}

impl SmsPolicy {
    /// To those countries; a quarter of `per_hour` (which is one at least) at once, and the whole of it in each hour after.
    pub fn new(countries: SmsCountries, per_hour: u32) -> Self {
        let per_hour = per_hour.max(1);
        let interval = SignedDuration::from_micros(HOUR / i64::from(per_hour));
        Self { countries, rate: Rate::every(interval, (per_hour / 4).max(1)) }
    }

    /// Whether a number is of a country that SMS go to.
    pub fn serves(&self, number: &Phone) -> bool {
        self.countries.0.iter().any(|code| number.digits().starts_with(code))
    }

    /// How many may be sent.
    pub fn rate(&self) -> Rate {
        self.rate
    }
}

/// The beginnings of the numbers that SMS go to, as a configuration states them: calling codes of countries (`55`), or longer ones where
/// countries share theirs (`1415`), separated by commas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmsCountries(Vec<String>);

/// What was stated is no list of calling codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("calling codes of one to seven digits, separated by commas")]
pub struct InvalidSmsCountries;

impl FromStr for SmsCountries {
    type Err = InvalidSmsCountries;

    fn from_str(text: &str) -> Result<Self, InvalidSmsCountries> {
        let codes: Vec<String> = text.split(',').map(|code| code.trim().to_owned()).collect();
        let is_code = |code: &String| {
            (1..=7).contains(&code.len())
                && code.bytes().all(|b| b.is_ascii_digit())
                && !code.starts_with('0')
        };
        if codes.iter().all(is_code) { Ok(Self(codes)) } else { Err(InvalidSmsCountries) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_served_by_how_it_begins() {
        let policy = SmsPolicy::new("55, 351,1415".parse().unwrap(), 300);
        let serves = |number: &str| policy.serves(&number.parse().unwrap());
        assert!(serves("5511988887777") && serves("351912345678") && serves("14155550100"));
        assert!(!serves("18765550100") && !serves("35212345678") && !serves("11988887777"));
    }

    #[test]
    fn what_is_no_code_is_refused() {
        for text in ["", "55,", "+55", "055", "5511x", "12345678", "*"] {
            assert_eq!(text.parse::<SmsCountries>(), Err(InvalidSmsCountries), "{text:?}");
        }
    }

    #[test]
    fn an_hour_has_so_many() {
        let rate = |per_hour| SmsPolicy::new("55".parse().unwrap(), per_hour).rate();
        assert_eq!(rate(300), Rate::every(SignedDuration::from_secs(12), 75));
        assert_eq!(rate(0), Rate::every(SignedDuration::from_hours(1), 1));
    }
}
