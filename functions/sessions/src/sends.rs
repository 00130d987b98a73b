//! `novocontato`, `enviarmsg`, `encaminharmsg`, `enviarcontato`, `enviarimagem`, `enviardoc` and `enviaraudio`: the same sends as V2's,
//! with V1's answers.

use crate::asked::{Asked, address, recipient};
use crate::routes::App;
use crate::sent;
use crate::session::Paired;
use axum::Json;
use axum::extract::{FromRequest, Request};
use carteiro_core::chat::{Message, MessageKey};
use carteiro_core::error::Code;
use carteiro_core::media::{FileKind, FileName};
use carteiro_core::phone::Phone;
use carteiro_core::send::{ContactCard, Recipient};
use carteiro_core::usecase::SendRequest;
use carteiro_core::v1::{self, People};
use carteiro_http::{ApiError, Form, JsonBody};
use serde::{Serialize, Serializer};
use serde_json::Value;

/// Sends a text.
pub(crate) async fn send_text(asked: Asked) -> Result<Json<v1::Message>, ApiError> {
    let (numero, msg) = (asked.numero()?, asked.text("msg")?);
    let session = asked.linked().await?;
    let to = asked.app.recipient(&session.number, numero).await?;
    let request = SendRequest::text(session.number.clone(), to, &msg)?;
    asked.send(&session, request, None).await.map(Json)
}

/// Sends a stored message on, and answers the new ids.
pub(crate) async fn forward(asked: Asked) -> Result<Json<Vec<String>>, ApiError> {
    let (numero, msgid) = (asked.numero()?, asked.text("msgid")?);
    let key: MessageKey =
        msgid.trim().parse().map_err(|_| ApiError::invalid(Code::InvalidParameter, "msgid"))?;
    let session = asked.linked().await?;
    let Some(message) = asked.app.message(&session.number, key).await? else {
        return Err(ApiError::invalid(Code::InvalidParameter, "msgid"));
    };
    let to = asked.app.recipient(&session.number, numero).await?;
    let request = SendRequest::forward(session.number.clone(), to, &message)?;
    let sent = asked.send(&session, request, Some(&message)).await?;
    Ok(Json(vec![sent.id]))
}

/// Sends a contact: by the name that the number knows it by, else by its number.
pub(crate) async fn send_contact(asked: Asked) -> Result<Json<v1::Message>, ApiError> {
    let (numero, contato) = (asked.numero()?, asked.text("contato")?);
    let contact = address(&contato, false).map_err(|_| ApiError::invalid(Code::InvalidPhone, "contato"))?;
    let session = asked.linked().await?;
    let contact = asked.app.chats.canonical(&session.number, &contact).await?;
    let phone = contact.phone().ok_or_else(|| ApiError::invalid(Code::InvalidPhone, "contato"))?;
    let people = asked.app.people(&session.number, [&contact]).await?;
    let known = people.at(&contact).and_then(|contact| contact.shown_name());
    let card = ContactCard::new(known.unwrap_or(phone.digits()), phone.clone());
    let to = asked.app.recipient(&session.number, numero).await?;
    let request = SendRequest::contact(session.number.clone(), to, card);
    asked.send(&session, request, None).await.map(Json)
}

/// A form with a file in `doc`.
pub(crate) struct DocForm(Form);

impl<S: Send + Sync> FromRequest<S> for DocForm {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        Form::read(request, state, "doc").await.map(Self)
    }
}

pub(crate) async fn send_image(asked: Asked, form: DocForm) -> Result<Json<SentFile>, ApiError> {
    asked.send_file(form, FileKind::Image, "Imagem enviada com sucesso!").await
}

pub(crate) async fn send_document(asked: Asked, form: DocForm) -> Result<Json<SentFile>, ApiError> {
    asked.send_file(form, FileKind::Document, "Documento enviado com sucesso!").await
}

/// Sends a voice note.
pub(crate) async fn send_voice(asked: Asked, body: JsonBody) -> Result<Json<Sent>, ApiError> {
    let (numero, audio) = (body.required::<String>("numero")?, body.required::<String>("audio_data")?);
    let group = body.optional::<String>("tipo")?.is_some_and(|tipo| tipo == "group");
    let numero = address(&numero, group)?;
    let session = asked.linked().await?;
    let to = asked.app.recipient(&session.number, numero).await?;
    let request = SendRequest::voice(session.number.clone(), to, &audio)?;
    asked.send(&session, request, None).await?;
    Ok(Json(Sent { success: true, message: "Audio enviado com sucesso!" }))
}

impl App {
    /// Whom an address names, by phone number where that is known of a LID.
    async fn recipient(
        &self,
        number: &Phone,
        address: carteiro_core::chat::Address,
    ) -> Result<Recipient, ApiError> {
        recipient(self.chats.canonical(number, &address).await?)
    }

    /// A message by its id, also where that names a person by the address that the chat is not kept by.
    async fn message(&self, number: &Phone, key: MessageKey) -> Result<Option<Message>, ApiError> {
        if let Some(message) = self.chats.message(number, &key).await? {
            return Ok(Some(message));
        }
        let chat = self.chat_of(number, &key.chat).await?;
        Ok(self.chats.message(number, &MessageKey { chat, ..key }).await?)
    }
}

impl Asked {
    async fn send(
        &self,
        session: &Paired,
        request: SendRequest,
        forwarded: Option<&Message>,
    ) -> Result<v1::Message, ApiError> {
        let app = &self.app;
        let accepted = app.accept.accept(&self.tenant, request, None).await?;
        let send = accepted.send;
        self.story.send(send.id);
        if let Some(error) = accepted.not_queued {
            tracing::warn!(send_id = %send.id, %error, "the send is stored but not queued; a sweep will queue it");
        }
        // It is accepted: that its sender's name is not known is no reason to answer that it failed.
        let people = match app.people(&session.number, [&sent::own(&session.number)]).await {
            Ok(people) => people,
            Err(error) => {
                tracing::warn!(%error, "a message is answered without its sender's name");
                People::none()
            }
        };
        let own = people.at(&sent::own(&session.number)).and_then(|own| own.push_name.clone());
        // Where the chat is kept by the number's other form, so is the message.
        let asked = send.to.address();
        let chat = app.chat_of(&session.number, &asked).await.unwrap_or(asked);
        let message = sent::message(&send, chat, forwarded, own.as_deref());
        Ok(v1::Message::new(&message, &session.number, &people))
    }

    async fn send_file(
        &self,
        DocForm(form): DocForm,
        kind: FileKind,
        message: &'static str,
    ) -> Result<Json<SentFile>, ApiError> {
        let field =
            |field: &str| form.fields.get(field).and_then(Value::as_str).filter(|text| !text.is_empty());
        let numero = field("numero").ok_or_else(|| ApiError::missing("numero"))?;
        let file = form.file.as_ref().ok_or_else(|| ApiError::missing("doc"))?;
        let to = address(numero, field("tipo") == Some("group"))?;
        let session = self.linked().await?;
        let to = self.app.recipient(&session.number, to).await?;
        let (bytes, called) = (file.bytes.clone(), file.name.as_deref());
        let size = bytes.len();
        let request = SendRequest::file(session.number.clone(), to, kind, bytes, called, field("caption"))?;
        let resp = self.send(&session, request, None).await?;
        let called = called.and_then(FileName::sanitised);
        Ok(Json(SentFile {
            sent: Sent { success: true, message },
            file: TakenFile {
                fieldname: "doc",
                mimetype: kind.mime(called.as_ref()).to_owned(),
                originalname: called,
                size,
            },
            numero: numero.to_owned(),
            resp: v1::Message { size: u64::try_from(size).ok(), ..resp },
        }))
    }
}

/// What is answered to who sends a voice note.
#[derive(Serialize)]
pub(crate) struct Sent {
    success: bool,
    message: &'static str,
}

/// What is answered to who sends a file.
#[derive(Serialize)]
pub(crate) struct SentFile {
    #[serde(flatten)]
    sent: Sent,
    file: TakenFile,
    numero: String,
    resp: v1::Message,
}

/// A file as it was taken from the form.
#[derive(Serialize)]
struct TakenFile {
    fieldname: &'static str,
    #[serde(serialize_with = "as_text")]
    originalname: Option<FileName>,
    mimetype: String,
    size: usize,
}

fn as_text<S: Serializer>(name: &Option<FileName>, serializer: S) -> Result<S::Ok, S::Error> {
    name.as_ref().map(FileName::as_str).serialize(serializer)
}
