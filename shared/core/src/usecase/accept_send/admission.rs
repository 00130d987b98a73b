//! Whether a tenant may send: its worker, its plan, the upload, and the sends of its day.

use super::AcceptSend;
use super::parse::check_length;
use super::request::{Attached, SendRequest};
use crate::error::{Code, Problem};
use crate::media::MediaType;
use crate::object::ObjectKey;
use crate::phone::Phone;
use crate::plan::Plan;
use crate::ports::{Line, ObjectBody};
use crate::send::{Content, InvalidSchedule, Send, Source};
use crate::usecase::permitted::permitted;
use crate::user::User;
use jiff::SignedDuration;
use jiff::civil::Date;

/// What an uploaded file is stored as: what it is is looked at later, and not believed before.
const UPLOADED: &str = "application/octet-stream";

/// After how long a client may try again when a line is full: some will have left it, if the number is connected.
const TRY_AGAIN: SignedDuration = SignedDuration::from_secs(60);

impl AcceptSend {
    pub(super) async fn check_worker(&self, tenant: &User, from: &Phone) -> Result<(), Problem> {
        match self.claims.shard_of_worker(tenant.id, from).await? {
            Some(_) => Ok(()),
            None => Err(Problem::new(Code::NotYourWorker)
                .because(format!("O número {from} não é um worker deste usuário."))),
        }
    }

    pub(super) fn check_plan(&self, tenant: &User, media: MediaType) -> Result<&Plan, Problem> {
        permitted(&self.plans, tenant, media)
    }

    /// Finds what the send needs and counts it as one of the tenant's day on which it is to go out, which it answers. A file that
    /// came with the request is stored, so that the send can be read from the moment that it is there.
    pub(super) async fn admit(
        &self,
        tenant: &User,
        plan: &Plan,
        send: &mut Send,
        request: SendRequest,
    ) -> Result<Date, Problem> {
        let times = request.schedule.times(send.queued_at).map_err(refused)?;
        *send = send.clone().at(times);
        if request.attached.is_none() {
            self.find_upload(send).await?;
        }
        self.check_backlog(plan, send).await?;
        let day = tenant.zone_or(&self.zone).to_datetime(send.begins_at()).date();
        if !self.ports.usage.count(tenant.id, day, plan.sends_per_day).await? {
            let limit = plan.sends_per_day.unwrap_or_default();
            let detail =
                format!("O plano {} permite {limit} envios por dia, e todos já foram usados.", tenant.plan);
            return Err(Problem::new(Code::PlanSendsLimit).because(detail));
        }
        let stored = match request.attached {
            Some(file) => self.store(send, file).await,
            None => Ok(()),
        };
        if stored.is_err() {
            // Should it fail too, the tenant has one send less today; the store's own failure is what is told.
            let _ = self.ports.usage.give_back(tenant.id, day).await;
        }
        stored.map(|()| day)
    }

    async fn check_backlog(&self, plan: &Plan, send: &Send) -> Result<(), Problem> {
        let line = if send.send_at.is_some() { Line::Scheduled } else { Line::Open };
        let limit = plan.backlog;
        if self.backlog.has_room(&send.from, line, usize::try_from(limit).unwrap_or(usize::MAX)).await? {
            return Ok(());
        }
        let detail = match line {
            Line::Open => format!("O número {} já tem {limit} envios na fila.", send.from),
            Line::Scheduled => format!("O número {} já tem {limit} envios agendados.", send.from),
        };
        Err(Problem::new(Code::BacklogFull).because(detail).retry_in(TRY_AGAIN))
    }

    /// Looks whether the upload of a send is there and may be sent as what it is to be; takes over its name.
    async fn find_upload(&self, send: &mut Send) -> Result<(), Problem> {
        let user = send.user;
        let Content::File(file) = &mut send.content else { return Ok(()) };
        let Source::Upload(id) = file.source else { return Ok(()) };
        let Some(upload) = self.ports.objects.find(&ObjectKey::upload(user, id)).await? else {
            return Err(Code::UploadNotFound.into());
        };
        check_length(file.kind, upload.length)?;
        file.name = file.name.take().or(upload.name);
        Ok(())
    }

    async fn store(&self, send: &Send, file: Attached) -> Result<(), Problem> {
        let Content::File(of) = &send.content else { return Ok(()) };
        let Source::Upload(id) = of.source else { return Ok(()) };
        let key = ObjectKey::upload(send.user, id);
        Ok(self.ports.objects.put(&key, ObjectBody::Bytes(file.0), UPLOADED).await?)
    }
}

/// Why times are refused, as a client reads it.
pub(in crate::usecase) fn refused(invalid: InvalidSchedule) -> Problem {
    let (code, detail) = match invalid {
        InvalidSchedule::Past => (Code::InvalidSendAt, "send_at: já passou."),
        InvalidSchedule::TooFar => (Code::InvalidSendAt, "send_at: agende para no máximo 90 dias à frente."),
        InvalidSchedule::EndsBeforeItBegins => {
            (Code::InvalidExpiresAt, "expires_at: deve ser depois do momento do envio.")
        }
        InvalidSchedule::TooLong => {
            (Code::InvalidExpiresAt, "expires_at: deve ser no máximo 7 dias depois do momento do envio.")
        }
    };
    Problem::new(code).because(detail)
}
