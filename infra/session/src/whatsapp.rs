//! What an actor needs of the WhatsApp engine, as traits, so that tests can play WhatsApp.

use async_trait::async_trait;
use carteiro_core::ids::PairingId;
use carteiro_core::phone::Phone;
use carteiro_core::ports::WhatsAppState;
use carteiro_core::query::Answer;
use carteiro_engine::{
    Asker, ConnectionId, Engine, EngineError, Outgoing, OutgoingFile, QueryError, Question, Resolution,
    SendError, Session, SessionEvent, UploadError, UploadedFile, WhatsAppAddress,
};
use futures_util::future::BoxFuture;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Starts connections of numbers; see [`Engine`].
#[async_trait]
pub trait WhatsApp: Send + Sync + 'static {
    /// As [`Engine::start`].
    async fn start(
        &self,
        number: Phone,
        state: Arc<dyn WhatsAppState>,
        events: mpsc::Sender<SessionEvent>,
    ) -> Result<Box<dyn Connection>, EngineError>;

    /// As [`Engine::pair`].
    async fn pair(
        &self,
        pairing: PairingId,
        state: Arc<dyn WhatsAppState>,
        events: mpsc::Sender<SessionEvent>,
    ) -> Result<Box<dyn Connection>, EngineError>;
}

/// One number's connection; see [`Session`]. Dropping it is like a crash: it stops at once and flushes nothing.
#[async_trait]
pub trait Connection: Send + Sync + 'static {
    /// As [`Session::send`].
    async fn send(
        &self,
        over: ConnectionId,
        to: &WhatsAppAddress,
        message_id: &str,
        what: Outgoing<'_>,
    ) -> Result<(), SendError>;

    /// As [`Session::upload`].
    fn upload(&self, file: OutgoingFile) -> BoxFuture<'static, Result<UploadedFile, UploadError>>;

    /// As [`Session::resolve`].
    async fn resolve(&self, phones: &[Phone]) -> Result<Vec<Resolution>, QueryError>;

    /// As [`Session::asker`].
    fn asker(&self) -> Arc<dyn Asks>;

    /// As [`Session::paired_number`].
    fn paired_number(&self) -> Option<Phone>;

    /// As [`Session::push_name`].
    fn push_name(&self) -> Option<String>;

    /// As [`Session::hand_on`].
    async fn hand_on(&self) -> bool;

    /// As [`Session::ask_for_code`].
    fn ask_for_code(&self, phone: &Phone);

    /// As [`Session::has_chat_with`].
    async fn has_chat_with(&self, address: &WhatsAppAddress) -> bool;

    /// As [`Session::show_typing`].
    async fn show_typing(&self, address: &WhatsAppAddress);

    /// As [`Session::logout`].
    async fn logout(&self) -> bool;

    /// As [`Session::shutdown`].
    async fn shutdown(&self);
}

/// Asks beside a connection; see [`Asker`].
#[async_trait]
pub trait Asks: Send + Sync + 'static {
    /// As [`Asker::ask`].
    async fn ask(&self, question: Question) -> Answer;
}

#[async_trait]
impl Asks for Asker {
    async fn ask(&self, question: Question) -> Answer {
        Asker::ask(self, question).await
    }
}

#[async_trait]
impl WhatsApp for Engine {
    async fn start(
        &self,
        number: Phone,
        state: Arc<dyn WhatsAppState>,
        events: mpsc::Sender<SessionEvent>,
    ) -> Result<Box<dyn Connection>, EngineError> {
        Ok(Box::new(Engine::start(self, number, state, events).await?))
    }

    async fn pair(
        &self,
        _: PairingId,
        state: Arc<dyn WhatsAppState>,
        events: mpsc::Sender<SessionEvent>,
    ) -> Result<Box<dyn Connection>, EngineError> {
        Ok(Box::new(Engine::pair(self, state, events).await?))
    }
}

#[async_trait]
impl Connection for Session {
    async fn send(
        &self,
        over: ConnectionId,
        to: &WhatsAppAddress,
        message_id: &str,
        what: Outgoing<'_>,
    ) -> Result<(), SendError> {
        Session::send(self, over, to, message_id, what).await
    }

    fn upload(&self, file: OutgoingFile) -> BoxFuture<'static, Result<UploadedFile, UploadError>> {
        Box::pin(Session::upload(self, file))
    }

    async fn resolve(&self, phones: &[Phone]) -> Result<Vec<Resolution>, QueryError> {
        Session::resolve(self, phones).await
    }

    fn asker(&self) -> Arc<dyn Asks> {
        Arc::new(Session::asker(self))
    }

    fn paired_number(&self) -> Option<Phone> {
        Session::paired_number(self)
    }

    fn push_name(&self) -> Option<String> {
        Session::push_name(self)
    }

    async fn hand_on(&self) -> bool {
        Session::hand_on(self).await
    }

    fn ask_for_code(&self, phone: &Phone) {
        Session::ask_for_code(self, phone);
    }

    async fn has_chat_with(&self, address: &WhatsAppAddress) -> bool {
        Session::has_chat_with(self, address).await
    }

    async fn show_typing(&self, address: &WhatsAppAddress) {
        Session::show_typing(self, address).await;
    }

    async fn logout(&self) -> bool {
        Session::logout(self).await
    }

    async fn shutdown(&self) {
        Session::shutdown(self).await;
    }
}
