//! Tests of reading requests.

use super::*;
use proptest::prelude::*;
use serde_json::json;

fn body() -> Value {
    json!({ "from_number": "+55 (11) 98888-7777", "to_number": "5511966665555@c.us", "media_type": "text", "content": "Olá" })
}

/// A request for a file.
fn media(media_type: &str, field: &str, source: &str) -> Value {
    let mut body =
        json!({ "from_number": "5511988887777", "to_number": "5511966665555", "media_type": media_type });
    body[field] = json!(source);
    body
}

/// The body with one field changed; null takes it away.
fn with(mut body: Value, field: &str, value: Value) -> Value {
    body[field] = value;
    body
}

fn parse(body: &Value) -> Result<SendRequest, Problem> {
    SendRequest::parse(body.as_object().unwrap())
}

fn file(request: SendRequest) -> File {
    let Content::File(file) = request.content else { panic!("a file") };
    file
}

fn form(fields: &Value, name: Option<&str>, bytes: &'static [u8]) -> Result<SendRequest, Problem> {
    let file = FormFile { name: name.map(str::to_owned), bytes: Bytes::from_static(bytes) };
    SendRequest::parse_form(fields.as_object().unwrap(), Some(file))
}

fn code<T: std::fmt::Debug>(result: Result<T, Problem>) -> Code {
    result.unwrap_err().code()
}

#[test]
fn reads_a_text() {
    let request = parse(&body()).unwrap();
    assert_eq!(request.from.digits(), "5511988887777");
    assert_eq!(request.to.to_string(), "5511966665555");
    assert_eq!(request.content, Content::Text(Text::parse("Olá".into()).unwrap()));
}

#[test]
fn names_what_is_absent() {
    for field in ["from_number", "to_number", "media_type", "content"] {
        let problem = parse(&with(body(), field, Value::Null)).unwrap_err();
        assert_eq!(problem.code(), Code::MissingParameter, "{field}");
        assert!(problem.description().contains(field), "{field}");
    }
    let problem = parse(&with(body(), "media_type", json!("image"))).unwrap_err();
    assert_eq!((problem.code(), problem.description().contains("media_url")), (Code::MissingParameter, true));
    let fields = media("image", "caption", "x");
    for field in ["from_number", "to_number", "media_type"] {
        let problem = form(&with(fields.clone(), field, Value::Null), None, b"x").unwrap_err();
        assert_eq!((problem.code(), problem.description().contains(field)), (Code::MissingParameter, true));
    }
    let problem = SendRequest::parse_form(fields.as_object().unwrap(), None).unwrap_err();
    assert_eq!((problem.code(), problem.description().contains("file")), (Code::MissingParameter, true));
}

#[test]
fn absent_comes_before_invalid() {
    let body = json!({ "from_number": "x", "media_type": "text", "content": "" });
    assert_eq!(code(parse(&body)), Code::MissingParameter);
    let body = json!({ "from_number": "x", "to_number": "x", "media_type": "image" });
    assert_eq!(code(parse(&body)), Code::MissingParameter);
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
        let problem = parse(&with(body(), field, value)).unwrap_err();
        assert_eq!(problem.code(), code, "{field}");
        assert!(problem.description().starts_with(field), "{field}: {}", problem.description());
    }
    let group = parse(&with(body(), "to_number", json!("120363000000000000@g.us"))).unwrap_err();
    assert!(group.description().contains("grupos"));
}

#[test]
fn reads_each_kind_of_file_by_its_address() {
    for kind in FileKind::ALL {
        let body =
            media(kind.media_type().as_str(), "media_url", "https://exemplo.com/pasta/nota%20de%20maio.pdf");
        let body = with(with(body, "caption", json!("Olá")), "upload_id", Value::Null);
        let read = file(parse(&body).unwrap());
        assert_eq!((read.kind, read.caption), (kind, Caption::parse("Olá").unwrap()));
        assert!(matches!(read.source, Source::Url(url) if url.as_str().starts_with("https://exemplo.com/")));
        let name = read.name.as_ref().map(FileName::as_str);
        assert_eq!(
            name,
            (kind == FileKind::Document).then_some("nota de maio.pdf"),
            "recipients see a document's name"
        );
        let named = file(parse(&with(body, "file_name", json!("../fatura.pdf"))).unwrap());
        assert_eq!(named.name, FileName::sanitised("fatura.pdf"));
    }
}

#[test]
fn reads_an_upload_by_its_id() {
    let id = UploadId::from_random([1; 16]);
    let body = media("video", "upload_id", &id.to_string());
    assert_eq!(file(parse(&body).unwrap()).source, Source::Upload(id));
    for none in ["", "x", "../../exports", "00000000-0000-0000-0000-00000000000"] {
        assert_eq!(code(parse(&media("video", "upload_id", none))), Code::UploadNotFound, "{none}");
    }
    assert_eq!(code(parse(&with(body.clone(), "upload_id", json!(1)))), Code::InvalidParameter);
    let both = with(body, "media_url", json!("https://exemplo.com/a"));
    assert_eq!(code(parse(&both)), Code::InvalidParameter, "which of the two was meant?");
}

#[test]
fn checks_files_as_far_as_it_can() {
    for url in [
        "",
        "http://exemplo.com/a.jpg",
        "https://",
        "https://eu:x@exemplo.com/a",
        "https://exemplo.com:8443/",
    ] {
        let problem = parse(&media("image", "media_url", url)).unwrap_err();
        assert_eq!(problem.code(), Code::InvalidMediaUrl, "{url}");
        assert!(problem.description().starts_with("media_url"));
    }
    let image = || media("image", "media_url", "https://exemplo.com/a");
    for (field, value, expected) in [
        ("media_url", json!(["https://exemplo.com/a"]), Code::InvalidMediaUrl),
        ("caption", json!(1), Code::InvalidCaption),
        ("caption", json!("é".repeat(1_025)), Code::InvalidCaption),
        ("file_name", json!({}), Code::InvalidParameter),
    ] {
        assert_eq!(code(parse(&with(image(), field, value))), expected, "{field}");
    }
    let blank = with(with(image(), "caption", json!(" ")), "file_name", json!("..."));
    let read = file(parse(&blank).unwrap());
    assert_eq!((read.caption, read.name), (None, None));
}

#[test]
fn a_file_of_a_form_is_an_upload_named_by_its_content() {
    let fields = media("document", "caption", "Segue");
    let request = form(&fields, Some("..\\..\\nota.pdf"), b"%PDF").unwrap();
    assert_eq!(request.attached, Some(Attached(Bytes::from_static(b"%PDF"))));
    let read = file(request.clone());
    assert_eq!(read.source, Source::Upload(UploadId::of_content(b"%PDF")));
    assert_eq!(
        (read.name, read.caption),
        (FileName::sanitised("nota.pdf"), Caption::parse("Segue").unwrap())
    );
    assert_ne!(form(&fields, Some("nota.pdf"), b"%PDF-").unwrap().hash(), request.hash());
    assert_ne!(form(&fields, Some("nota2.pdf"), b"%PDF").unwrap().hash(), request.hash());
    assert_eq!(form(&fields, Some("nota.pdf"), b"%PDF").unwrap().hash(), request.hash());
    let named = form(&with(fields.clone(), "file_name", json!("fatura.pdf")), Some("blob"), b"x").unwrap();
    assert_eq!(file(named).name, FileName::sanitised("fatura.pdf"));
    assert_eq!(code(form(&fields, None, b"")), Code::InvalidFile);
    assert_eq!(code(form(&with(fields, "media_type", json!("text")), None, b"x")), Code::InvalidMediaType);
}

#[test]
fn lengths_have_bounds_by_kind() {
    for kind in FileKind::ALL {
        assert_eq!(check_length(kind, 0).unwrap_err().code(), Code::InvalidFile);
        assert!(check_length(kind, kind.max_bytes()).is_ok());
        let problem = check_length(kind, kind.max_bytes() + 1).unwrap_err();
        assert_eq!(problem.code(), Code::PayloadTooLarge);
        assert!(problem.description().contains(kind.media_type().as_str()));
    }
}

#[test]
fn the_hash_is_of_what_was_understood() {
    let hash = parse(&body()).unwrap().hash();
    assert_eq!(hash, parse(&with(body(), "from_number", json!("5511988887777"))).unwrap().hash());
    assert_eq!(hash, parse(&with(body(), "caption", json!("sem uso"))).unwrap().hash());
    for (field, value) in
        [("from_number", "5511988887778"), ("to_number", "5511966665556"), ("content", "Olá!")]
    {
        assert_ne!(hash, parse(&with(body(), field, json!(value))).unwrap().hash(), "{field}");
    }
}

proptest! {
    #[test]
    fn no_body_makes_it_panic(
        from in ".{0,20}", to in ".{0,20}", media in "image|video|.{0,9}", text in ".{0,20}", name in ".{0,9}",
    ) {
        let fields = json!({ "from_number": from, "to_number": to, "media_type": media, "content": text,
                             "media_url": text, "caption": text, "file_name": name });
        let _ = parse(&fields);
        let _ = parse(&with(fields.clone(), "upload_id", json!(text)));
        let file = FormFile { name: Some(name), bytes: Bytes::from(text.into_bytes()) };
        let _ = SendRequest::parse_form(fields.as_object().unwrap(), Some(file));
    }
}

#[test]
fn a_time_has_an_offset() {
    let expires = |value: Value| parse(&with(body(), "expires_at", value)).map(|r| r.schedule.expires_at);
    let at = "2026-11-22T13:00:00Z".parse().unwrap();
    for text in ["2026-11-22T10:00:00-03:00", "2026-11-22T13:00:00Z", " 2026-11-22T13:00:00.000+00:00 "] {
        assert_eq!(expires(json!(text)), Ok(Some(at)), "{text}");
    }
    assert_eq!(expires(Value::Null), Ok(None));
    for bad in [
        json!("2026-11-22T10:00:00"),
        json!("22/11/2026 10:00:00"),
        json!(""),
        json!(1_790_000_000),
        json!({}),
    ] {
        assert_eq!(code(expires(bad.clone())), Code::InvalidExpiresAt, "{bad}");
    }
}
