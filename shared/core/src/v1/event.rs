//! What webhooks tell in `json`, for each `tipo`.

use super::{Me, Message, People, Signal, State};
use crate::chat;
use crate::phone::Phone;
use serde_json::{Value, json};

/// Of `statusMudou`: a state.
pub fn state(state: State) -> Value {
    json!({"message": state.as_str()})
}

/// Of `statusMudou`: something that happened.
pub fn signal(signal: Signal) -> Value {
    json!({"message": signal.as_str()})
}

/// Of `recebendoMensagem` and `atualizarMensagem`: a message of the number `me`.
pub fn message(message: &chat::Message, me: &Phone, people: &People) -> Value {
    rendered(&Message::new(message, me, people))
}

/// Of `ativandoSincronizacao`: the number, as `/me` shows it.
pub fn syncing(me: &Me) -> Value {
    rendered(me)
}

/// Of `AlterarStatusNumero`: the session was logged out.
pub fn logged_out() -> Value {
    json!({"message": "deletado"})
}

/// Of `qrcode`: the text that the QR carries. Its picture, `qrCodeB64`, is put in when it is delivered.
pub fn qrcode(text: &str) -> Value {
    json!({"qrCode": text})
}

fn rendered(of: &impl serde::Serialize) -> Value {
    // Structs of texts, numbers and lists always serialise.
    serde_json::to_value(of).unwrap_or(Value::Null)
}
