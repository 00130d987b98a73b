//! Looking at one send: `GET /v2/sends/{send_id}`.

use crate::error::{Code, Problem};
use crate::ids::{SendId, UserId};
use crate::ports::Sends;
use crate::send::Send;

/// The send, if it is the tenant's.
///
/// # Errors
/// [`Code::SendNotFound`] when there is none, also when it is another tenant's; [`Code::Unavailable`].
pub async fn find_send(sends: &dyn Sends, user: UserId, id: SendId) -> Result<Send, Problem> {
    sends.find(id).await?.filter(|send| send.user == user).ok_or_else(|| Code::SendNotFound.into())
}
