//! What people say about themselves.

use super::jid;
use super::trouble::failure;
use carteiro_core::chat::Address;
use carteiro_core::query::{Answer, QueryFailure};
use whatsapp_rust::Client;
use whatsapp_rust::usync::{
    UsyncContext, UsyncMode, UsyncOutcome, UsyncProtocol, UsyncProtocolKind, UsyncProtocolResult, UsyncQuery,
    UsyncUser,
};

pub(super) async fn about(client: &Client, who: &Address) -> Result<Answer, QueryFailure> {
    let users = vec![UsyncUser::from_jid(jid(who)?)];
    let query =
        UsyncQuery::new(UsyncMode::Query, UsyncContext::Interactive, vec![UsyncProtocol::Status], users);
    let query = query.map_err(|_| QueryFailure::NotFound)?;
    let response = client.query_usync(query).await.map_err(|error| failure(&error))?;
    let user = response.users.first().ok_or(QueryFailure::NotFound)?;
    let text = match user.protocol(UsyncProtocolKind::Status) {
        Some(UsyncProtocolResult::Status(UsyncOutcome::Value(status))) => {
            status.status.as_ref().map(ToString::to_string)
        }
        // Who hides it is answered by an error of this part alone.
        _ => None,
    };
    Ok(Answer::About { text: text.filter(|text| !text.is_empty()) })
}
