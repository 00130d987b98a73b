//! Taking a send back: `DELETE /v2/sends/{send_id}`.

use super::find_send::find_send;
use crate::error::{Code, Problem};
use crate::ids::{SendId, UserId};
use crate::ports::{Applied, Clock, Parked, Sends, Unavailable};
use crate::send::{Send, Status, Step};
use std::sync::Arc;

/// Cancels sends that wait.
pub struct CancelSend {
    sends: Arc<dyn Sends>,
    clock: Arc<dyn Clock>,
}

/// A cancelled send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cancelled {
    /// The send, as it is now.
    pub send: Send,
    /// Why it could not be taken from the parked ones, when that was so. Nothing is lost: whoever drains them sees that it
    /// is cancelled.
    pub left_parked: Option<Unavailable>,
}

impl CancelSend {
    /// Wires it up.
    pub fn new(sends: Arc<dyn Sends>, clock: Arc<dyn Clock>) -> Self {
        Self { sends, clock }
    }

    /// Cancels a send of the tenant. From the moment that this answers, it will not be sent. One that is cancelled already is
    /// answered as one that is cancelled now: whoever asks again may have heard nothing of the first time.
    ///
    /// # Errors
    /// [`Code::SendNotFound`], as of [`find_send`]; [`Code::SendNotCancellable`], telling the status, for one that was begun;
    /// [`Code::Unavailable`].
    pub async fn cancel(&self, user: UserId, id: SendId) -> Result<Cancelled, Problem> {
        let mut send = find_send(&*self.sends, user, id).await?;
        match self.sends.apply(id, &Step::Cancel, self.clock.now()).await? {
            Applied::Moved | Applied::Refused(Status::Cancelled) => {}
            Applied::Refused(status) => {
                return Err(Problem::new(Code::SendNotCancellable).because(format!(
                    "O envio está com status {status}; só um envio na fila pode ser cancelado."
                )));
            }
            Applied::Unknown => return Err(Code::SendNotFound.into()),
        }
        send.status = Status::Cancelled;
        // It may have been parked after it was read, so what was read does not tell; taking away what is not there is no error.
        let left_parked = self.sends.unpark(&send.from, &Parked::of(&send)).await.err();
        send.waiting = None;
        Ok(Cancelled { send, left_parked })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::send::Waiting;
    use crate::usecase::fixture::{World, tenant};

    #[tokio::test]
    async fn a_waiting_send_is_taken_back_and_out_of_the_parked_ones() {
        let world = World::new().await;
        let send = world.accept("Olá", None).await.unwrap().send;
        world.sends.park(&send, Waiting::NotConnected).await.unwrap();
        let cancelled = world.cancel_send().cancel(world.tenant.id, send.id).await.unwrap();
        assert_eq!((cancelled.send.status, cancelled.left_parked), (Status::Cancelled, None));
        assert_eq!(world.sends.peek(send.id).unwrap().status, Status::Cancelled);
        assert_eq!((world.sends.count_parked(), world.sends.due_at(send.id)), (0, None));
    }

    #[tokio::test]
    async fn asked_again_it_is_answered_alike() {
        let world = World::new().await;
        let send = world.accept("Olá", None).await.unwrap().send;
        world.sends.park(&send, Waiting::NotConnected).await.unwrap();
        world.sends.switch.lose("apply");
        let unheard = world.cancel_send().cancel(world.tenant.id, send.id).await.unwrap_err();
        assert_eq!((unheard.code(), world.sends.count_parked()), (Code::Unavailable, 1));
        world.sends.switch.recover();
        for _ in 0..2 {
            let again = world.cancel_send().cancel(world.tenant.id, send.id).await.unwrap();
            assert_eq!((again.send.status, again.send.waiting), (Status::Cancelled, None));
            assert_eq!(world.sends.count_parked(), 0);
        }
        let doubled = world.accept("Olá", None).await.unwrap().send;
        world.sends.switch.double("apply");
        assert!(world.cancel_send().cancel(world.tenant.id, doubled.id).await.is_ok());
    }

    #[tokio::test]
    async fn what_is_on_its_way_or_over_cannot_be() {
        let world = World::new().await;
        for steps in [vec![Step::Take("551188887777@s.whatsapp.net".into())], vec![Step::Acknowledge]] {
            let send = world.accept("Olá", None).await.unwrap().send;
            for step in &steps {
                world.sends.apply(send.id, step, world.clock.now()).await.unwrap();
            }
            let status = world.sends.peek(send.id).unwrap().status;
            let refused = world.cancel_send().cancel(world.tenant.id, send.id).await.unwrap_err();
            assert_eq!(refused.code(), Code::SendNotCancellable);
            assert!(refused.description().contains(status.as_str()));
            assert_eq!(world.sends.peek(send.id).unwrap().status, status);
        }
    }

    #[tokio::test]
    async fn another_tenants_send_is_as_good_as_none() {
        let world = World::new().await;
        let send = world.accept("Olá", None).await.unwrap().send;
        let other = tenant(2, "premium").id;
        for id in [send.id, SendId::from_random([9; 16])] {
            let refused = world.cancel_send().cancel(other, id).await.unwrap_err();
            assert_eq!(refused.code(), Code::SendNotFound);
        }
        assert_eq!(world.sends.peek(send.id).unwrap().status, Status::Queued);
    }
}
