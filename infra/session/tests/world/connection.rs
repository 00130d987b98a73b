//! A connection to the played WhatsApp.

use super::whatsapp::{Played, Stream, Written, device};
use async_trait::async_trait;
use carteiro_core::chat::{Body, Message};
use carteiro_core::phone::Phone;
use carteiro_core::ports::StateOwner;
use carteiro_engine::{
    ConnectionId, LogOutReason, Outgoing, OutgoingFile, QrCode, QueryError, Resolution, SendError,
    SessionEvent, UploadError, UploadedFile, WhatsAppAddress,
};
use carteiro_session::whatsapp::{Asks, Connection};
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;

/// One number's session, played.
pub struct PlayedConnection {
    pub played: Played,
    pub owner: StateOwner,
    pub own: Stream,
}

/// Notes an upload that is dropped before its end.
struct Watched {
    played: Played,
    caption: Option<String>,
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.played.server().abandoned.extend(self.caption.take());
    }
}

impl PlayedConnection {
    fn number(&self) -> &Phone {
        match &self.owner {
            StateOwner::Number(number) => number,
            StateOwner::Pairing(pairing) => panic!("{pairing} has no number"),
        }
    }

    async fn until_free(&self) {
        while self.played.server().held {
            sleep(Duration::from_millis(10)).await;
        }
    }

    async fn write(
        &self,
        over: ConnectionId,
        to: &WhatsAppAddress,
        id: &str,
        text: &str,
    ) -> Result<(), SendError> {
        sleep(Duration::from_millis(3)).await;
        self.until_free().await;
        if std::mem::take(&mut self.played.server().broken) {
            self.played.cut_shortly(self.number());
        }
        let mut server = self.played.server();
        if server.unreachable || !self.own.is_over(over) {
            return Err(SendError::NotConnected);
        }
        if let Some(error) = server.write_errors.pop_front() {
            return Err(error);
        }
        if let Some(left) = server.lost.checked_sub(1) {
            (server.lost, server.broken) = (left, true);
            return Ok(());
        }
        let (to, message_id) = (to.to_string(), id.to_owned());
        server.wire.push(Written {
            from: self.number().clone(),
            to,
            id: id.to_owned(),
            text: text.to_owned(),
            at: tokio::time::Instant::now(),
        });
        let cut = match &mut server.cut_after {
            Some(0) => true,
            Some(left) => {
                *left -= 1;
                false
            }
            None => false,
        };
        let at = Timestamp::UNIX_EPOCH;
        let answer = match server.refusals.get(text) {
            _ if server.silent || cut => None,
            Some(code) => Some(SessionEvent::Nack { message_id, code: *code, at }),
            None => Some(SessionEvent::Ack { message_id, at }),
        };
        if cut {
            server.cut_after = None;
            drop(server);
            self.played.cut(self.number());
        } else if let Some(answer) = answer {
            let own = self.own.clone();
            tokio::spawn(async move {
                sleep(Duration::from_millis(30)).await;
                own.tell(answer);
            });
        }
        Ok(())
    }
}

#[async_trait]
impl Connection for PlayedConnection {
    async fn send(
        &self,
        over: ConnectionId,
        to: &WhatsAppAddress,
        id: &str,
        what: Outgoing<'_>,
    ) -> Result<(), SendError> {
        let text = match what {
            Outgoing::Text(text) => text.to_owned(),
            Outgoing::File(file) => file.name().to_owned(),
            Outgoing::Contact(card) => card.vcard(),
            Outgoing::Forward(Message { body: Body::Text { text }, .. }) => format!("» {text}"),
            Outgoing::Forward(_) => return Err(SendError::Failed),
        };
        self.write(over, to, id, &text).await
    }

    fn upload(&self, file: OutgoingFile) -> BoxFuture<'static, Result<UploadedFile, UploadError>> {
        let played = self.played.clone();
        Box::pin(async move {
            let caption = file.caption.map(|caption| caption.as_str().to_owned()).unwrap_or_default();
            let mut watched = Watched { played: played.clone(), caption: Some(caption.clone()) };
            let time = {
                let mut server = played.server();
                server.uploads.push(caption.clone());
                server.upload_time
            };
            sleep(time).await;
            let whole = file.source.read(0, file.prepared.encrypted_length).await;
            watched.caption = None;
            if let Some(error) = played.server().upload_errors.pop_front() {
                return Err(error);
            }
            whole?;
            Ok(UploadedFile::played(&caption))
        })
    }

    async fn resolve(&self, phones: &[Phone]) -> Result<Vec<Resolution>, QueryError> {
        sleep(Duration::from_millis(20)).await;
        self.until_free().await;
        let mut server = self.played.server();
        server.questions += 1;
        if server.mute {
            return Err(QueryError::TimedOut);
        }
        let answer = |asked: &Phone| {
            let address = (!server.absent.contains(asked)).then(|| WhatsAppAddress::of_phone(asked));
            Resolution { asked: asked.clone(), address, lid: None, business: false }
        };
        Ok(phones.iter().map(answer).collect())
    }

    fn asker(&self) -> Arc<dyn Asks> {
        Arc::new(self.played.clone())
    }

    fn ask_for_code(&self, phone: &Phone) {
        let mut server = self.played.server();
        server.codes_asked.push(phone.clone());
        let event = match server.code_refusals.pop_front() {
            Some(code) => SessionEvent::CodeRefused { code },
            None => SessionEvent::Code {
                code: QrCode::new(format!("ABCD234{}", server.codes_asked.len())),
                expires_in: Duration::from_secs(180),
            },
        };
        self.own.tell(event);
    }

    async fn has_chat_with(&self, address: &WhatsAppAddress) -> bool {
        self.played.server().chats.contains(&address.to_string())
    }

    async fn show_typing(&self, address: &WhatsAppAddress) {
        self.played.server().typed_to.push(address.to_string());
    }

    fn paired_number(&self) -> Option<Phone> {
        match &self.owner {
            StateOwner::Number(number) => Some(number.clone()),
            StateOwner::Pairing(pairing) => self.played.server().scanned.get(pairing).cloned(),
        }
    }

    fn push_name(&self) -> Option<String> {
        Some("Loja".to_owned())
    }

    async fn hand_on(&self) -> bool {
        self.played.server().handed_on += 1;
        self.own.tell(SessionEvent::Ended);
        true
    }

    async fn logout(&self) -> bool {
        let state = self.played.server().states.get(&self.owner).cloned().unwrap();
        let stored = state.get(&device()).await.ok().flatten();
        let mut server = self.played.server();
        server.logouts += 1;
        if let StateOwner::Number(number) = &self.owner {
            server.paired.remove(number);
        }
        if let Some(device) = stored {
            server.devices.remove(&device);
        }
        self.own.tell(SessionEvent::LoggedOut { reason: LogOutReason::Requested });
        self.own.tell(SessionEvent::Ended);
        true
    }

    async fn shutdown(&self) {
        self.played.server().shutdowns += 1;
        self.own.tell(SessionEvent::Ended);
    }
}
