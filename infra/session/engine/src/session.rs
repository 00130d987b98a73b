//! One number's session.

use crate::address::WhatsAppAddress;
use crate::announced::ConnectionId;
use crate::ask::Asker;
use crate::backend::Health;
use crate::error::{QueryError, SendError, UploadError};
use crate::file::{OutgoingFile, UploadedFile};
use crate::kept::keep_device;
use crate::outgoing::Outgoing;
use crate::resolution::{self, Detail, Resolution};
use crate::transport::Line;
use crate::upload;
use carteiro_core::phone::Phone;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use wacore::store::commands::DeviceCommand;
use whatsapp_rust::error::ErrorChainExt;
use whatsapp_rust::pair_code::PairCodeOptions;
use whatsapp_rust::{Client, SendOptions};

/// One number's session: connected, connecting or over.
///
/// Dropping it without [`Session::shutdown`] is like a crash: it stops at once and flushes nothing. That loses nothing that
/// cannot be made good (see the crate's documentation), but is no way to end a session that works.
pub struct Session {
    number: Option<Phone>,
    client: Arc<Client>,
    health: Arc<Health>,
    line: Line,
    logging_out: Arc<AtomicBool>,
    shut_down: AtomicBool,
    asker: Asker,
    supervisor: JoinHandle<()>,
}

impl Session {
    /// The longest that [`Session::send`] takes. The first message to someone asks WhatsApp for devices and keys.
    pub const SEND_LIMIT: Duration = Duration::from_secs(60);
    /// The longest that [`Session::upload`] takes.
    pub const UPLOAD_LIMIT: Duration = Duration::from_secs(20 * 60);
    /// The longest that [`Session::resolve`] takes.
    pub const QUERY_LIMIT: Duration = Duration::from_secs(20);
    /// The longest that [`Session::shutdown`] and [`Session::logout`] take.
    pub const SHUTDOWN_LIMIT: Duration = Duration::from_secs(20);

    pub(crate) fn new(
        number: Option<Phone>,
        client: Arc<Client>,
        health: Arc<Health>,
        line: Line,
        logging_out: Arc<AtomicBool>,
        asker: Asker,
        supervisor: JoinHandle<()>,
    ) -> Self {
        Self {
            number,
            client,
            health,
            line,
            logging_out,
            shut_down: AtomicBool::new(false),
            asker,
            supervisor,
        }
    }

    /// The number that the session was started for, if it was known.
    pub fn number(&self) -> Option<&Phone> {
        self.number.as_ref()
    }

    /// Whether a message could be sent now: connected and logged in.
    pub fn is_connected(&self) -> bool {
        self.client.is_connected() && self.client.is_logged_in() && !self.health.is_fenced()
    }

    /// What the account calls itself, once WhatsApp has told it (shortly after pairing).
    pub fn push_name(&self) -> Option<String> {
        Some(self.client.push_name()).filter(|name| !name.is_empty())
    }

    /// The paired account's number as WhatsApp writes it, if a device is paired.
    pub fn paired_number(&self) -> Option<Phone> {
        self.client.pn().and_then(|jid| jid.user.parse().ok())
    }

    /// Asks WhatsApp for a code that the phone of `phone` can type to link this session, as WhatsApp writes that number. It comes
    /// as [`crate::SessionEvent::Code`], or [`crate::SessionEvent::CodeRefused`] tells that none does. To be called once the
    /// first QR is there; while a code is out, nothing happens.
    pub fn ask_for_code(&self, phone: &Phone) {
        let options =
            PairCodeOptions { phone_number: phone.digits().to_owned(), ..PairCodeOptions::default() };
        let client = self.client.clone();
        tokio::spawn(async move {
            // What comes of it, the library also tells as an event.
            let _ = client.pair_with_code(options).await;
        });
    }

    /// Whether the number has written to a person before, or was written to: then a message to them begins no chat.
    pub async fn has_chat_with(&self, address: &WhatsAppAddress) -> bool {
        matches!(self.client.signal().session_info(address.jid()).await, Ok(Some(_)))
    }

    /// Shows a person that somebody types, until a message comes or some seconds have passed. WhatsApp shows it only to whom it
    /// shows this account's presence; nobody tells whether it did.
    pub async fn show_typing(&self, address: &WhatsAppAddress) {
        let _ = self.client.chatstate().send_composing(address.jid()).await;
    }

    /// Brings a file to WhatsApp's media server, in constant memory and within [`Session::UPLOAD_LIMIT`]. The future does not
    /// borrow the session, so that it can run beside it; dropping it ends the upload.
    pub fn upload(
        &self,
        file: OutgoingFile,
    ) -> impl Future<Output = Result<UploadedFile, UploadError>> + Send + 'static {
        upload::upload(self.client.clone(), file, Self::UPLOAD_LIMIT)
    }

    /// Sends a message; returns when it has been written to the socket. WhatsApp's answer comes as
    /// [`crate::SessionEvent::Ack`] or [`crate::SessionEvent::Nack`] with `message_id`.
    ///
    /// `message_id` is the caller's: what is sent again under the id of an earlier one, also in another session after a crash,
    /// shows the recipient one message. WhatsApp's own clients use upper-case hexadecimal that begins with `3EB0`.
    ///
    /// It goes out `over` that connection or not at all: what was sent over an earlier one may be lost, and this would overtake it. So
    /// over a connection that was replaced, heard of or not, each message ends with [`SendError::NotConnected`].
    pub async fn send(
        &self,
        over: ConnectionId,
        to: &WhatsAppAddress,
        message_id: &str,
        what: Outgoing<'_>,
    ) -> Result<(), SendError> {
        let message = what.message()?;
        if self.health.is_fenced() {
            return Err(SendError::Fenced);
        }
        if !self.is_connected() {
            return Err(SendError::NotConnected);
        }
        let options = SendOptions::default().with_message_id(message_id);
        let (replaced, refusal) = (self.line.replaced(over), self.line.refusal());
        let sent = self.client.send_message_with_options(to.jid(), message, options);
        tokio::select! {
            biased;
            () = replaced => Err(SendError::NotConnected),
            // A device whose keys it could not read is left out of it. Nothing goes out over this connection any more, and it must
            // not live to see the next one.
            () = refusal => Err(SendError::Failed),
            sent = timeout(Self::SEND_LIMIT, sent) => match sent {
                Ok(Ok(_)) => Ok(()),
                Ok(Err(error)) => Err(self.send_error(&error)),
                Err(_) => Err(SendError::TimedOut),
            },
        }
    }

    fn send_error(&self, error: &whatsapp_rust::SendError) -> SendError {
        if self.health.is_fenced() {
            return SendError::Fenced;
        }
        if let Some(rejection) = error.server_rejection() {
            return SendError::Refused(rejection.code);
        }
        match error {
            whatsapp_rust::SendError::InvalidRequest(_) => SendError::Recipient,
            whatsapp_rust::SendError::NotLoggedIn => SendError::NotConnected,
            _ if !self.is_connected() => SendError::NotConnected,
            _ => SendError::Failed,
        }
    }

    /// Asks WhatsApp which of the numbers it knows and how it writes them; the answers stand in the order of `phones`. Both
    /// ninth-digit forms of a number can be asked for in one go. WhatsApp limits how often it may be asked: remember answers.
    pub async fn resolve(&self, phones: &[Phone]) -> Result<Vec<Resolution>, QueryError> {
        if phones.is_empty() {
            return Ok(Vec::new());
        }
        if !self.is_connected() {
            return Err(QueryError::NotConnected);
        }
        timeout(Self::QUERY_LIMIT, resolution::resolve(&self.client, phones, Detail::Address))
            .await
            .map_err(|_| QueryError::TimedOut)?
    }

    /// What asks WhatsApp beside the session.
    pub fn asker(&self) -> Asker {
        self.asker.clone()
    }

    /// Writes what the library has not yet written: Signal state and the device. `false` if the store did not take it.
    pub async fn flush(&self) -> bool {
        let signal = self.client.flush_pending_signal_state().await.is_ok();
        let device = keep_device(&self.client.persistence_manager()).await;
        signal && device
    }

    /// Unlinks the device and ends the session: [`crate::SessionEvent::LoggedOut`] and [`crate::SessionEvent::Ended`] follow.
    /// `false` if WhatsApp could not be told; then the phone goes on listing the device, and its user can unlink it there.
    /// The state is worthless afterwards, and erasing it is the owner's.
    pub async fn logout(&self) -> bool {
        let told = self.is_connected();
        self.logging_out.store(true, Ordering::Release);
        let done = timeout(Self::SHUTDOWN_LIMIT, self.client.logout()).await.is_ok();
        self.stop(done);
        told && done
    }

    /// Flushes, closes the connection and ends the session, within [`Session::SHUTDOWN_LIMIT`];
    /// [`crate::SessionEvent::Ended`] follows once the owner has taken the events before it. Calling it again does nothing.
    pub async fn shutdown(&self) {
        let orderly = async {
            self.flush().await;
            self.line.close();
            self.client.disconnect().await;
        };
        let done = timeout(Self::SHUTDOWN_LIMIT, orderly).await.is_ok();
        self.stop(done);
    }

    /// Ends a session that was just paired, so that another one goes on with its device as if it had paired it. `false`: the store
    /// did not take everything, and the session goes on; to be tried again.
    ///
    /// The library owes a new device a first synchronisation of the app state, and keeps in memory only that it does. What makes
    /// it do so in the next session too is an account without a name, so the name is taken away: it comes with that state.
    pub async fn hand_on(&self) -> bool {
        let device = self.client.persistence_manager();
        device.process_command(DeviceCommand::SetPushName(String::new())).await;
        if self.health.is_fenced() || !self.flush().await {
            return false;
        }
        self.shutdown().await;
        true
    }

    fn stop(&self, orderly: bool) {
        if orderly {
            self.shut_down.store(true, Ordering::Release);
        } else {
            self.abandon();
        }
    }

    fn abandon(&self) {
        self.supervisor.abort();
        self.client.signal_shutdown_sync();
        self.line.hang_up();
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if !self.shut_down.load(Ordering::Acquire) {
            self.abandon();
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("number", &self.number)
            .field("connected", &self.is_connected())
            .finish()
    }
}
