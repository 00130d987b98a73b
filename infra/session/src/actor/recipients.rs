//! What WhatsApp said of recipients, remembered for a while.

use carteiro_core::phone::Phone;
use carteiro_engine::{Resolution, WhatsAppAddress};
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::Instant;

/// How many recipients an actor remembers.
const MOST: usize = 1_000;

/// Remembered answers, bounded: the oldest go first.
#[derive(Debug)]
pub(super) struct Recipients {
    known: Duration,
    unknown: Duration,
    answers: HashMap<Phone, (Option<WhatsAppAddress>, Instant)>,
}

impl Recipients {
    pub(super) fn new(known: Duration, unknown: Duration) -> Self {
        Self { known, unknown, answers: HashMap::new() }
    }

    /// The address of a recipient (`None`: it is not on WhatsApp), if that was asked not long ago.
    pub(super) fn get(&self, phone: &Phone) -> Option<Option<WhatsAppAddress>> {
        let (address, at) = self.answers.get(phone)?;
        let kept = if address.is_some() { self.known } else { self.unknown };
        (at.elapsed() < kept).then(|| address.clone())
    }

    /// Takes in what WhatsApp answered for both forms of a number.
    pub(super) fn learn(&mut self, phone: &Phone, answers: &[Resolution]) {
        let address = Resolution::of(phone, answers).and_then(|found| found.address.clone());
        if self.answers.len() >= MOST
            && let Some(oldest) = self.answers.iter().min_by_key(|(_, (_, at))| *at).map(|(p, _)| p.clone())
        {
            self.answers.remove(&oldest);
        }
        self.answers.insert(phone.clone(), (address, Instant::now()));
    }

    /// Forgets an answer that turned out wrong.
    pub(super) fn forget(&mut self, phone: &Phone) {
        self.answers.remove(phone);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phone(text: &str) -> Phone {
        text.parse().unwrap()
    }

    fn answer(asked: &str, address: Option<&str>) -> Resolution {
        let address = address.map(|phone| WhatsAppAddress::of_phone(&phone.parse().unwrap()));
        Resolution { asked: phone(asked), address, lid: None, business: false }
    }

    #[tokio::test(start_paused = true)]
    async fn the_other_form_counts_when_the_asked_one_is_unknown() {
        let mut recipients = Recipients::new(Duration::from_secs(60), Duration::from_secs(5));
        let long = phone("5531988887777");
        recipients
            .learn(&long, &[answer("5531988887777", None), answer("553188887777", Some("553188887777"))]);
        let address = recipients.get(&long).unwrap().unwrap();
        assert_eq!(address.to_string(), "553188887777@s.whatsapp.net");
        recipients.learn(&long, &[answer("5531988887777", None), answer("553188887777", None)]);
        assert_eq!(recipients.get(&long), Some(None));
        tokio::time::advance(Duration::from_secs(6)).await;
        assert_eq!(recipients.get(&long), None, "that someone is not there is forgotten soon");
    }

    #[tokio::test(start_paused = true)]
    async fn remembers_no_more_than_its_bound() {
        let mut recipients = Recipients::new(Duration::from_secs(60), Duration::from_secs(5));
        for i in 0..MOST + 10 {
            let number = format!("1415555{i:05}");
            recipients.learn(&phone(&number), &[answer(&number, Some(&number))]);
        }
        assert_eq!(recipients.answers.len(), MOST);
    }
}
