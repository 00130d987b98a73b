//! Logging a session out: `GET /:s/sair`.

use super::V1Sessions;
use crate::command::ShardCommand;
use crate::error::{Code, Problem};
use crate::ids::UserId;
use crate::number::{NumberChange, OwnedNumber, Role};
use crate::phone::Phone;
use crate::ports::{ApplyError, Pairings};
use crate::session::{NamedSession, SessionName};
use crate::usecase::numbers::Sessions;

/// How often a change of the numbers is tried that meets others.
const ATTEMPTS: usize = 5;

impl V1Sessions {
    /// Logs the session's device out of WhatsApp, has its keys deleted, and forgets the session; its number stops being a worker
    /// of the tenant's, as it became one by pairing the session. `false` when there is no such session. Safe to repeat: the
    /// session itself goes last.
    ///
    /// # Errors
    /// [`Code::NumbersChanged`]; [`Code::Unavailable`].
    pub async fn log_out(&self, user: UserId, name: &SessionName) -> Result<bool, Problem> {
        let Some(session) = self.named.find(user, name).await? else { return Ok(false) };
        cancel_pairing(&*self.pairings, &self.sessions, &session).await?;
        // Read again: the pairing may have found its number just before it was taken back.
        let number = self.named.find(user, name).await?.and_then(|session| session.number);
        if let Some(number) = &number {
            self.dismiss(user, number).await?;
            if !self.sessions.remove(user, number).await? {
                // Nobody else takes the number from the session.
                self.named.unpair(number).await?;
            }
        }
        self.named.remove(user, name).await?;
        Ok(true)
    }

    async fn dismiss(&self, user: UserId, number: &Phone) -> Result<(), Problem> {
        let worker = OwnedNumber { phone: number.clone(), role: Role::Worker };
        for _ in 0..ATTEMPTS {
            let change = [NumberChange::Remove(worker.clone())];
            match self.sessions.numbers.apply(user, &change, 0).await {
                Ok(()) => return Ok(()),
                Err(ApplyError::Unavailable(error)) => return Err(error.into()),
                Err(ApplyError::Conflict | ApplyError::Taken(_) | ApplyError::TooManyWorkers) => {}
            }
        }
        Err(Code::NumbersChanged.into())
    }
}

/// Takes back the pairing of a session that is under way, if there is one.
pub(in crate::usecase) async fn cancel_pairing(
    pairings: &dyn Pairings,
    sessions: &Sessions,
    session: &NamedSession,
) -> Result<(), Problem> {
    let Some(id) = session.pairing else { return Ok(()) };
    let Some(pairing) = pairings.find(id).await?.filter(|pairing| !pairing.state.is_over()) else {
        return Ok(());
    };
    pairings.cancel(id).await?;
    let command = ShardCommand::Pair { pairing: id };
    Ok(sessions.commands.push(pairing.shard, &command, &format!("cancel-{id}")).await?)
}
