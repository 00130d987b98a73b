//! What a client asks for at `POST /v2/sends`.

use crate::error::{Code, Problem};
use crate::media::MediaType;
use crate::phone::Phone;
use crate::send::{RequestHash, Text};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::borrow::Cow;

/// A request to send, as far as it can be checked by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendRequest {
    /// The number to send from.
    pub from: Phone,
    /// The number to send to.
    pub to: Phone,
    /// What to send.
    pub content: Content,
}

/// What a request wants sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A text.
    Text(Text),
    /// A file to be fetched. Its media type is never [`MediaType::Text`].
    Media(MediaType),
}

impl Content {
    /// Its media type.
    pub fn media_type(&self) -> MediaType {
        match self {
            Content::Text(_) => MediaType::Text,
            Content::Media(kind) => *kind,
        }
    }
}

impl SendRequest {
    /// Reads the body of a request. Fields that the media type has no use for are not looked at.
    ///
    /// # Errors
    /// [`Code::MissingParameter`] naming the first field that is absent (or null), before any that says that a field is
    /// there but invalid.
    pub fn parse(body: &Map<String, Value>) -> Result<Self, Problem> {
        let from = required(body, "from_number")?;
        let to = required(body, "to_number")?;
        let media_type = text("media_type", required(body, "media_type")?, Code::InvalidMediaType)?;
        let media_type: MediaType = media_type.parse().map_err(|_| {
            refuse(Code::InvalidMediaType, "media_type: use text, image, audio, document ou video.")
        })?;
        let content = required(body, if media_type == MediaType::Text { "content" } else { "media_url" })?;
        Ok(Self {
            from: phone("from_number", from)?,
            to: phone("to_number", to)?,
            content: match media_type {
                MediaType::Text => Content::Text(parse_text(content)?),
                media => {
                    check_media(content, body.get("caption"))?;
                    Content::Media(media)
                }
            },
        })
    }

    /// The hash by which a repeated request is told from another one under the same `Idempotency-Key`. It is of what was
    /// understood: spelling a phone number with or without `+` makes no other request.
    pub fn hash(&self) -> RequestHash {
        let content = match &self.content {
            Content::Text(text) => text.as_str(),
            Content::Media(_) => "",
        };
        // No part but the last can hold a NUL, so two requests never run together to the same bytes.
        let head = [
            "carteiro/send-request/1",
            self.from.digits(),
            self.to.digits(),
            self.content.media_type().as_str(),
        ];
        let mut digest = Sha256::new();
        for part in head {
            digest.update(part);
            digest.update([0]);
        }
        RequestHash(hex::encode(digest.chain_update(content).finalize()))
    }
}

fn refuse(code: Code, detail: impl Into<Cow<'static, str>>) -> Problem {
    Problem::new(code).because(detail)
}

fn required<'a>(body: &'a Map<String, Value>, field: &'static str) -> Result<&'a Value, Problem> {
    match body.get(field) {
        None | Some(Value::Null) => {
            Err(refuse(Code::MissingParameter, format!("O parâmetro {field} é obrigatório.")))
        }
        Some(value) => Ok(value),
    }
}

fn text<'a>(field: &'static str, value: &'a Value, otherwise: Code) -> Result<&'a str, Problem> {
    value.as_str().ok_or_else(|| refuse(otherwise, format!("{field}: deve ser um texto.")))
}

fn phone(field: &'static str, value: &Value) -> Result<Phone, Problem> {
    let value = text(field, value, Code::InvalidPhone)?;
    value.parse().map_err(|_| {
        let address = value.trim();
        let detail = if address.ends_with("@g.us") || address.ends_with("@lid") {
            format!("{field}: grupos (@g.us) e endereços @lid não são aceitos; envie um número de telefone.")
        } else {
            format!("{field}: {}", Code::InvalidPhone.remedy())
        };
        refuse(Code::InvalidPhone, detail)
    })
}

fn parse_text(value: &Value) -> Result<Text, Problem> {
    let value = text("content", value, Code::InvalidContent)?;
    Text::parse(value.to_owned())
        .map_err(|_| refuse(Code::InvalidContent, format!("content: {}", Code::InvalidContent.remedy())))
}

/// The address must be an https one; whether it may be fetched is decided when it is.
fn check_media(url: &Value, caption: Option<&Value>) -> Result<(), Problem> {
    let url = text("media_url", url, Code::InvalidParameter)?;
    let host =
        url.strip_prefix("https://").unwrap_or_default().split(['/', '?', '#']).next().unwrap_or_default();
    if host.is_empty() || url.len() > 2_048 || url.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(refuse(
            Code::InvalidParameter,
            "media_url: envie um endereço https de até 2.048 caracteres.",
        ));
    }
    match caption {
        None | Some(Value::Null | Value::String(_)) => Ok(()),
        Some(_) => Err(refuse(Code::InvalidParameter, "caption: deve ser um texto.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn body() -> Value {
        json!({ "from_number": "+55 (11) 98888-7777", "to_number": "5511966665555@c.us", "media_type": "text", "content": "Olá" })
    }

    /// The body with one field changed; null takes it away.
    fn with(field: &str, value: Value) -> Value {
        let mut body = body();
        body[field] = value;
        body
    }

    fn parse(body: &Value) -> Result<SendRequest, Problem> {
        SendRequest::parse(body.as_object().unwrap())
    }

    #[test]
    fn reads_a_text() {
        let request = parse(&body()).unwrap();
        assert_eq!(request.from.digits(), "5511988887777");
        assert_eq!(request.to.digits(), "5511966665555");
        assert_eq!(request.content, Content::Text(Text::parse("Olá".into()).unwrap()));
    }

    #[test]
    fn names_what_is_absent() {
        for field in ["from_number", "to_number", "media_type", "content"] {
            let problem = parse(&with(field, Value::Null)).unwrap_err();
            assert_eq!(problem.code(), Code::MissingParameter, "{field}");
            assert!(problem.description().contains(field), "{field}");
        }
        let problem = parse(&with("media_type", json!("image"))).unwrap_err();
        assert_eq!(
            (problem.code(), problem.description().contains("media_url")),
            (Code::MissingParameter, true)
        );
    }

    #[test]
    fn absent_comes_before_invalid() {
        let body = json!({ "from_number": "x", "media_type": "text", "content": "" });
        assert_eq!(parse(&body).unwrap_err().code(), Code::MissingParameter);
    }

    #[test]
    fn refuses_what_is_invalid() {
        for (field, value, code) in [
            ("from_number", json!("123"), Code::InvalidPhone),
            ("from_number", json!(5_511_988_887_777_u64), Code::InvalidPhone),
            ("to_number", json!(""), Code::InvalidPhone),
            ("to_number", json!(["5511966665555"]), Code::InvalidPhone),
            ("to_number", json!("120363000000000000@g.us"), Code::InvalidPhone),
            ("to_number", json!("100000000000001@lid"), Code::InvalidPhone),
            ("media_type", json!("sticker"), Code::InvalidMediaType),
            ("media_type", json!(true), Code::InvalidMediaType),
            ("content", json!(""), Code::InvalidContent),
            ("content", json!(" \n"), Code::InvalidContent),
            ("content", json!({}), Code::InvalidContent),
            ("content", json!("é".repeat(65_537)), Code::InvalidContent),
        ] {
            let problem = parse(&with(field, value)).unwrap_err();
            assert_eq!(problem.code(), code, "{field}");
            assert!(problem.description().starts_with(field), "{field}: {}", problem.description());
        }
        let group = parse(&with("to_number", json!("120363000000000000@g.us"))).unwrap_err();
        assert!(group.description().contains("grupos"));
    }

    #[test]
    fn checks_media_as_far_as_it_can() {
        let media = |url: &str, caption: Value| {
            let mut body = with("media_type", json!("image"));
            body["media_url"] = json!(url);
            body["caption"] = caption;
            parse(&body)
        };
        assert_eq!(
            media("https://exemplo.com/imagem.jpg", Value::Null).unwrap().content,
            Content::Media(MediaType::Image)
        );
        for url in ["", "http://exemplo.com/a.jpg", "https://", "https:///a", "https://exemplo.com/a b"] {
            assert_eq!(media(url, Value::Null).unwrap_err().code(), Code::InvalidParameter, "{url}");
        }
        assert_eq!(media("https://exemplo.com/a", json!(1)).unwrap_err().code(), Code::InvalidParameter);
    }

    #[test]
    fn the_hash_is_of_what_was_understood() {
        let hash = parse(&body()).unwrap().hash();
        assert_eq!(hash, parse(&with("from_number", json!("5511988887777"))).unwrap().hash());
        assert_eq!(hash, parse(&with("caption", json!("sem uso"))).unwrap().hash());
        for (field, value) in
            [("from_number", "5511988887778"), ("to_number", "5511966665556"), ("content", "Olá!")]
        {
            assert_ne!(hash, parse(&with(field, json!(value))).unwrap().hash(), "{field}");
        }
    }

    proptest! {
        #[test]
        fn no_body_makes_it_panic(from in ".{0,20}", to in ".{0,20}", media in ".{0,9}", content in ".{0,20}") {
            let body = json!({ "from_number": from, "to_number": to, "media_type": media, "content": content });
            let _ = parse(&body);
            let _ = parse(&json!({ "media_type": "video", "media_url": content, "from_number": from, "to_number": to }));
        }
    }
}
