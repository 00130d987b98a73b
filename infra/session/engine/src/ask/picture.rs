//! Pictures of people and groups.

use super::jid;
use super::trouble::failure;
use carteiro_core::chat::Address;
use carteiro_core::query::{Answer, Picture, QueryFailure};
use whatsapp_rust::{Client, ContactError};

pub(super) async fn picture(client: &Client, who: &Address) -> Result<Answer, QueryFailure> {
    let jid = jid(who)?;
    let contacts = client.contacts();
    let (full, preview) =
        tokio::join!(contacts.get_profile_picture(&jid, false), contacts.get_profile_picture(&jid, true));
    let full = full.map_err(|error| match error {
        ContactError::Iq(error) => failure(&error),
        _ => QueryFailure::NotFound,
    })?;
    // Without the small form the large one is still an answer.
    let preview = preview.ok().flatten();
    let picture = full.map(|full| Picture {
        id: full.id,
        url: full.url,
        preview_url: preview.map(|preview| preview.url),
    });
    Ok(Answer::Picture { picture })
}
