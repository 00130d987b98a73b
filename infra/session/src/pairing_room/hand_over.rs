//! Gives a device that was linked to its number.

use super::{LAST_WORDS, Phase, Room, Trouble};
use crate::shared::Shared;
use carteiro_core::command::ShardCommand;
use carteiro_core::number::{Claim, Desired, NumberChange, OwnedNumber, Role};
use carteiro_core::phone::Phone;
use carteiro_core::ports::{ApplyError, LinkError};
use carteiro_core::session::{Pairing, PairingState};
use carteiro_core::shard::Shard;
use carteiro_core::usecase::release_former;
use std::time::Duration;
use tokio::time::Instant;

/// How often the tenant's numbers may change at the same time before the pairing fails.
const CONFLICTS: u32 = 10;
/// How long to wait after each.
const AFTER_CONFLICT: Duration = Duration::from_millis(200);
/// How long the removal of the link that the number had before may take.
const BUSY: Duration = Duration::from_secs(60);
/// How soon to look for its end again.
const BUSY_AGAIN: Duration = Duration::from_secs(1);

/// What a number may be taken as.
enum Claimed {
    /// It is the tenant's worker.
    Ours(Phone, Shard),
    /// It cannot be.
    Not(PairingState),
}

impl Room {
    /// Makes the number the tenant's worker, has its link adopt the device, makes it the session's, and tells so. Each step can be done
    /// again; before the link is told, the pairing can still be taken back.
    pub(super) async fn hand_over(&mut self, number: &Phone) -> Result<(), Trouble> {
        let Some(pairing) = self.shared.pairings.find(self.id).await? else { return Err(Trouble::Lost) };
        if !self.is_wanted(&pairing).await? {
            self.phase = Phase::Ending(PairingState::Cancelled);
            return Ok(());
        }
        let (worker, shard) = match self.claim(&pairing, number).await? {
            Claimed::Ours(worker, shard) => (worker, shard),
            Claimed::Not(state) => {
                self.phase = Phase::Ending(state);
                return Ok(());
            }
        };
        if !self.fence.is_open() {
            return Err(Trouble::Lost);
        }
        let (jid, now) = (format!("{}@s.whatsapp.net", number.digits()), self.shared.clock.now());
        match self.shared.links.adopt(&worker, pairing.user, shard, self.id, &jid, now).await {
            Ok(()) => {}
            Err(LinkError::Unavailable(error)) => return Err(error.into()),
            Err(LinkError::Busy | LinkError::Fenced) => {
                return self.wait_for_former(&pairing, &worker).await;
            }
        }
        let named = &self.shared.named;
        let kept = named.set_number(pairing.user, &pairing.session, self.id, &worker).await?;
        if !kept {
            self.give_up(&pairing, &worker, shard).await?;
        }
        self.herald.finish(LAST_WORDS).await;
        let align = ShardCommand::Align { number: worker.clone() };
        self.shared.commands.push(shard, &align, &format!("adopt-{}", self.id)).await?;
        let end = if kept { PairingState::Paired(number.clone()) } else { PairingState::Cancelled };
        self.report(end, None).await?;
        tracing::info!(pairing = %self.id, number = worker.masked(), "paired");
        self.phase = Phase::Over;
        Ok(())
    }

    /// Makes the number a worker of the tenant's: in the form in which it is one already, else as WhatsApp writes it.
    async fn claim(&mut self, pairing: &Pairing, number: &Phone) -> Result<Claimed, Trouble> {
        for form in std::iter::once(number.clone()).chain(number.other_ninth_digit_form()) {
            match self.shared.numbers.claim(&form).await? {
                Some(Claim { user, .. }) if user != pairing.user => {
                    return Ok(Claimed::Not(PairingState::Taken(number.clone())));
                }
                Some(Claim { shard, .. }) => return Ok(Claimed::Ours(form, shard)),
                None => {}
            }
        }
        let shard = Shard::of_new_number(number, self.shared.shards);
        let owned = OwnedNumber { phone: number.clone(), role: Role::Worker };
        let add = [NumberChange::Add(owned, shard)];
        match self.shared.numbers.apply(pairing.user, &add, pairing.max_workers).await {
            Ok(()) => self.claimed = Some(number.clone()),
            Err(ApplyError::Taken(_)) => return Ok(Claimed::Not(PairingState::Taken(number.clone()))),
            Err(ApplyError::TooManyWorkers) => return Ok(Claimed::Not(PairingState::NoRoom(number.clone()))),
            Err(ApplyError::Conflict) if self.conflicts == CONFLICTS => {
                return Ok(Claimed::Not(PairingState::Failed("NUMBERS_CHANGED".to_owned())));
            }
            Err(ApplyError::Conflict) => {
                self.conflicts += 1;
                return Err(Trouble::Later(AFTER_CONFLICT));
            }
            Err(ApplyError::Unavailable(error)) => return Err(error.into()),
        }
        // Somebody may have been faster, with another count of shards.
        match self.shared.numbers.claim(number).await? {
            Some(claim) if claim.user == pairing.user => Ok(Claimed::Ours(number.clone(), claim.shard)),
            _ => Err(Trouble::Later(AFTER_CONFLICT)),
        }
    }

    /// The session was logged out while its number adopted the device: so is the number.
    async fn give_up(&self, pairing: &Pairing, worker: &Phone, shard: Shard) -> Result<(), Trouble> {
        let (user, now) = (pairing.user, self.shared.clock.now());
        let removed = self.shared.links.want(worker, user, shard, Desired::Removed, now).await;
        if let Err(LinkError::Unavailable(error)) = removed {
            return Err(error.into());
        }
        self.unclaim(pairing, worker).await
    }

    /// Takes a number back that this room made the tenant's worker, when nothing came of the pairing. A room that takes over from a
    /// crashed one cannot tell whose doing it was, and leaves it.
    pub(super) async fn give_back(&mut self) -> Result<(), Trouble> {
        let (Some(worker), Some(pairing)) = (&self.claimed, &self.pairing) else { return Ok(()) };
        let link = self.shared.links.find(worker).await?;
        let used = link.is_some_and(|link| link.user == pairing.user && link.desired != Desired::Removed);
        if !used {
            self.unclaim(pairing, worker).await?;
        }
        self.claimed = None;
        Ok(())
    }

    async fn unclaim(&self, pairing: &Pairing, worker: &Phone) -> Result<(), Trouble> {
        let worker = OwnedNumber { phone: worker.clone(), role: Role::Worker };
        let removal = [NumberChange::Remove(worker)];
        match self.shared.numbers.apply(pairing.user, &removal, pairing.max_workers).await {
            Err(ApplyError::Unavailable(error)) => Err(error.into()),
            Err(ApplyError::Conflict) => Err(Trouble::Later(AFTER_CONFLICT)),
            Ok(()) | Err(ApplyError::Taken(_) | ApplyError::TooManyWorkers) => Ok(()),
        }
    }

    /// The number has a link that is to go, this tenant's or a former one's.
    async fn wait_for_former(&mut self, pairing: &Pairing, worker: &Phone) -> Result<(), Trouble> {
        let Shared { links, commands, clock, .. } = &*self.shared;
        let link = links.find(worker).await?;
        if let Some(former) = link.filter(|link| link.user != pairing.user) {
            release_former(&**links, &**commands, &former, clock.now()).await?;
        }
        let until = *self.busy_until.get_or_insert_with(|| Instant::now() + BUSY);
        if Instant::now() < until {
            return Err(Trouble::Later(BUSY_AGAIN));
        }
        self.phase = Phase::Ending(PairingState::Failed("NUMBER_BUSY".to_owned()));
        Ok(())
    }
}
