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
}

/// Asks for all numbers in one question; the answers stand in the order of the numbers.
pub(crate) async fn resolve(client: &Client, phones: &[Phone]) -> Result<Vec<Resolution>, QueryError> {
    let protocols =
        vec![UsyncProtocol::Contact { addressing_mode: UsyncAddressingMode::Pn }, UsyncProtocol::Lid];
    let users = phones.iter().map(|phone| UsyncUser::from_phone(phone.digits())).collect();
    let query = UsyncQuery::new(UsyncMode::Query, UsyncContext::Interactive, protocols, users);
    let response = client.query_usync(query.map_err(|_| QueryError::Failed)?).await.map_err(query_error)?;
    let resolutions: Vec<Resolution> =
        phones.iter().map(|phone| resolution(phone, &response.users)).collect();
    learn_lids(client, &resolutions).await;
    Ok(resolutions)
}

fn resolution(asked: &Phone, users: &[UsyncUserResult]) -> Resolution {
    let none = Resolution { asked: asked.clone(), address: None, lid: None };
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
    Resolution { asked: asked.clone(), address: Some(address), lid: lid.map(WhatsAppAddress::of_jid) }
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
