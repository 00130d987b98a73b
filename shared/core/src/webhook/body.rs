//! What is posted.

use super::event::{Event, EventKind};
use super::form::form;
use super::receiver::WebhookFormat;
use serde::Serialize;
use serde_json::{Value, json};
use std::borrow::Cow;

/// Draws a text as a QR, as a PNG in a data URI; `None` when it cannot be drawn.
pub type DrawQr = fn(&str) -> Option<String>;

/// A body and how it is written.
#[derive(Clone, PartialEq, Eq)]
pub struct Body {
    /// Its `Content-Type`.
    pub content_type: &'static str,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// The contract's body.
#[derive(Serialize)]
struct Told<'a> {
    tipo: EventKind,
    sessao: &'a str,
    json: &'a Value,
}

/// The body that tells of an event. A new QR gets its picture here, so that it is drawn and carried only where it is wanted.
pub fn body(event: &Event, format: WebhookFormat, draw: DrawQr) -> Body {
    let json = with_picture(event, draw);
    let sessao = event.origin.shown();
    let bytes = match format {
        // What the value is made of always serialises.
        WebhookFormat::Json => {
            serde_json::to_vec(&Told { tipo: event.kind, sessao, json: &json }).unwrap_or_default()
        }
        WebhookFormat::Form => {
            let (tipo, sessao) = (json!(event.kind), json!(sessao));
            form([("tipo", &tipo), ("sessao", &sessao), ("json", &json)]).into_bytes()
        }
    };
    Body { content_type: format.content_type(), bytes }
}

fn with_picture(event: &Event, draw: DrawQr) -> Cow<'_, Value> {
    let raw = event.json.get("qrCode").and_then(Value::as_str).filter(|_| event.kind == EventKind::QrCode);
    match raw {
        None => Cow::Borrowed(&event.json),
        Some(raw) => {
            let mut json = event.json.clone();
            json["qrCodeB64"] = draw(raw).map_or(Value::Null, Value::String);
            Cow::Owned(json)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::EventId;
    use crate::webhook::Origin;
    use jiff::Timestamp;

    fn event(kind: EventKind, json: Value) -> Event {
        Event {
            id: EventId::from_random([1; 16]),
            kind,
            origin: Origin { session: Some("Recepção 1".parse().unwrap()), number: None },
            json,
            at: Timestamp::UNIX_EPOCH,
        }
    }

    fn text(event: &Event, format: WebhookFormat) -> String {
        String::from_utf8(body(event, format, |text| Some(format!("data:{text}"))).bytes).unwrap()
    }

    #[test]
    fn the_members_stand_in_the_contracts_order() {
        let event = event(EventKind::StatusChanged, json!({"message": "CONNECTED"}));
        assert_eq!(
            text(&event, WebhookFormat::Json),
            r#"{"tipo":"statusMudou","sessao":"Recepção 1","json":{"message":"CONNECTED"}}"#
        );
        assert_eq!(
            text(&event, WebhookFormat::Form),
            "tipo=statusMudou&sessao=Recep%C3%A7%C3%A3o%201&json%5Bmessage%5D=CONNECTED"
        );
    }

    #[test]
    fn a_qr_gets_its_picture_and_nothing_else_does() {
        let drawn = text(&event(EventKind::QrCode, json!({"qrCode": "2@a"})), WebhookFormat::Json);
        assert!(drawn.ends_with(r#""json":{"qrCode":"2@a","qrCodeB64":"data:2@a"}}"#), "{drawn}");
        let other = text(&event(EventKind::MessageReceived, json!({"qrCode": "x"})), WebhookFormat::Json);
        assert!(!other.contains("qrCodeB64"), "{other}");
    }
}
