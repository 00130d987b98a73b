//! Which phone numbers are on WhatsApp, and how it writes them.

use crate::address::WhatsAppAddress;
use crate::error::QueryError;
use carteiro_core::phone::Phone;
use wacore_binary::Jid;
use whatsapp_rust::lid_pn_cache::LearningSource;
use whatsapp_rust::usync::{
    UsyncAddressingMode, UsyncContext, UsyncMode, UsyncOutcome, UsyncProtocol, UsyncProtocolKind,
    UsyncProtocolResult, UsyncQuery, UsyncUser, UsyncUserResult,
};
use whatsapp_rust::{Client, IqError};

/// What WhatsApp says of one number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolution {
    /// The number that was asked for.
    pub asked: Phone,
    /// Its address, if it is on WhatsApp. The number in it may differ from `asked` by the ninth digit.
    pub address: Option<WhatsAppAddress>,
    /// Its LID, if WhatsApp tells it.
    pub lid: Option<WhatsAppAddress>,
    /// Whether it is a business; `false` also where that was not asked for.
    pub business: bool,
}

/// How much is asked for of each number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Detail {
    /// Its address.
    Address,
    /// Also whether it is a business.
    Business,
}

impl Resolution {
    /// The numbers to ask WhatsApp for: each with its other form, once.
    pub fn forms<'a>(phones: impl IntoIterator<Item = &'a Phone>) -> Vec<Phone> {
        let mut forms = Vec::new();
        for phone in phones {
            for form in std::iter::once(phone.clone()).chain(phone.other_ninth_digit_form()) {
                if !forms.contains(&form) {
                    forms.push(form);
                }
            }
        }
        forms
    }

    /// What was answered of a number in either of its forms, if it is on WhatsApp. The form that was asked for goes before the other.
    pub fn of<'a>(phone: &Phone, answers: &'a [Resolution]) -> Option<&'a Resolution> {
        let find =
            |form: &Phone| answers.iter().find(|answer| answer.asked == *form && answer.address.is_some());
        find(phone).or_else(|| find(&phone.other_ninth_digit_form()?))
    }
}

/// Asks for all numbers in one question; the answers stand in the order of the numbers.
pub(crate) async fn resolve(
    client: &Client,
    phones: &[Phone],
    detail: Detail,
) -> Result<Vec<Resolution>, QueryError> {
    let mut protocols =
        vec![UsyncProtocol::Contact { addressing_mode: UsyncAddressingMode::Pn }, UsyncProtocol::Lid];
    if detail == Detail::Business {
        protocols.push(UsyncProtocol::BusinessVerifiedName);
    }
    let users = phones.iter().map(|phone| UsyncUser::from_phone(phone.digits())).collect();
    let query = UsyncQuery::new(UsyncMode::Query, UsyncContext::Interactive, protocols, users);
    let response = client.query_usync(query.map_err(|_| QueryError::Failed)?).await.map_err(query_error)?;
    let resolutions: Vec<Resolution> =
        phones.iter().map(|phone| resolution(phone, &response.users)).collect();
    learn_lids(client, &resolutions).await;
    Ok(resolutions)
}

fn resolution(asked: &Phone, users: &[UsyncUserResult]) -> Resolution {
    let none = Resolution { asked: asked.clone(), address: None, lid: None, business: false };
    let Some(user) = users.iter().find(|user| answers(user, asked)) else { return none };
    let Some(UsyncProtocolResult::Contact(UsyncOutcome::Value(contact))) =
        user.protocol(UsyncProtocolKind::Contact)
    else {
        return none;
    };
    if contact.contact_type != "in" {
        return none;
    }
    let phone_jid = [user.id.as_ref(), user.pn_jid.as_ref()].into_iter().flatten().find(|jid| jid.is_pn());
    let address = phone_jid.map_or_else(|| WhatsAppAddress::of_phone(asked), WhatsAppAddress::of_jid);
    let lid = match user.protocol(UsyncProtocolKind::Lid) {
        Some(UsyncProtocolResult::Lid(UsyncOutcome::Value(Some(lid)))) => Some(lid),
        _ => user.id.as_ref().filter(|jid| jid.is_lid()),
    };
    let business = matches!(
        user.protocol(UsyncProtocolKind::Business),
        Some(UsyncProtocolResult::Business(UsyncOutcome::Value(_)))
    );
    let lid = lid.map(WhatsAppAddress::of_jid);
    Resolution { asked: asked.clone(), address: Some(address), lid, business }
}

/// WhatsApp repeats the number it was asked for in the answer's contact; its JID is the number as WhatsApp writes it.
fn answers(user: &UsyncUserResult, asked: &Phone) -> bool {
    let is_asked = |jid: &Jid| jid.is_pn() && jid.user == asked.digits();
    let echo = match user.protocol(UsyncProtocolKind::Contact) {
        Some(UsyncProtocolResult::Contact(UsyncOutcome::Value(contact))) => contact.content.as_deref(),
        _ => None,
    };
    match echo {
        Some(echo) => echo.trim_start_matches('+') == asked.digits(),
        None => user.id.as_ref().is_some_and(is_asked) || user.pn_jid.as_ref().is_some_and(is_asked),
    }
}

/// Saves the library the same question when it sends.
async fn learn_lids(client: &Client, resolutions: &[Resolution]) {
    let pairs = resolutions.iter().filter_map(|found| {
        let (lid, address) = (found.lid.as_ref()?, found.address.as_ref()?);
        Some((lid.jid().user.to_string(), address.jid().user.to_string()))
    });
    let pairs: Vec<_> = pairs.collect();
    if !pairs.is_empty() && client.add_lid_pn_mappings(pairs, LearningSource::Usync).await.is_err() {
        tracing::debug!("the LIDs of an answer were not stored");
    }
}

fn query_error(error: IqError) -> QueryError {
    match error {
        IqError::ServerError { code, .. } => QueryError::Refused(code),
        IqError::Timeout => QueryError::TimedOut,
        IqError::NotConnected => QueryError::NotConnected,
        _ => QueryError::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phone(text: &str) -> Phone {
        text.parse().unwrap()
    }

    #[test]
    fn both_forms_are_asked_for_once() {
        let long = phone("5531988887777");
        assert_eq!(Resolution::forms([&long, &long]), [long.clone(), phone("553188887777")]);
        assert_eq!(Resolution::forms([&phone("14155550100")]).len(), 1);
    }

    #[test]
    fn the_form_that_was_asked_for_goes_before_the_other() {
        let answer = |asked: &str, there: bool| Resolution {
            asked: phone(asked),
            address: there.then(|| WhatsAppAddress::of_phone(&phone(asked))),
            lid: None,
            business: false,
        };
        let (long, short) = ("5531988887777", "553188887777");
        let found = |answers: &[Resolution]| {
            Resolution::of(&phone(long), answers).map(|found| found.asked.digits().to_owned())
        };
        assert_eq!(found(&[answer(short, true), answer(long, true)]).as_deref(), Some(long));
        assert_eq!(found(&[answer(short, true), answer(long, false)]).as_deref(), Some(short));
        assert_eq!(found(&[answer(short, false), answer(long, false)]), None);
    }
}
