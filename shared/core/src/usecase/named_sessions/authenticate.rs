//! Connecting a session: `GET /:s/autenticacao`.

use super::{Seen, Sessions, V1Sessions, has_device};
use crate::command::ShardCommand;
use crate::error::{Code, Problem};
use crate::ids::PairingId;
use crate::number::{Desired, Link, PairingMethod, Qr};
use crate::ports::LinkError;
use crate::session::{NamedSession, Pairing, PairingState, SessionName};
use crate::shard::Shard;
use crate::usecase::patience::{Patience, of_poll};
use crate::user::User;
use jiff::Timestamp;

/// How often a pairing is begun anew within one request.
const ATTEMPTS: usize = 3;
/// How many sessions a tenant may have beyond its plan's workers: those that are being paired, or have no number any more.
const SPARE: usize = 50;

/// How far connecting a session is.
#[derive(Debug, Clone)]
pub enum Authentication {
    /// A QR waits to be scanned.
    Scan(Qr),
    /// It is connected.
    Connected,
    /// Neither yet: ask again.
    Underway,
}

impl V1Sessions {
    /// Wants the session connected, and waits up to eight seconds for what comes of it. With a device that its number has: that one
    /// connects. Else a pairing is begun, or the one under way is joined; what an earlier one came to does not stand in the way.
    ///
    /// # Errors
    /// [`Code::PlanWorkerLimit`] for one session more than a tenant may have, whatever they are paired with.
    /// Of a pairing that fails meanwhile: [`Code::WorkerTaken`] when the phone that scanned is of another tenant's number,
    /// [`Code::PlanWorkerLimit`] when the plan has no room for it, [`Code::LinkFailed`] when WhatsApp refuses it.
    /// [`Code::NumbersChanged`] when others change the session all the time; [`Code::Unavailable`].
    pub async fn authenticate(&self, tenant: &User, name: &SessionName) -> Result<Authentication, Problem> {
        let mut patience = Patience::new(&*self.sessions.clock, &*self.sleeper);
        self.has_room(tenant, name).await?;
        let session = self.named.open(tenant.id, name, self.sessions.clock.now()).await?;
        let seen = self.seen(session).await?;
        if let Some(link) = seen.link.clone().filter(|link| seen.open_pairing().is_none() && has_device(link))
            && let Some(done) = self.reconnect(link, &mut patience).await?
        {
            return Ok(done);
        }
        self.pair(tenant, seen, &mut patience).await
    }

    /// Names are free, so that nobody fills the store with them. Those made at the same time may be a few too many.
    async fn has_room(&self, tenant: &User, name: &SessionName) -> Result<(), Problem> {
        if self.named.find(tenant.id, name).await?.is_some() {
            return Ok(());
        }
        let workers = self.plans.find(&tenant.plan).map_or(0, |plan| plan.workers);
        let count = self.named.list(tenant.id).await?.len();
        if count < usize::try_from(workers).unwrap_or(usize::MAX).saturating_add(SPARE) {
            return Ok(());
        }
        let detail = format!("Já são {count} sessões. Saia das que não estão mais em uso.");
        Err(Problem::new(Code::PlanWorkerLimit).because(detail))
    }

    /// Connects with the number's device; `None` when there turns out to be none any more.
    async fn reconnect(
        &self,
        mut link: Link,
        patience: &mut Patience<'_>,
    ) -> Result<Option<Authentication>, Problem> {
        if link.desired.is_connected() && link.state.is_up() {
            return Ok(Some(Authentication::Connected));
        }
        let Sessions { links, clock, .. } = &self.sessions;
        let (number, wanted) = (link.number.clone(), Desired::Connected(PairingMethod::Qr));
        let is_poll = link.desired.is_connected();
        if !is_poll {
            match links.want(&number, link.user, link.shard, wanted, clock.now()).await {
                Ok(_) => {}
                Err(LinkError::Unavailable(error)) => return Err(error.into()),
                // It is being removed.
                Err(LinkError::Busy | LinkError::Fenced) => return Ok(None),
            }
        }
        let dedup = if is_poll { self.of_poll(&number, link.since) } else { self.sessions.unique() };
        self.sessions.align(link.shard, &number, &dedup).await?;
        while !patience.is_over() {
            patience.wait().await;
            match links.find(&number).await? {
                Some(found) if found.user == link.user && has_device(&found) => link = found,
                _ => return Ok(None),
            }
            if link.state.is_up() {
                return Ok(Some(Authentication::Connected));
            }
        }
        Ok(Some(Authentication::Underway))
    }

    pub(super) async fn pair(
        &self,
        tenant: &User,
        seen: Seen,
        patience: &mut Patience<'_>,
    ) -> Result<Authentication, Problem> {
        let mut session = seen.session.clone();
        let mut id = match seen.open_pairing() {
            Some(open) => {
                self.command(open, &self.of_poll(&open.id, open.since)).await?;
                open.id
            }
            None => self.begin(tenant, &mut session).await?,
        };
        let mut attempts = 1;
        loop {
            match self.pairings.find(id).await? {
                Some(pairing) => match &pairing.state {
                    PairingState::Waiting => {
                        if let Some(qr) = self.valid_qr(&pairing) {
                            return Ok(Authentication::Scan(qr));
                        }
                    }
                    PairingState::Starting | PairingState::Linking(_) => {}
                    PairingState::Paired(_) => {
                        let seen = self.see(session.user, &session.name).await?;
                        if seen.is_some_and(|seen| seen.is_up()) {
                            return Ok(Authentication::Connected);
                        }
                    }
                    PairingState::Expired | PairingState::Cancelled if attempts < ATTEMPTS => {
                        attempts += 1;
                        id = self.begin(tenant, &mut session).await?;
                    }
                    PairingState::Expired | PairingState::Cancelled => return Ok(Authentication::Underway),
                    PairingState::Taken(_) => return Err(Code::WorkerTaken.into()),
                    PairingState::NoRoom(_) => return Err(Code::PlanWorkerLimit.into()),
                    PairingState::Failed(reason) => return Err(failed(reason)),
                },
                None => return Ok(Authentication::Underway),
            }
            if patience.is_over() {
                return Ok(Authentication::Underway);
            }
            patience.wait().await;
        }
    }

    /// Begins a pairing, unless somebody else was faster: then theirs is joined.
    async fn begin(&self, tenant: &User, session: &mut NamedSession) -> Result<PairingId, Problem> {
        for _ in 0..ATTEMPTS {
            let id = PairingId::from_random(self.sessions.random.bytes());
            let pairing = Pairing {
                id,
                user: session.user,
                session: session.name.clone(),
                shard: Shard::of_pairing(id, self.shards),
                max_workers: self.plans.find(&tenant.plan).map_or(0, |plan| plan.workers),
                wanted: true,
                state: PairingState::Starting,
                since: self.sessions.clock.now(),
                qr: None,
            };
            self.pairings.create(&pairing).await?;
            if self.named.set_pairing(session.user, &session.name, session.pairing, id).await? {
                session.pairing = Some(id);
                self.command(&pairing, &format!("pair-{id}")).await?;
                return Ok(id);
            }
            self.pairings.cancel(id).await?;
            *session = self.named.open(session.user, &session.name, self.sessions.clock.now()).await?;
            if let Some(other) = session.pairing
                && let Some(open) = self.pairings.find(other).await?
                && open.wanted
                && !open.state.is_over()
            {
                return Ok(other);
            }
        }
        Err(Code::NumbersChanged.into())
    }

    async fn command(&self, pairing: &Pairing, dedup: &str) -> Result<(), Problem> {
        let command = ShardCommand::Pair { pairing: pairing.id };
        Ok(self.sessions.commands.push(pairing.shard, &command, dedup).await?)
    }

    /// What makes one command of those that polls repeat.
    fn of_poll(&self, of: &impl std::fmt::Display, since: Timestamp) -> String {
        of_poll("session", of, since, self.sessions.clock.now())
    }
}

fn failed(reason: &str) -> Problem {
    let sentence = match reason {
        "PASSKEY_ASKED" => {
            "O WhatsApp pediu uma chave de acesso (passkey), que só os aplicativos dele podem dar.".to_owned()
        }
        "CLIENT_OUTDATED" => {
            "O WhatsApp não aceita mais esta versão do serviço. Informe o suporte.".to_owned()
        }
        "NUMBER_BUSY" => {
            "A conexão anterior deste número ainda está sendo encerrada. Tente de novo.".to_owned()
        }
        reason => match reason.strip_prefix("WHATSAPP_") {
            Some(code) => format!("O WhatsApp recusou a conexão. Código do WhatsApp: {code}."),
            None => Code::LinkFailed.remedy().to_owned(),
        },
    };
    Problem::new(Code::LinkFailed).because(sentence)
}
